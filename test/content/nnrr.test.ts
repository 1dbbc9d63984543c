/** NNRR as a register in use: its plan, who answers what, and what its rules of the national store say. */
import type { JsonObject } from '../../src/fhir/types.ts';
import { isNational } from '../../src/registry/form/national.ts';
import { readSchedules } from '../../src/registry/schedule/plan.ts';
import { isOpen } from '../../src/registry/schedule/tasks.ts';
import { content, kari, response } from './fill-form.ts';
import { complete, form, withPage } from './nnrr-1b-answers.ts';

const episode: JsonObject = {
  resourceType: 'EpisodeOfCare',
  id: 'forlop',
  status: 'active',
  patient: { reference: 'Patient/kari' },
};

const json = (resource: object): JsonObject => structuredClone(resource) as JsonObject;
const register = content.registers.find(({ id }) => id === 'nnrr')!;
const [{ forms } = { forms: [] }] = readSchedules(register);
const state = (responses: readonly JsonObject[]) => ({ episode, patient: json(kari), responses });
const locked = (answers = complete): JsonObject => ({
  ...json(response(form, answers)),
  status: 'completed',
});

describe('NNRR', () => {
  it('is a register beside the others, with texts in three languages.', () => {
    expect(content.registers.length).toBeGreaterThan(1);
    expect(Object.keys(register.texts ?? {}).toSorted()).toEqual(['en', 'nb', 'nn']);
  });

  it('is in use: nothing of it is a draft.', () => {
    const artefacts = content.artefacts.map(json).filter(({ id }) => String(id).startsWith('nnrr'));
    const isInUse = ({ status }: JsonObject): boolean => status === 'active' || status === 'retired';

    expect(artefacts.length).toBeGreaterThan(100);
    expect(artefacts.filter((one) => !isInUse(one)).map(({ id }) => id)).toEqual([]);
    expect([register.manifest, ...register.plans].map(({ status }) => status)).toEqual(['active', 'active']);
  });

  it('has 1b for the clinic, 1a at the visit, and 2 after 6 and 12 months.', () => {
    expect(forms.map(({ id, answeredBy, isOptional }) => [id, answeredBy, isOptional])).toEqual([
      ['1b', 'practitioner', false],
      ['1a', 'patient', true],
      ['2-6', 'patient', true],
      ['2-12', 'patient', true],
    ]);
  });

  it('rule 1: opens 1a when 1b has begun, and 2 when 1b is locked.', () => {
    const openWith = (responses: readonly JsonObject[]): readonly string[] =>
      forms.filter((each) => isOpen(each, state(responses))).map(({ id }) => id);

    expect(openWith([])).toEqual(['1b']);
    expect(openWith([json(response(form, complete))])).toEqual(['1b', '1a']);
    expect(openWith([locked()])).toEqual(['1b', '1a', '2-6', '2-12']);
  });

  it('rule 1: sends 1a to nobody: it is filled in at the clinic.', () => {
    const [, onWard, ...sent] = forms;

    expect(onWard?.sending?.timeOfDay).toBeUndefined();
    expect(sent.map(({ sending }) => sending?.timeOfDay)).toEqual(['16:30:00', '16:30:00']);
  });

  it('rule 4: is mandatory for staff and voluntary for patients.', () => {
    const required = (id: string): number =>
      JSON.stringify(content.questionnaires.get(`https://ryggrad.no/fhir/Questionnaire/nnrr-${id}`)).split(
        '"required":true',
      ).length - 1;

    expect(required('1b')).toBeGreaterThan(40);
    expect([required('1a'), required('2')]).toEqual([0, 0]);
  });

  it.each([
    ['consent is given and 1b is locked', locked(), true],
    ['1b is a draft', json(response(form, complete)), false],
    [
      'the person says no',
      locked(withPage('consent-page', { consent: 'no', 'missing-consent-type': 'active' })),
      false,
    ],
  ])('rule 6: when %s, the national store has it: %#.', (_, filledIn, expected) => {
    expect(isNational(register.access, state([filledIn]), [], '2026-03-06')).toBe(expected);
  });
});
