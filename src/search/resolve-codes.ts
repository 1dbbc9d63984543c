/**
 * `:in`, `:not-in`, `:above` and `:below` of codes: terminology says which codes are meant, search then looks for these.
 * https://hl7.org/fhir/R4/search.html#modifiers
 */
import { FhirError, error } from '../fhir/outcome.ts';
import type { CodeExpander, Codes } from '../terminology/terminology.ts';
import { clip, unsupported } from './parse-name.ts';
import type { Criterion, MatchCriterion, Modifier, TokenValue, UriValue } from './tree.ts';

/**
 * The same criteria with codes in place of value sets and hierarchies, on both sides of links. Throws FhirError 400:
 * `not-found` for a value set or code that is not known, `too-costly` for one of too many codes.
 */
export async function resolveCodes(
  criteria: readonly Criterion[],
  codes: CodeExpander | undefined,
): Promise<readonly Criterion[]> {
  const resolved: Criterion[] = [];
  for (const criterion of criteria) {
    resolved.push(hasCodes(criterion) ? await resolve(criterion, codes) : criterion);
  }
  return resolved;
}

const ASKED: ReadonlySet<Modifier | undefined> = new Set<Modifier>(['in', 'not-in', 'above', 'below']);

const asksForCodes = ({ parameter, modifier }: MatchCriterion): boolean =>
  ASKED.has(modifier) && parameter.type === 'token';

function hasCodes(criterion: Criterion): boolean {
  switch (criterion.kind) {
    case 'match':
      return asksForCodes(criterion);
    case 'chain':
      return criterion.targets.some((target) => hasCodes(target.criterion));
    case 'has':
    case 'not':
      return hasCodes(criterion.criterion);
    case 'and':
    case 'or':
      return criterion.criteria.some(hasCodes);
    default:
      return false;
  }
}

async function resolve(criterion: Criterion, codes: CodeExpander | undefined): Promise<Criterion> {
  switch (criterion.kind) {
    case 'match':
      return asksForCodes(criterion) ? resolveMatch(criterion, codes) : criterion;
    case 'chain': {
      const [...targets] = criterion.targets;
      const inner = await resolveCodes(
        targets.map((target) => target.criterion),
        codes,
      );
      return {
        ...criterion,
        targets: targets.map((target, index) => ({ ...target, criterion: inner[index] as Criterion })),
      };
    }
    case 'has':
    case 'not':
      return { ...criterion, criterion: await resolve(criterion.criterion, codes) };
    case 'and':
    case 'or':
      return { ...criterion, criteria: await resolveCodes(criterion.criteria, codes) };
    default:
      return criterion;
  }
}

async function resolveMatch(
  criterion: MatchCriterion,
  codes: CodeExpander | undefined,
): Promise<MatchCriterion> {
  const { parameter, modifier } = criterion;
  if (codes === undefined) {
    throw unsupported(`The modifier :${modifier ?? ''} is not available: no terminology is loaded.`);
  }
  const values: TokenValue[] = [];
  for (const value of criterion.values as readonly (TokenValue | UriValue)[]) {
    const found = await expand(codes, modifier, value);
    values.push(...requireCodes(found, `${parameter.code}:${modifier ?? ''}`));
  }
  return { ...criterion, modifier: modifier === 'not-in' ? 'not' : undefined, values };
}

function expand(
  codes: CodeExpander,
  modifier: Modifier | undefined,
  value: TokenValue | UriValue,
): Promise<Codes> {
  if (value.type === 'uri') {
    return codes.expandCodes(value.uri);
  }
  const { system = '', code = '' } = value;
  return modifier === 'below' ? codes.descendants(system, code) : codes.ancestors(system, code);
}

function requireCodes(found: Codes, name: string): readonly TokenValue[] {
  if (found.kind === 'codes') {
    return found.codes.map(({ system, code }) => ({ type: 'token', system, code }));
  }
  throw found.kind === 'unknown'
    ? refusal('not-found', `${name}: ${clip(found.what)} is not known here, so no codes can be looked for.`)
    : refusal(
        'too-costly',
        `${name} stands for more than ${found.limit} codes. Name a narrower value set, or a code further down.`,
      );
}

const refusal = (code: 'not-found' | 'too-costly', diagnostics: string): FhirError =>
  new FhirError(400, error(code, diagnostics, undefined, 'search-codes'));
