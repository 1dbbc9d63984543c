/** The rules of docs/architecture.md that a machine can check. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importCycles, readSources, type SourceFile } from './support/imports.ts';
import { foldersIn, repositoryFiles, repositoryRoot } from './support/source-files.ts';

/** A folder may import from those before it. The files directly in src/ and in app/ put everything together and come last. */
const folderOrder = [
  'fhir',
  'content',
  'storage',
  'terminology',
  'validation',
  'search',
  'access',
  'repository',
  'views',
  'sdc',
  'registry',
  'interactions',
  'operations',
  'adapters',
  'smart',
  'rest',
  'web',
];

const sources = readSources();

/** The name by itself or in a longer name, in any spelling: `nkr`, `NKR`, `isNkrForm`, `nkr_form`; not the letters inside a word. */
const namesRegister = (id: string): RegExp =>
  new RegExp(
    `(?<![a-zA-Z])${id}(?![a-z])|(?<![A-Z])${id.toUpperCase()}(?![A-Z])|${id[0]?.toUpperCase()}${id.slice(1)}(?![a-z])`,
  );

describe('The source tree', () => {
  it('has only folders whose place in the import order is known.', () => {
    expect(foldersIn('src').filter((name) => name !== 'app' && !folderOrder.includes(name))).toEqual([]);
  });

  it('imports one way.', () => {
    const upward = sources.flatMap(({ path, ownImports }) =>
      ownImports.filter((imported) => rank(imported) > rank(path)).map((imported) => `${path} → ${imported}`),
    );

    expect(upward).toEqual([]);
  });

  it('has no import cycles.', () => {
    expect(importCycles(sources).map((cycle) => cycle.join(' → '))).toEqual([]);
  });

  it('imports files by their full name, and only such that exist.', () => {
    const missing = sources.flatMap(({ path, ownImports }) =>
      ownImports
        .filter((imported) => !existsSync(join(repositoryRoot, imported)))
        .map((imported) => `${path} → ${imported}`),
    );

    expect(missing).toEqual([]);
  });

  it('has no barrels and no drawers for odds and ends.', () => {
    const drawers = /(^|\/)(index|utils?|helpers?|common|misc)\.tsx?$/;

    expect(sources.map(({ path }) => path).filter((path) => drawers.test(path))).toEqual([]);
  });

  it('knows no register.', () => {
    const known = sources.flatMap(({ path, text }) =>
      foldersIn('registers')
        .filter((register) => namesRegister(register).test(text))
        .map((register) => `${path} names ${register}`),
    );

    expect(known).toEqual([]);
  });

  it.each(['= nkr;', "'nkr'", 'NKR_FORMS', 'isNkrForm', 'nkrForm', 'nkr_form', 'nkr-rygg', 'NKR'])(
    'would know a register by %j.',
    (text) => {
      expect(namesRegister('nkr').test(text)).toBe(true);
      expect(namesRegister('nkr').test('linkRules of shrunkRows')).toBe(false);
    },
  );

  it('starts every interaction and every operation with its page of the specification.', () => {
    const without = sources
      .filter(({ path }) => /^src\/(interactions|operations)\/[^/]+\.ts$/.test(path))
      .filter(({ text }) => !/^\/\*\*?[^]*?https?:\/\/[^]*?\*\//.test(text))
      .map(({ path }) => path);

    expect(without).toEqual([]);
  });
});

describe('What a part may know', () => {
  it.each([
    ['Express', 'express', /^src\/((smart|rest|web|app)\/|app\.ts$)/],
    ['React', 'react', /^src\/web\//],
    ['react-dom', 'react-dom', /^src\/web\//],
    ['Aksel', '@navikt/ds-react', /^src\/web\/ui\/aksel\.ts$/],
    ['fhirpath.js', 'fhirpath', /^src\/fhir\/path\.ts$/],
  ])('keeps %s in its place.', (_name, library, place) => {
    expect(importersOf(library).filter((path) => !place.test(path))).toEqual([]);
  });

  it('writes raw HTML in the one place where React draws it twice.', () => {
    const writers = sources
      .filter(({ text }) =>
        /dangerouslySetInnerHTML|\.(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write/.test(text),
      )
      .map(({ path }) => path);

    expect(writers).toEqual(['src/web/forms/form-island.tsx']);
  });

  it('reads the environment in src/config.ts only.', () => {
    const readers = sources.filter(({ readsEnvironment }) => readsEnvironment).map(({ path }) => path);

    expect(readers.filter((path) => path !== 'src/config.ts')).toEqual([]);
  });
});

describe('The dependencies', () => {
  const manifest = JSON.parse(readText('package.json')) as Record<string, Record<string, string>>;
  const names = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.keys(manifest[kind] ?? {}),
  );

  it('each have a line that says why in docs/dependencies.md.', () => {
    const text = readText('docs/dependencies.md');

    expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it('are pinned to one version.', () => {
    const versions = Object.values({ ...manifest['dependencies'], ...manifest['devDependencies'] });

    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('are those that src/ imports.', () => {
    const runtime = Object.keys(manifest['dependencies'] ?? {});
    const imported = new Set(sources.flatMap(({ path, specifiers }) => packagesOf(path, specifiers)));

    expect([...imported].filter((name) => !runtime.includes(name))).toEqual([]);
  });

  it('are locked without the address of any package registry.', () => {
    const lock = JSON.parse(readText('package-lock.json')) as {
      packages: Record<string, { resolved?: string }>;
    };
    const addressed = Object.entries(lock.packages).filter(([, { resolved }]) =>
      /^https?:/.test(resolved ?? ''),
    );

    expect(addressed.map(([name]) => name)).toEqual([]);
  });
});

describe('The repository', () => {
  it('names no package registry and no folder of the machine it was made on.', () => {
    const registries = ['npmjs', 'yarnpkg'].map((name) => `registry.${name}.`);
    const folders = ['main', 'shared'].map((name) => ['', 'work', name].join('/'));
    const files = repositoryFiles().filter((path) => isText(path) && path !== 'package-lock.json');
    const naming = files.filter((path) => {
      const text = readText(path);
      return [...registries, ...folders].some((word) => text.includes(word));
    });

    expect(naming).toEqual([]);
  });
});

function rank(path: string): number {
  const [top, folder, ...rest] = path.split('/');
  const isInFolder = top === 'src' && folder !== 'app' && rest.length > 0;
  return isInFolder ? folderOrder.indexOf(folder ?? '') : folderOrder.length;
}

function importersOf(library: string): readonly string[] {
  const isOf = (specifier: string) => specifier === library || specifier.startsWith(`${library}/`);
  return sources.filter(({ specifiers }) => specifiers.some(isOf)).map(({ path }) => path);
}

/** The packages that a file needs when it runs: not those that only give it types. */
function packagesOf(path: string, specifiers: SourceFile['specifiers']): readonly string[] {
  return specifiers
    .filter((specifier) => !/^(\.|node:)/.test(specifier))
    .map((specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'))
    .filter((name) => !(path === 'src/fhir/types.ts' && name === '@medplum/fhirtypes'));
}

function readText(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8');
}

function isText(path: string): boolean {
  return /\.(ts|tsx|js|mjs|mts|json|md|sql|yml|yaml|txt|css|html)$|^\.ci\/|^\.[a-z]+$/.test(path);
}
