/**
 * Marks on an answer: where it was fetched from and whether the user stands by it (docs/sdc-dialect.md sections 1.3, 5).
 */
import type { Extension } from '../../fhir/types.ts';
import { sameAnswer, type Answer } from '../../sdc/answer.ts';
import { EXT } from '../../sdc/extensions.ts';

type Marked = { readonly extension?: Extension[] };
export type Adoption = 'suggested' | 'confirmed' | 'changed' | 'captured';

export interface AnswerSource {
  /** Name of the system or resource that it came from. */
  readonly display?: string;
  readonly reference?: string;
  /** Who has sent it. */
  readonly system?: string;
  /** FHIR dateTime when the source recorded it. */
  readonly recorded?: string;
  readonly adopted: Adoption;
}

/** Where an answer was fetched from; undefined when a person wrote it. */
export function sourceOf(answer: Marked | undefined): AnswerSource | undefined {
  const mark = answer?.extension?.find(({ url }) => url === EXT.answerSource);
  if (mark === undefined) {
    return undefined;
  }
  const part = (name: string): Extension | undefined => mark.extension?.find(({ url }) => url === name);
  const { reference, display } = part('resource')?.valueReference ?? {};
  const system = part('system')?.valueUri;
  const recorded = part('recorded')?.valueDateTime;
  return {
    ...(display !== undefined && { display }),
    ...(reference !== undefined && { reference }),
    ...(system !== undefined && { system }),
    ...(recorded !== undefined && { recorded }),
    adopted: adoptionOf(part('adopted')?.valueCode),
  };
}

const adoptionOf = (code: string | undefined): Adoption =>
  code === 'confirmed' || code === 'changed' || code === 'captured' ? code : 'suggested';

/** The same answer with another stand on its sources; an answer without sources is returned as it is. */
export function withAdoption<T extends Marked>(answer: T, adopted: Adoption): T {
  if (sourceOf(answer) === undefined) {
    return answer;
  }
  const extension = answer.extension?.map((mark) =>
    mark.url === EXT.answerSource ? { ...mark, extension: adopt(mark.extension ?? [], adopted) } : mark,
  );
  return { ...answer, ...(extension !== undefined && { extension }) };
}

const adopt = (parts: readonly Extension[], adopted: Adoption): Extension[] => [
  ...parts.filter(({ url }) => url !== 'adopted'),
  { url: 'adopted', valueCode: adopted },
];

/** Whether the user has said "Ja, det er riktig" to an unusual value. */
export const isConfirmedUnusual = (answer: Marked | undefined): boolean =>
  answer?.extension?.some(({ url, valueBoolean }) => url === EXT.confirmed && valueBoolean === true) ?? false;

/** Set the user's "Ja, det er riktig". */
export function withConfirmedUnusual<T extends Marked>(answer: T): T {
  return isConfirmedUnusual(answer)
    ? answer
    : { ...answer, extension: [...(answer.extension ?? []), { url: EXT.confirmed, valueBoolean: true }] };
}

/** Take the user's "Ja, det er riktig" away. */
export const withoutConfirmedUnusual = <T extends Marked>(answer: T): T => withoutMark(answer, EXT.confirmed);

function withoutMark<T extends Marked>(answer: T, url: string): T {
  if (answer.extension?.some((mark) => mark.url === url) !== true) {
    return answer;
  }
  const { extension, ...rest } = answer;
  const others = extension.filter((mark) => mark.url !== url);
  return (others.length === 0 ? rest : { ...rest, extension: others }) as T;
}

/**
 * What the user answered, over what stood there. The same value keeps the old answer whole, id and marks; another value
 * keeps only where it was fetched from, now `changed`.
 */
export function mergeAnswer(old: Answer | undefined, value: Answer): Answer {
  if (old !== undefined && sameAnswer(old, value)) {
    return old;
  }
  const sources = old?.extension?.filter(({ url }) => url === EXT.answerSource) ?? [];
  return sources.length === 0 ? value : withAdoption({ ...value, extension: sources }, 'changed');
}
