/** What a source file imports and uses, read with the TypeScript compiler's own parser. */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { repositoryFiles, repositoryRoot } from './source-files.ts';

/** One file of src/. */
export interface SourceFile {
  /** Path from the root, e.g. `src/fhir/id.ts`. */
  readonly path: string;
  readonly text: string;
  /** What stands between the quotes of every import, export from and import(); types count too. */
  readonly specifiers: readonly string[];
  /** The imported files of our own, as paths from the root. */
  readonly ownImports: readonly string[];
  readonly readsEnvironment: boolean;
}

/** Reads every TypeScript file of src/. */
export function readSources(): readonly SourceFile[] {
  return repositoryFiles('src')
    .filter((path) => /\.tsx?$/.test(path))
    .map(readSource);
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(repositoryRoot, path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const specifiers: string[] = [];
  let readsEnvironment = false;
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) {
      specifiers.push(specifier);
    }
    readsEnvironment ||= isEnvironment(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  const ownImports = specifiers
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier));
  return { path, text, specifiers, ownImports, readsEnvironment };
}

function specifierOf(node: ts.Node): string | undefined {
  const named = (part: ts.Node | undefined) => (part && ts.isStringLiteral(part) ? part.text : undefined);
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return named(node.moduleSpecifier);
  }
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? named(node.argument.literal) : undefined;
  }
  const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isDynamic ? named(node.arguments[0]) : undefined;
}

function isEnvironment(node: ts.Node): boolean {
  return ts.isPropertyAccessExpression(node) && node.getText().replaceAll(/\s/g, '') === 'process.env';
}

/**
 * Finds import cycles.
 *
 * @returns each cycle as the paths in it, the first repeated at the end; empty when there is none
 */
export function importCycles(files: readonly SourceFile[]): readonly (readonly string[])[] {
  const imports = new Map(files.map(({ path, ownImports }) => [path, ownImports]));
  const finished = new Set<string>();
  const cycles: (readonly string[])[] = [];
  const walk = (path: string, above: readonly string[]): void => {
    if (above.includes(path)) {
      cycles.push([...above.slice(above.indexOf(path)), path]);
      return;
    }
    if (!finished.has(path)) {
      imports.get(path)?.forEach((next) => walk(next, [...above, path]));
      finished.add(path);
    }
  };
  files.forEach(({ path }) => walk(path, []));
  return cycles;
}
