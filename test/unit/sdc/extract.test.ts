import { extract } from '../../../src/sdc/extract.ts';
import { recalculate } from '../../../src/sdc/calculate.ts';
import {
  coded,
  compileOptions,
  context,
  form,
  group,
  question,
  questionnaireOf,
  response,
  row,
  withRows,
} from './fixtures/smertetilsyn.ts';
import { compileForm } from '../../../src/sdc/form.ts';
import type { ExtractedResource } from '../../../src/sdc/extract.ts';
import type { Form } from '../../../src/sdc/form-types.ts';
import type { QuestionnaireResponse, Resource } from '../../../src/fhir/types.ts';

const episode = {
  url: 'http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare',
  valueReference: { reference: 'EpisodeOfCare/e1' },
};

const extracted = (from: QuestionnaireResponse, of: Form = form): readonly ExtractedResource[] =>
  extract(of, recalculate(of, { ...from, status: 'completed', extension: [episode] }, context), {
    ...context,
    newId: (key) => `id-${key.replace(/\W/g, '-')}`,
  });

const keys = (from: QuestionnaireResponse): string[] => extracted(from).map(({ key }) => key);
const find = (all: readonly ExtractedResource[], key: string): Resource | undefined =>
  all.find((entry) => entry.key === key)?.resource;

describe('Extraction by template', () => {
  it('makes one resource per row and one for the total, each with subject, episode, date and origin.', () => {
    const all = extracted(withRows(row('oksykodon-po', 40), row('morfin-po', 20)));

    expect(all.map(({ key }) => key)).toEqual([
      'svar-1|mal-total|opioider',
      'svar-1|mal-rad|opioider/rad[0]',
      'svar-1|mal-rad|opioider/rad[1]',
    ]);
    expect(all[1]!.resource).toEqual({
      resourceType: 'Observation',
      id: 'id-svar-1-mal-rad-opioider-rad-0-',
      status: 'final',
      code: { coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/observation', code: 'ome' }] },
      subject: { reference: 'Patient/p1' },
      effectiveDateTime: '2026-10-30T10:00:00+01:00',
      method: { coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/opioid', code: 'oksykodon-po' }] },
      valueQuantity: { value: 60, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
      derivedFrom: [{ reference: 'QuestionnaireResponse/svar-1' }],
      extension: [episode],
    });
    expect(find(all, 'svar-1|mal-total|opioider')).toMatchObject({ valueQuantity: { value: 80 } });
  });

  it('says that a total is absent, and gives no number, when a drug has no factor.', () => {
    const total = find(
      extracted(withRows(row('morfin-po', 20), row('metadon-po', 30))),
      'svar-1|mal-total|opioider',
    );

    expect(total).toMatchObject({ dataAbsentReason: { coding: [{ code: 'not-a-number' }] } });
    expect(total).not.toHaveProperty('valueQuantity');
  });

  it('gives the same keys again, so that an amendment replaces, and fewer when a row is gone.', () => {
    const before = keys(withRows(row('morfin-po', 20), row('kodein-po', 60)));
    const after = keys(withRows(row('morfin-po', 25), row('kodein-po', 60)));
    const fewer = keys(withRows(row('kodein-po', 60)));

    expect(after).toEqual(before);
    expect(before.filter((key) => !fewer.includes(key))).toEqual(['svar-1|mal-rad|opioider/rad[1]']);
  });

  it('takes nothing from a disabled question.', () => {
    const closed = response([
      question('analgetika', coded('analgetika', 'ingen')),
      group('opioider', row('morfin-po', 20)),
      question('nrs-kan', coded('nrs-kan', 'nei')),
      group('nrs', question('sterkest', coded('nrs', '5'))),
    ]);

    expect(keys(closed)).toEqual([]);
  });

  it('links resources to each other and leaves out what has no answer.', () => {
    const value = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-templateExtractValue';
    const templates = (...ids: string[]): object[] =>
      ids.map((id) => ({
        url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-templateExtract',
        extension: [{ url: 'template', valueReference: { reference: `#${id}` } }],
      }));
    const linked = compileForm(
      questionnaireOf(
        [
          {
            linkId: 'inngrep',
            type: 'group',
            text: 'Inngrep',
            extension: templates('mal-inngrep', 'mal-komplikasjon') as never,
            item: [
              { linkId: 'navn', type: 'string', text: 'Navn' },
              { linkId: 'komplikasjon', type: 'string', text: 'Komplikasjon' },
            ],
          },
        ],
        {
          contained: [
            {
              resourceType: 'Procedure',
              id: 'mal-inngrep',
              status: 'completed',
              code: {
                _text: { extension: [{ url: value, valueString: "item.where(linkId='navn').answer.value" }] },
              },
            },
            {
              resourceType: 'Condition',
              id: 'mal-komplikasjon',
              code: {
                _text: {
                  extension: [{ url: value, valueString: "item.where(linkId='komplikasjon').answer.value" }],
                },
              },
              evidence: [{ detail: [{ reference: '#mal-inngrep' }] }],
            },
          ] as unknown as Resource[],
        },
      ),
      compileOptions,
    );
    const answers = (...texts: string[]): QuestionnaireResponse =>
      response(
        [
          group(
            'inngrep',
            ...texts.map((text, index) => question(['navn', 'komplikasjon'][index]!, { valueString: text })),
          ),
        ],
        linked,
      );

    expect(extracted(answers('Blokade'), linked).map(({ resource }) => resource.resourceType)).toEqual([
      'Procedure',
    ]);
    expect(extracted(answers('Blokade', 'Blødning'), linked)[1]!.resource).toMatchObject({
      resourceType: 'Condition',
      code: { text: 'Blødning' },
      recordedDate: '2026-10-30T10:00:00+01:00',
      evidence: [{ detail: [{ reference: 'Procedure/id-svar-1-mal-inngrep-inngrep' }] }],
      extension: [
        episode,
        {
          url: 'https://ryggrad.no/fhir/StructureDefinition/extracted-from',
          valueReference: { reference: 'QuestionnaireResponse/svar-1' },
        },
      ],
    });
  });
});

describe('Extraction by code', () => {
  it('makes an Observation of a coded and of a measured answer.', () => {
    const kg = { value: 82.5, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' };
    const all = extracted(
      response([
        question('nrs-kan', coded('nrs-kan', 'ja')),
        group('nrs', question('sterkest', coded('nrs', '7'))),
        question('vekt', { valueQuantity: kg }),
      ]),
    );

    expect(all.map(({ key }) => key)).toEqual(['svar-1|sterkest|nrs/sterkest', 'svar-1|vekt|vekt']);
    expect(all[0]!.resource).toMatchObject({
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ code: 'STERKEST' }], text: 'Sterkeste smerte i ro' },
      valueCodeableConcept: { coding: [{ code: '7' }] },
      derivedFrom: [{ reference: 'QuestionnaireResponse/svar-1' }],
    });
    expect(all[1]!.resource).toMatchObject({ valueQuantity: kg });
  });
});
