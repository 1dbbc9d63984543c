/**
 * A score as a FHIR Observation, by the profile `ryggrad-score-observation`: https://hl7.org/fhir/R4/observation.html
 */
import type { Instrument } from '../../content/instrument.ts';
import type {
  CodeableConcept,
  Coding,
  Extension,
  Observation,
  QuestionnaireResponse,
} from '../../fhir/types.ts';
import { complete } from '../../sdc/extract-complete.ts';
import type { AbsentReason, Method, ScoreResult } from './result.ts';

const CODES = 'https://ryggrad.no/fhir/CodeSystem';
export const SCORE_BASIS = 'https://ryggrad.no/fhir/StructureDefinition/score-basis';

export interface ObservationOptions {
  /** The form that was filled in: subject, date, episode, and what the score is derived from. */
  readonly response: QuestionnaireResponse;
  /** What is scored, beside the score's own code. */
  readonly about?: Coding | undefined;
}

/** The score with its method and its basis, without an id; a score that cannot be computed says why. */
export function scoreObservation(
  instrument: Instrument,
  result: ScoreResult,
  { response, about }: ObservationOptions,
): Observation {
  const { score } = result;
  const own: Coding = { system: `${CODES}/instrument-score`, code: score.code, display: score.title.nb };
  return complete<Observation>(
    {
      resourceType: 'Observation',
      extension: [basisOf(instrument, result)],
      status: 'final',
      category: [{ coding: [SURVEY] }],
      code: {
        coding: [own, ...(score.codes ?? []), ...(about === undefined ? [] : [about])],
        text: [score.title.nb, ...(about?.display === undefined ? [] : [about.display])].join(': '),
      },
      ...valueOf(result),
      method: methodOf(instrument, result.method),
    },
    response,
  );
}

const SURVEY: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/observation-category',
  code: 'survey',
};

function valueOf(result: ScoreResult): Pick<Observation, 'valueQuantity' | 'dataAbsentReason'> {
  if (result.absent !== undefined) {
    return { dataAbsentReason: reasonOf(result.absent, result) };
  }
  const { code, display } = result.score.unit;
  return {
    valueQuantity: { value: result.value, unit: display, system: 'http://unitsofmeasure.org', code },
  };
}

/** Our reasons as those of http://terminology.hl7.org/CodeSystem/data-absent-reason. */
const ABSENT: Readonly<Record<AbsentReason, { readonly code: string; readonly text: string }>> = {
  'no-answers': { code: 'unknown', text: 'Ingen er besvart' },
  'too-few-answers': { code: 'unknown', text: 'For få er besvart' },
  'outside-range': { code: 'error', text: 'Et svar er utenfor skalaen' },
  'not-in-table': { code: 'unsupported', text: 'Tabellen har ikke svaret' },
};

function reasonOf(reason: AbsentReason, { answered, score }: ScoreResult): CodeableConcept {
  const { code, text } = ABSENT[reason];
  return {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code },
      { system: `${CODES}/score-absent-reason`, code: reason, display: text },
    ],
    text: `${text}: ${answered.length} av ${score.items.length}, minst ${score.missing.minAnswered} trengs`,
  };
}

function methodOf({ id, version }: Instrument, method: Method): CodeableConcept {
  const algorithm = `${method.algorithm}-${method.version}`;
  const { table } = method;
  return {
    coding: [
      { system: `${CODES}/scoring-algorithm`, code: algorithm },
      ...(table === undefined ? [] : [{ system: `${CODES}/score-table`, code: table.id }]),
    ],
    text: [
      `${id} ${version}`,
      algorithm,
      ...(table === undefined ? [] : [`${table.id} (${table.version})`]),
    ].join(', '),
  };
}

/** By which definition, from how many answers, and by which rule for those that are missing. */
function basisOf({ id, version }: Instrument, result: ScoreResult): Extension {
  const { missing } = result.score;
  return {
    url: SCORE_BASIS,
    extension: [
      { url: 'instrument', valueCode: id },
      { url: 'version', valueString: version },
      { url: 'answered', valueInteger: result.answered.length },
      { url: 'items', valueInteger: result.score.items.length },
      { url: 'min-answered', valueInteger: missing.minAnswered },
      ...(missing.fill === undefined ? [] : [{ url: 'fill', valueCode: missing.fill }]),
      ...result.missing.map((code) => ({ url: 'missing', valueCode: code })),
      ...(result.state === undefined ? [] : [{ url: 'state', valueString: result.state }]),
      ...(result.absent === undefined || result.known === undefined
        ? []
        : [{ url: 'known', valueDecimal: result.known }]),
    ],
  };
}
