/**
 * Where a prefilled answer comes from: the extension answer-source on `item.answer`. Section 5 of docs/sdc-dialect.md.
 */
import { EXT } from './extensions.ts';
import { isObject } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Extension, Resource } from '../fhir/types.ts';

export interface AnswerSource {
  /** `Observation/1`; absent when the resource has no id. */
  readonly reference?: string;
  readonly display: string;
  readonly recorded?: string;
}

/** The elements that say when something was recorded, the clinically nearest first. */
const DATES = [
  'effectiveDateTime',
  'effectiveInstant',
  'performedDateTime',
  'occurrenceDateTime',
  'recordedDate',
  'authoredOn',
  'dateAsserted',
  'authored',
  'issued',
  'date',
];

/** A resource as the source of an answer. The display names the kind of thing, never the person. */
export function sourceOf(resource: Resource): AnswerSource {
  const given = resource as Resource & Readonly<Record<string, unknown>>;
  const period = given['effectivePeriod'] ?? given['performedPeriod'] ?? given['period'];
  const start = isObject(period) ? period['start'] : undefined;
  const recorded = [...DATES.map((name) => given[name]), start, resource.meta?.lastUpdated].find(
    (value) => typeof value === 'string',
  );
  const { resourceType, id } = resource;
  return {
    ...(id !== undefined && { reference: `${resourceType}/${id}` }),
    display: conceptText(given['code'] ?? given['medicationCodeableConcept']) ?? resourceType,
    ...(typeof recorded === 'string' && { recorded }),
  };
}

/** The answer with one answer-source extension per source, as a suggestion that nobody has confirmed yet. */
export function withSources(answer: Answer, sources: readonly AnswerSource[]): Answer {
  return sources.length === 0
    ? answer
    : { ...answer, extension: [...(answer.extension ?? []), ...sources.map(sourceExtension)] };
}

function sourceExtension({ reference, display, recorded }: AnswerSource): Extension {
  return {
    url: EXT.answerSource,
    extension: [
      { url: 'resource', valueReference: { ...(reference !== undefined && { reference }), display } },
      ...(recorded === undefined ? [] : [{ url: 'recorded', valueDateTime: recorded }]),
      { url: 'adopted', valueCode: 'suggested' },
    ],
  };
}

function conceptText(concept: unknown): string | undefined {
  if (!isObject(concept)) {
    return undefined;
  }
  const codings = Array.isArray(concept['coding']) ? (concept['coding'] as readonly unknown[]) : [];
  const display = codings.map((coding) => (isObject(coding) ? coding['display'] : undefined)).find(isText);
  return isText(concept['text']) ? concept['text'] : display;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
