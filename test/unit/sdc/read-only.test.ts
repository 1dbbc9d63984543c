import { withReadOnly } from '../../../src/sdc/read-only.ts';
import type { Extension, QuestionnaireResponse } from '../../../src/fhir/types.ts';
import { context, formOf, question, response } from './fixtures/smertetilsyn.ts';

const OTHER = 'https://ryggrad.no/fhir/Questionnaire/annet';

const taken: Extension = {
  url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression',
  valueExpression: {
    language: 'text/fhirpath',
    expression: "%annet.item.where(linkId='dato').answer.value.first()",
  },
};

const form = formOf(
  [
    {
      linkId: 'fra-annet',
      type: 'date',
      text: 'Dato i det andre skjemaet',
      readOnly: true,
      extension: [taken],
    },
    { linkId: 'fast', type: 'string', text: 'Fra journalen', readOnly: true },
    { linkId: 'fritt', type: 'string', text: 'Eget' },
  ],
  {
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/variable',
        valueExpression: {
          name: 'annet',
          language: 'application/x-fhir-query' as const,
          expression: `QuestionnaireResponse?questionnaire=${OTHER}`,
        },
      },
    ],
  },
);

const other = (date: string): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  status: 'in-progress',
  questionnaire: `${OTHER}|1.0.0`,
  item: [{ linkId: 'dato', answer: [{ valueDate: date }] }],
});

const sent = response([
  question('fra-annet', { valueDate: '1999-01-01' }),
  question('fast', { valueString: 'endret' }),
  question('fritt', { valueString: 'mitt' }),
]);

describe('Read-only answers', () => {
  it('follow the other form, stay as they were stored, and leave the rest alone.', () => {
    const previous = response([question('fast', { valueString: 'fra journalen' })]);

    const { item } = withReadOnly(form, sent, context, { previous, responses: [other('2026-03-02')] });

    expect(item).toEqual([
      question('fra-annet', { valueDate: '2026-03-02' }),
      question('fast', { valueString: 'fra journalen' }),
      question('fritt', { valueString: 'mitt' }),
    ]);
  });

  it('are taken away where the other form has none.', () => {
    const { item } = withReadOnly(form, sent, context, { previous: response([]), responses: [] });

    expect(JSON.stringify(item)).not.toMatch(/1999|endret/);
  });

  it('stand as populated before the first save.', () => {
    const { item } = withReadOnly(form, sent, context, { previous: undefined, responses: [] });

    expect(JSON.stringify(item)).toContain('endret');
  });
});
