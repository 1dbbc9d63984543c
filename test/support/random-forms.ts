/** Forms filled in at random, as people could fill them in: every answer allowed, every rule kept. */
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../../src/fhir/types.ts';
import type { Answer } from '../../src/sdc/answer.ts';
import { recalculate } from '../../src/sdc/calculate.ts';
import { finalise } from '../../src/sdc/clean.ts';
import type { FormContext } from '../../src/sdc/expression.ts';
import type { Form, FormItem } from '../../src/sdc/form-types.ts';
import { writeAnswers } from '../../src/sdc/rewrite-response.ts';
import { toAnswers } from '../../src/sdc/to-answers.ts';
import { type FormNode, hasRows, walk } from '../../src/sdc/tree.ts';
import { validateResponse } from '../../src/sdc/validate-response.ts';
import { viewForm } from '../../src/sdc/visibility.ts';

/** In [0, 1), the same row of numbers for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Answers that are given beforehand, by linkId: dates that must follow each other. */
export type Given = Readonly<Record<string, unknown>>;

const TRIES = 200;
const ROUNDS = 8;

/** A form that can be locked. Throws when none was found. */
export function fillAtRandom(
  form: Form,
  head: Omit<QuestionnaireResponse, 'item'>,
  context: FormContext,
  random: () => number,
  given: Given = {},
): QuestionnaireResponse {
  let problems: readonly string[] = [];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const filled = finalise(form, oneTry(form, head, context, random, given), context);
    problems = validateResponse(form, filled, 'final', context)
      .filter(({ severity }) => severity === 'error')
      .map(({ rule, diagnostics }) => `${rule ?? ''} ${diagnostics}`);
    if (problems.length === 0) {
      return filled;
    }
  }
  throw new Error(`${form.canonical} could not be filled in: ${problems.join('; ')}`);
}

function oneTry(
  form: Form,
  head: Omit<QuestionnaireResponse, 'item'>,
  context: FormContext,
  random: () => number,
  given: Given,
): QuestionnaireResponse {
  let response: QuestionnaireResponse = { ...head, item: rowsOf(form.items, random) };
  const asked = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    response = recalculate(form, response, context);
    const view = viewForm(form, response, context);
    const open = [...walk(view.roots)].filter(
      (node) =>
        isAskable(node.item) && !asked.has(node.path) && view.isEnabled(node) && node.answers.length === 0,
    );
    if (open.length === 0) {
      break;
    }
    open.forEach(({ path }) => asked.add(path));
    const changes = new Map(open.map((node) => [node.path, answersFor(node, random, given)] as const));
    response = writeAnswers(response, view.roots, changes);
  }
  return response;
}

/** Empty rows for the groups that have them; those that turn out not to be asked for are dropped. */
const rowsOf = (items: readonly FormItem[], random: () => number): QuestionnaireResponseItem[] =>
  items.flatMap((item): QuestionnaireResponseItem[] => {
    const below = rowsOf(item.children, random);
    if (!hasRows(item)) {
      return below.length === 0 ? [] : [{ linkId: item.linkId, item: below }];
    }
    const count = 1 + Math.floor(random() * 3);
    return Array.from({ length: count }, () => ({ linkId: item.linkId, item: below }));
  });

const isAskable = (item: FormItem): boolean =>
  item.type !== 'group' &&
  item.type !== 'display' &&
  !item.isReadOnly &&
  !item.isHidden &&
  (item.calculation === undefined || item.calculationMode !== 'fixed');

function answersFor({ item }: FormNode, random: () => number, given: Given): readonly Answer[] {
  if (item.linkId in given) {
    const value = given[item.linkId];
    return toAnswers(item, Array.isArray(value) ? value : [value]);
  }
  const isWanted = item.requiredAt === 'final' || item.requiredAt === 'draft' || random() < 0.7;
  return isWanted ? toAnswers(item, valuesFor(item, random)) : [];
}

function valuesFor(item: FormItem, random: () => number): readonly unknown[] {
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  switch (item.type) {
    case 'boolean':
      return [random() < 0.5];
    case 'integer':
      return [between(Number(item.limits.min ?? 0), Math.min(Number(item.limits.max ?? 20), 20))];
    case 'decimal':
      return [between(1, 200) / 10];
    case 'date':
      return ['2026-03-06'];
    case 'choice':
    case 'open-choice':
      return item.options === undefined ? ['fri tekst; med "tegn"'] : optionsFor(item, random);
    default:
      return [`tekst ${between(1, 99)}; «æøå»\nog "en linje" til`.slice(0, item.limits.maxLength ?? 60)];
  }
}

function optionsFor(item: FormItem, random: () => number): readonly unknown[] {
  const options = (item.options?.list ?? []).filter(({ isSystemOnly }) => !isSystemOnly);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const first = pick(options);
  if (!item.isRepeating || first?.isExclusive === true) {
    return [first?.coding];
  }
  const chosen = options.filter((option) => !option.isExclusive && (option === first || random() < 0.3));
  return chosen.map(({ coding }) => coding);
}
