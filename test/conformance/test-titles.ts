/** The titles of a test file, read from its source, and whether a title that someone names is one of them. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

export interface TestTitles {
  readonly source: string;
  /** Every `describe` and `it` with the describes around it; `%s` and `$name` where a table fills it in. */
  readonly full: readonly string[];
}

const NAMES = new Set(['describe', 'it', 'test']);

export function readTitles(path: string): TestTitles {
  const source = readFileSync(path, 'utf8');
  const full: string[] = [];
  const visit = (node: ts.Node, around: string): void => {
    const title = titleOf(node);
    if (title !== undefined) {
      full.push(`${around}${title}`);
    }
    ts.forEachChild(node, (child) => visit(child, title === undefined ? around : `${around}${title} `));
  };
  visit(ts.createSourceFile(path, source, ts.ScriptTarget.Latest), '');
  return { source, full };
}

/** The title in `it('…', …)`, also in `it.each(…)('…', …)`. */
function titleOf(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || node.arguments.length < 2 || !NAMES.has(rootOf(node.expression))) {
    return undefined;
  }
  const [title] = node.arguments;
  return title !== undefined && ts.isStringLiteralLike(title) ? title.text : undefined;
}

function rootOf(node: ts.Expression): string {
  if (ts.isIdentifier(node)) {
    return node.text;
  }
  if (ts.isTaggedTemplateExpression(node)) {
    return rootOf(node.tag);
  }
  return ts.isPropertyAccessExpression(node) || ts.isCallExpression(node) ? rootOf(node.expression) : '';
}

/** Whole or in part, with a table's values filled in, or as the text of a table's row. */
export function hasTitle({ full, source }: TestTitles, named: string): boolean {
  return (
    (named.length >= SAYS_ENOUGH &&
      full.some((title) => title.includes(named) || fits(title, named, source))) ||
    [`'${named}'`, `\`${named}\``].some((literal) => source.includes(literal))
  );
}

const SAYS_ENOUGH = 7;
const PLACES = /%[sdij#]|\$[a-z]\w*/;

/** `%s` stands for words of the file; `%j` and `$name` for anything. */
function fits(title: string, named: string, source: string): boolean {
  if (!PLACES.test(title)) {
    return false;
  }
  const places = [...title.matchAll(new RegExp(PLACES, 'g'))].map(([place]) => place);
  const pattern = title
    .replace(/\.$/, '')
    .split(PLACES)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('(.+?)');
  const found = new RegExp(`${pattern}\\.?$`).exec(named);
  const isSaid = (text: string): boolean => text.split(/\s+/).every((word) => source.includes(word));
  return found?.slice(1).every((text, i) => places[i] !== '%s' || isSaid(text)) ?? false;
}
