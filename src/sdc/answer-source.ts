/**
 * Where a prefilled answer comes from: the extension answer-source on `item.answer`. Section 5 of docs/sdc-dialect.md.
 */
import { EXT, extensionOf } from './extensions.ts';
import { isObject } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Extension, Resource } from '../fhir/types.ts';

export interface AnswerSource {
  /** `Observation/1`; absent when the resource has no id. */
  readonly reference?: string;
  readonly display: string;
  /** `meta.versionId` of the resource that was read. */
  readonly version?: string;
  /** Who has sent it (`meta.source`), the FHIR base of the EHR it was read from, or REGISTER. */
  readonly system?: string;
  readonly recorded?: string;
}

/** What the register has itself: its forms, and what they state. */
export const REGISTER = 'urn:ryggrad:register';

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
  const { resourceType, id, meta } = resource;
  const system = senderOf(resource);
  return {
    ...(id !== undefined && { reference: `${resourceType}/${id}` }),
    display: conceptText(given['code'] ?? given['medicationCodeableConcept']) ?? resourceType,
    ...(meta?.versionId !== undefined && { version: meta.versionId }),
    ...(system !== undefined && { system }),
    ...(typeof recorded === 'string' && { recorded }),
  };
}

/**
 * Who says what a resource says: two resources of one sender are one source, in which the form's expression chooses; two senders
 * are two. The process within a sender (after `#`) is none of its own: https://hl7.org/fhir/R4/resource-definitions.html#Meta.source
 */
export function senderOf(resource: Resource): string | undefined {
  const { resourceType, meta, derivedFrom, extension } = resource as Resource & {
    readonly derivedFrom?: unknown;
    readonly extension?: readonly Extension[];
  };
  const isOwn =
    resourceType === 'QuestionnaireResponse' ||
    extensionOf({ extension }, EXT.extractedFrom) !== undefined ||
    (Array.isArray(derivedFrom) && derivedFrom.some(isResponse));
  return isOwn ? REGISTER : meta?.source?.split('#')[0];
}

const isResponse = (reference: unknown): boolean =>
  isObject(reference) && /(?:^|\/)QuestionnaireResponse\//.test(String(reference['reference']));

/** The answer with one answer-source extension per source; `adopted` is what the person has to say to it. */
export function withSources(
  answer: Answer,
  sources: readonly AnswerSource[],
  adopted: 'suggested' | 'captured' = 'suggested',
): Answer {
  return sources.length === 0
    ? answer
    : {
        ...answer,
        extension: [
          ...(answer.extension ?? []),
          ...sources.map((source) => sourceExtension(source, adopted)),
        ],
      };
}

const sourceExtension = (source: AnswerSource, adopted: string): Extension => ({
  url: EXT.answerSource,
  extension: [...sourceParts(source), { url: 'adopted', valueCode: adopted }],
});

/** A source as parts of an extension. */
export function sourceParts({ reference, display, version, system, recorded }: AnswerSource): Extension[] {
  return [
    { url: 'resource', valueReference: { ...(reference !== undefined && { reference }), display } },
    ...(version === undefined ? [] : [{ url: 'version', valueString: version }]),
    ...(system === undefined ? [] : [{ url: 'system', valueUri: system }]),
    ...(recorded === undefined ? [] : [{ url: 'recorded', valueDateTime: recorded }]),
  ];
}

/** The parts of an extension as a source. */
export function readSource(extension: Extension): AnswerSource {
  const part = (url: string): Extension | undefined => extension.extension?.find((one) => one.url === url);
  const { reference, display = '' } = part('resource')?.valueReference ?? {};
  const version = part('version')?.valueString;
  const system = part('system')?.valueUri;
  const recorded = part('recorded')?.valueDateTime;
  return {
    ...(reference !== undefined && { reference }),
    display,
    ...(version !== undefined && { version }),
    ...(system !== undefined && { system }),
    ...(recorded !== undefined && { recorded }),
  };
}

/** The sources that an answer names, in order. */
export const sourcesIn = ({ extension }: Answer): readonly AnswerSource[] =>
  (extension ?? []).filter(({ url }) => url === EXT.answerSource).map(readSource);

function conceptText(concept: unknown): string | undefined {
  if (!isObject(concept)) {
    return undefined;
  }
  const codings = Array.isArray(concept['coding']) ? (concept['coding'] as readonly unknown[]) : [];
  const display = codings.map((coding) => (isObject(coding) ? coding['display'] : undefined)).find(isText);
  return isText(concept['text']) ? concept['text'] : display;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
