/**
 * The check that keeps licensed wording out: what a form says at an item of a licensed instrument is a name that is listed, and
 * nothing else, and no sentence stands beside such an item in any other file.
 */
import type { Instrument } from '../../src/content/instrument.ts';
import type { Extension, Questionnaire, QuestionnaireItem } from '../../src/fhir/types.ts';
import { itemCodesIn } from './item-codes.ts';

/** Names that forms use beside the label of the instrument, by code of the item: reviewed, short, our own. */
export type NeutralNames = Readonly<Record<string, readonly string[]>>;

const LONGEST = 30;
const MOST_WORDS = 4;
const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation';

/** Is it a name? Four words at the most, and no sentence. */
export const isName = (text: string): boolean =>
  text.length <= LONGEST && text.split(/\s+/).length <= MOST_WORDS && !/[.?!…]/.test(text);

/** What a form says at items of licensed instruments that is no listed name: `form linkId: text`. */
export function wordingIn(
  questionnaire: Questionnaire,
  licensed: readonly Instrument[],
  names: NeutralNames,
  optionsOf: (valueSet: string) => readonly string[],
): readonly string[] {
  const labels = new Map(licensed.flatMap(({ items }) => items.map(({ code, label }) => [code, label])));
  const visit = (item: QuestionnaireItem): readonly string[] => {
    const [code] = itemCodesIn(item).filter((each) => labels.has(each));
    const inner = (item.item ?? []).flatMap(visit);
    if (code === undefined) {
      return inner;
    }
    const allowed = new Set([...Object.values(labels.get(code) ?? {}), ...(names[code] ?? [])]);
    const answers = [
      ...(item.answerOption ?? []).flatMap(({ valueCoding }) => textsOf(valueCoding, 'display')),
      ...optionsOf(item.answerValueSet ?? ''),
    ];
    const below = (item.item ?? []).flatMap((child) => textsOf(child, 'text'));
    const shorts = (item.extension ?? [])
      .filter(({ url }) => url.endsWith('-shortText'))
      .flatMap((extension) => textsOf(extension, 'valueString'));
    return [
      ...textsOf(item, 'text').filter((text) => !allowed.has(text)),
      ...[...shorts, ...textsOf(item, 'prefix')].filter((text) => !isName(text)),
      ...answers.filter((text) => !isNeutralAnswer(text)),
      ...below,
    ]
      .map((text) => `${questionnaire.id ?? ''} ${item.linkId}: ${text}`)
      .concat(inner);
  };
  return (questionnaire.item ?? []).flatMap(visit);
}

/** A number, perhaps with what it counts, or what a register adds itself. */
const isNeutralAnswer = (text: string): boolean =>
  /^(\d{1,3}|(nivå|level|poeng|points?) \d|\d (poeng|points?))$/i.test(text) || OWN_ANSWERS.has(text);

const OWN_ANSWERS = new Set(['Vet ikke', 'Veit ikkje', 'Do not know', 'Don’t know', 'Ikke besvart']);

/** A text and its translations. */
function textsOf(element: object | undefined, name: string): readonly string[] {
  const members = (element ?? {}) as Readonly<Record<string, unknown>>;
  const base = members[name];
  const { extension = [] } = (members[`_${name}`] ?? {}) as { readonly extension?: readonly Extension[] };
  const translations = extension
    .filter(({ url }) => url === TRANSLATION)
    .flatMap((each) => each.extension ?? [])
    .flatMap(({ url, valueString }) => (url === 'content' && valueString !== undefined ? [valueString] : []));
  return [...(typeof base === 'string' ? [base] : []), ...translations];
}

/** Lines of a file that stand beside a code of an item and say something in the first person: `line 12: …`. */
export function sentencesBeside(text: string, codes: RegExp): readonly string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const isBeside = lines.slice(Math.max(0, at - NEAR), at + NEAR + 1).some((near) => codes.test(near));
    return isBeside && isFirstPerson(line) ? [`line ${at + 1}: ${line.trim().slice(0, 80)}`] : [];
  });
}

const NEAR = 4;
/** Somebody speaks of themselves in a string of five words or more, in Norwegian or English. */
const STRING = /["'`“«]([^"'`”»]{15,})["'`”»]/g;
const SPEAKER = /(^|\s)(jeg|eg|meg|min|mitt|mine|my|me)(\s|$|[,.])/i;
const isFirstPerson = (line: string): boolean =>
  [...line.matchAll(STRING)].some(
    ([, said = '']) => said.split(/\s+/).length >= 5 && (SPEAKER.test(said) || /(^|\s)I(\s|')/.test(said)),
  );
