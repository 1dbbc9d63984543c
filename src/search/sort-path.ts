/**
 * Sorting by tokens, references and uris, of which the index keeps hashes alone: where their texts stand in the content,
 * as SQL/JSON paths. https://hl7.org/fhir/R4/search.html#sort
 */
import type { Parameter } from './parameters.ts';

/** Below the element: what its text is, by the types that such a parameter may select. `[*]` is the text itself, also out of a list. */
const LEAVES: Readonly<Record<string, readonly string[]>> = {
  token: ['[*]', '.coding.code', '.code', '.value'],
  reference: ['[*]', '.reference', '.identifier.value'],
  uri: ['[*]'],
};

/** Paths of a parameter's texts; undefined when it has none, or an expression that is more than a path. */
export function sortPaths({ type, base, expression }: Parameter): readonly string[] | undefined {
  const leaves = LEAVES[type];
  const elements = expression.split(' | ').map((branch) => elementPath(branch.trim(), base));
  return leaves === undefined || elements.some((element) => element === undefined)
    ? undefined
    : elements.flatMap((element) => leaves.map((leaf) => `${element as string}${leaf}`));
}

const REWRITES: readonly (readonly [RegExp, string | ((...parts: string[]) => string)])[] = [
  [/^\((.*)\)$/, '$1'],
  [/\.where\(resolve\(\) is ([A-Za-z]+)\)/g, '?(@.reference starts with "$1/")'],
  [/\.where\(([a-z]+) ?= ?'([a-z]+)'\)/g, '?(@.$1 == "$2")'],
  [
    /(?: as |\.as\(|\.ofType\()([A-Za-z])([A-Za-z]*)\)?/g,
    (_, first, rest) => `${first.toUpperCase()}${rest}`,
  ],
];

const PATH = /^\$(\.[A-Za-z]+(\?\(@\.[a-z]+ (==|starts with) "[A-Za-z]+\/?"\))?)+$/;

function elementPath(branch: string, base: string): string | undefined {
  const rewritten = REWRITES.reduce(
    (text, [pattern, by]) => (typeof by === 'string' ? text.replace(pattern, by) : text.replace(pattern, by)),
    branch,
  );
  const path = rewritten.replace(new RegExp(`^(${base}|Resource|DomainResource)\\.`), '$.');
  return PATH.test(path) ? path : undefined;
}
