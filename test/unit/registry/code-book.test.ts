/** The code book: a line for every question, with old names and codes. */
import type { Questionnaire } from '../../../src/fhir/types.ts';
import { compilePath } from '../../../src/fhir/path.ts';
import { codeBook } from '../../../src/registry/dump/code-book.ts';
import { compileForm } from '../../../src/sdc/form.ts';

const VARIABLE = 'http://example.org/variable';
const LIST = 'http://example.org/list';

const questionnaire: Questionnaire = {
  resourceType: 'Questionnaire',
  id: 'f',
  url: 'http://example.org/f',
  version: '1.0.0',
  title: 'Skjema',
  status: 'active',
  item: [
    {
      linkId: 'part',
      type: 'group',
      text: 'Del',
      item: [
        {
          linkId: 'pain',
          type: 'choice',
          text: 'Smerte',
          prefix: '1',
          required: true,
          code: [{ system: VARIABLE, code: 'PAIN' }],
          answerOption: [
            { valueCoding: { system: LIST, code: 'yes', display: 'Ja' } },
            { valueCoding: { system: LIST, code: 'no', display: 'Nei' } },
          ],
        },
        {
          linkId: 'strength',
          type: 'integer',
          text: 'Styrke',
          enableWhen: [{ question: 'pain', operator: '=', answerCoding: { system: LIST, code: 'yes' } }],
        },
      ],
    },
  ],
};

const form = compileForm(questionnaire, { compilePath, resolveValueSet: () => undefined });
const dump = { variables: [VARIABLE], codes: '', common: [], tables: { f: 'table_f' }, rows: {} };
const codes = {
  toOld: (_question: unknown, { code }: { readonly code?: string }) => (code === 'yes' ? '1' : '0'),
  fromOld: () => undefined,
};

describe('The code book', () => {
  it('has variable, place, answers with old codes, and when a question is asked.', () => {
    const [pain, strength] = codeBook([form], { dump, codes, language: 'nb' });

    expect(pain).toMatchObject({
      table: 'table_f',
      variable: 'PAIN',
      linkId: 'pain',
      groups: ['Del'],
      question: '1 Smerte',
      isRequired: true,
      condition: '',
      answers: [
        { code: 'yes', old: '1', text: 'Ja' },
        { code: 'no', old: '0', text: 'Nei' },
      ],
    });
    expect(strength).toMatchObject({ variable: 'STRENGTH', type: 'integer', condition: '«Smerte» = Ja' });
  });

  it('is made without a dump’s rules, too.', () => {
    const [pain] = codeBook([form], { dump: undefined, codes: undefined, language: 'en' });

    expect(pain).toMatchObject({ table: 'f', variable: 'PAIN' });
  });
});
