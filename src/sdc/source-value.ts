/**
 * What a source says of a question that is not its answer: the extension source-value on the item of the response. Sources that say
 * different things, what is only suggested, what a source says since the answer was given, and what cannot be coded.
 * Section 5.1 of docs/sdc-dialect.md.
 */
import { EXT, extensionOf, extensionsOf, extensionValue } from './extensions.ts';
import type { FormNode } from './tree.ts';
import { readSource, sourceParts, type AnswerSource } from './answer-source.ts';
import { isObject, sameValue, type Answer } from './answer.ts';
import type { Extension, QuestionnaireResponseItem } from '../fhir/types.ts';

export type SourceValueKind =
  /** Sources say different things: a person chooses. */
  | 'conflict'
  /** Shown beside the question, filled in by choice. */
  | 'suggested'
  /** What a source says now, after the answer was given or taken away. */
  | 'changed'
  /** In the words or codes of the source: the register has none for it. */
  | 'unmapped';

export interface SourceValue {
  readonly kind: SourceValueKind;
  /** `valueCoding`, `valueQuantity` …, as a member of an answer. */
  readonly value: Answer;
  readonly source: AnswerSource;
  /** A person has said that it is not to be used. */
  readonly isDeclined: boolean;
}

const KINDS: readonly SourceValueKind[] = ['conflict', 'suggested', 'changed', 'unmapped'];

/** The source values of a response item, in order; what cannot be read is left out. */
export function sourceValuesOf(item: QuestionnaireResponseItem | undefined): readonly SourceValue[] {
  return extensionsOf(item, EXT.sourceValue).flatMap((extension) => {
    const part = (url: string): Extension | undefined => extension.extension?.find((one) => one.url === url);
    const kind = KINDS.find((code) => code === part('kind')?.valueCode);
    const value = part('value');
    if (kind === undefined || value === undefined) {
      return [];
    }
    const { url: _url, ...rest } = value;
    const isDeclined = part('declined')?.valueBoolean === true;
    return [{ kind, value: rest as unknown as Answer, source: readSource(extension), isDeclined }];
  });
}

/** The item with these source values in place of those it has. */
export function withSourceValues(
  item: QuestionnaireResponseItem,
  values: readonly SourceValue[],
): QuestionnaireResponseItem {
  const { extension: old, ...rest } = item;
  const others = (old ?? []).filter(({ url }) => url !== EXT.sourceValue);
  const extension = [...others, ...values.map(toExtension)];
  return { ...rest, ...(extension.length > 0 && { extension }) };
}

function toExtension({ kind, value, source, isDeclined }: SourceValue): Extension {
  const { extension: _extension, ...only } = value;
  return {
    url: EXT.sourceValue,
    extension: [
      { url: 'kind', valueCode: kind },
      { ...(only as object), url: 'value' } as Extension,
      ...sourceParts(source),
      ...(isDeclined ? [{ url: 'declined', valueBoolean: true }] : []),
    ],
  };
}

/** Is there something that a person must choose between before the form is locked? */
export const isUnsettled = (values: readonly SourceValue[]): boolean =>
  values.some(({ kind, isDeclined }) => kind === 'conflict' && !isDeclined);

/** The same value of the same source. */
export const isSameSourceValue = (left: SourceValue, right: SourceValue): boolean =>
  left.source.reference === right.source.reference &&
  left.source.system === right.source.system &&
  sameValue(valueIn(left.value), valueIn(right.value));

/** The newest first; what was recorded at one time in the order of senders and references, so that the order is always the same. */
export const byTime = (left: SourceValue, right: SourceValue): number =>
  compare(right.source.recorded, left.source.recorded) ||
  compare(left.source.system, right.source.system) ||
  compare(left.source.reference, right.source.reference) ||
  compare(textOf(left), textOf(right));

const compare = (left = '', right = ''): number => Number(left > right) - Number(left < right);
const textOf = ({ value }: SourceValue): string => JSON.stringify(valueIn(value)) ?? '';

/** An original as a person reads it: the words, the code, the number with its unit. */
export function originalText(value: Answer): string {
  const original = valueIn(value);
  if (!isObject(original)) {
    return original === undefined ? '' : String(original);
  }
  const { code, display, value: number, unit } = original;
  const parts =
    number === undefined
      ? [display, code === undefined ? undefined : `(${String(code)})`]
      : [number, unit ?? code];
  return parts
    .filter((part) => part !== undefined && part !== '')
    .map(String)
    .join(' ');
}

const valueIn = (value: Answer): unknown => extensionValue(value as unknown as Extension);

/** Has the question an answer from a source that must be confirmed, and is not? */
export const isToConfirm = ({ item, answers }: Pick<FormNode, 'item' | 'answers'>): boolean =>
  item.adoption !== 'taken' &&
  answers.some((answer) =>
    extensionsOf(answer, EXT.answerSource).some(
      (source) => extensionOf(source, 'adopted')?.valueCode === 'suggested',
    ),
  );
