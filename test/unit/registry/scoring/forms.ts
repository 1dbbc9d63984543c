/** A small form that asks instruments, and answers to it. */
import { compilePath } from '../../../../src/fhir/path.ts';
import type {
  Coding,
  Extension,
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
} from '../../../../src/fhir/types.ts';
import { INSTRUMENT, INSTRUMENT_ITEM } from '../../../../src/registry/scoring/bind.ts';
import { compileForm } from '../../../../src/sdc/form.ts';
import type { Form } from '../../../../src/sdc/form-types.ts';

const ORDINAL = 'http://hl7.org/fhir/StructureDefinition/ordinalValue';
const OPTIONS = 'http://example.org/options';

export interface Asked {
  readonly id: string;
  readonly within?: string;
  readonly about?: Coding;
  readonly score?: string;
  /** The form's own rule: the score and how many answers it needs. */
  readonly missing?: readonly [score: string, minAnswered: number];
}

export const instrumentExtension = ({ id, within, about, score, missing }: Asked): Extension => ({
  url: INSTRUMENT,
  extension: [
    { url: 'id', valueCode: id },
    ...(within === undefined ? [] : [{ url: 'within', valueString: within }]),
    ...(about === undefined ? [] : [{ url: 'about', valueCoding: about }]),
    ...(score === undefined ? [] : [{ url: 'score', valueCode: score }]),
    ...(missing === undefined
      ? []
      : [
          {
            url: 'missing',
            extension: [
              { url: 'score', valueCode: missing[0] },
              { url: 'min-answered', valueInteger: missing[1] },
              { url: 'basis', valueString: 'The register' },
            ],
          },
        ]),
  ],
});

/** A question that is an item, with an option for each weight and one without: `w0`, `w1`, …, `unknown`. */
export const choice = (
  linkId: string,
  item: string,
  weights: readonly number[],
  more: Partial<QuestionnaireItem> = {},
): QuestionnaireItem => ({
  linkId,
  type: 'choice',
  text: linkId,
  code: [{ system: INSTRUMENT_ITEM, code: item }],
  answerOption: [
    ...weights.map((weight) => ({
      valueCoding: { system: OPTIONS, code: `w${weight}`, display: String(weight) },
      extension: [{ url: ORDINAL, valueDecimal: weight }],
    })),
    { valueCoding: { system: OPTIONS, code: 'unknown', display: 'Vet ikke' } },
  ],
  ...more,
});

/** A question that is an item and has no options. */
export const measured = (
  linkId: string,
  item: string,
  type: 'integer' | 'decimal' | 'boolean',
): QuestionnaireItem => ({ linkId, type, text: linkId, code: [{ system: INSTRUMENT_ITEM, code: item }] });

export const group = (
  linkId: string,
  item: QuestionnaireItem[],
  more: Partial<QuestionnaireItem> = {},
): QuestionnaireItem => ({ linkId, type: 'group', text: linkId, item, ...more });

export const formOf = (asked: readonly Asked[], item: QuestionnaireItem[]): Form =>
  compileForm(
    {
      resourceType: 'Questionnaire',
      status: 'active',
      language: 'nb',
      url: 'http://example.org/Questionnaire/scored',
      version: '1.0.0',
      extension: asked.map(instrumentExtension),
      item,
    } satisfies Questionnaire,
    { compilePath, resolveValueSet: () => undefined },
  );

export const responseTo = (item: QuestionnaireResponseItem[]): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  id: 'answers-1',
  questionnaire: 'http://example.org/Questionnaire/scored|1.0.0',
  status: 'completed',
  subject: { reference: 'Patient/kari' },
  authored: '2026-03-06T12:00:00+01:00',
  extension: [
    {
      url: 'http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare',
      valueReference: { reference: 'EpisodeOfCare/forlop-1' },
    },
  ],
  item,
});

export const chosen = (linkId: string, ...codes: string[]): QuestionnaireResponseItem => ({
  linkId,
  answer: codes.map((code) => ({ valueCoding: { system: OPTIONS, code } })),
});

export const context = { now: new Date('2026-03-06T12:00:00+01:00'), launch: {} };
