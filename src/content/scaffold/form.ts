/** The first form of a new register: a date, a choice, a text that one of the answers opens, and an Observation made of it. */
import type { JsonObject } from '../../fhir/types.ts';
import { artefact, BASE, canonical, type Texts, worded } from './artefacts.ts';

const OUR = `${BASE}/StructureDefinition`;
const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition';

/** The form that staff fill in: `<register>-start`. */
export function startForm(id: string, publisher: string, date: string): JsonObject {
  const variable = (code: string): JsonObject => ({ system: `${BASE}/CodeSystem/${id}-variable`, code });
  const question = (linkId: string, code: string, text: Texts, more: JsonObject): JsonObject => ({
    linkId,
    code: [variable(code)],
    ...worded('text', text),
    ...more,
  });
  return artefact(
    'Questionnaire',
    {
      id: `${id}-start`,
      title: { nb: 'Registrering', nn: 'Registrering', en: 'Registration' },
      description: 'Skjemaet som behandleren fyller ut når forløpet begynner.',
      publisher,
      date,
    },
    {
      subjectType: ['Patient'],
      item: [
        {
          linkId: 'registration',
          ...worded('text', { nb: 'Registrering', nn: 'Registrering', en: 'Registration' }),
          type: 'group',
          item: [
            question(
              'registration-date',
              'REGISTERED_DATE',
              { nb: 'Registreringsdato', nn: 'Registreringsdato', en: 'Registration date' },
              {
                extension: [{ url: `${OUR}/not-after-now`, valueBoolean: true }],
                type: 'date',
                required: true,
              },
            ),
            question(
              'severity',
              'SEVERITY',
              { nb: 'Alvorlighetsgrad', nn: 'Alvorsgrad', en: 'Severity' },
              {
                extension: [{ url: `${SDC}/sdc-questionnaire-observationExtract`, valueBoolean: true }],
                type: 'choice',
                required: true,
                answerValueSet: canonical('ValueSet', `${id}-severity`),
              },
            ),
            question(
              'severity-why',
              'SEVERITY_WHY',
              {
                nb: 'Hva gjør tilstanden alvorlig?',
                nn: 'Kva gjer tilstanden alvorleg?',
                en: 'What makes the condition severe?',
              },
              {
                type: 'string',
                maxLength: 200,
                enableWhen: [
                  {
                    question: 'severity',
                    operator: '=',
                    answerCoding: { system: `${BASE}/CodeSystem/${id}-severity`, code: 'severe' },
                  },
                ],
              },
            ),
          ],
        },
      ],
    },
  );
}
