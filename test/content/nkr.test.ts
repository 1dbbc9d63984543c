/** NKR: one register of three modules, with one consent; what its schedules, access rules and folder say. */
import { compilePath } from '../../src/fhir/path.ts';
import type { JsonObject } from '../../src/fhir/types.ts';
import { readSchedules } from '../../src/registry/schedule/plan.ts';
import { isOpen } from '../../src/registry/schedule/tasks.ts';
import { content } from './fill-form.ts';

const register = content.registers.find(({ id }) => id === 'nkr')!;
const schedules = readSchedules(register);
const QUESTIONNAIRE = 'https://ryggrad.no/fhir/Questionnaire';
const episode: JsonObject = {
  resourceType: 'EpisodeOfCare',
  id: 'forlop',
  status: 'active',
  patient: { reference: 'Patient/kari' },
};
const answered = (form: string, status = 'completed'): JsonObject => ({
  resourceType: 'QuestionnaireResponse',
  questionnaire: `${QUESTIONNAIRE}/${form}|1.0.0`,
  status,
});

describe('NKR', () => {
  it('is one register with three modules, each opened by a code of its own.', () => {
    expect(
      schedules.map(({ id, module, openedBy, opensFor }) => [
        id,
        module,
        openedBy.flatMap(({ filters }) => filters.flatMap(({ codes }) => codes.map(({ code }) => code))),
        opensFor,
      ]),
    ).toEqual([
      ['nkr-rygg', 'rygg', ['rygg'], 'referral'],
      ['nkr-nakke', 'nakke', ['nakke'], 'referral'],
      ['nkr-deformitet', 'deformitet', ['deformitet'], 'referral'],
    ]);
  });

  it('calls its modules and forms by a name in each language.', () => {
    const modules = schedules.map(({ id }) => id);
    const forms = [...new Set(schedules.flatMap((schedule) => schedule.forms))].map(
      ({ questionnaire }) => /([^/]+)\|/.exec(questionnaire)?.[1] ?? '',
    );

    for (const language of ['nb', 'nn', 'en']) {
      const texts = register.texts?.[language];

      expect(Object.keys(texts?.modules ?? {})).toEqual(modules);
      const named = Object.keys(texts?.forms ?? {}).map((name) => name.split('@')[0]); // @: of one of its times
      expect([...new Set(named)].sort()).toEqual([...new Set(forms)].sort());
    }
  });

  it('says of everything in the module deformity that it is a draft.', () => {
    const drafts = content.questionnaires.all().filter(({ id }) => id?.startsWith('nkr-deformitet-'));

    expect(
      drafts.map(({ id, status, title, description }) => [
        id,
        status,
        title?.endsWith('(utkast)'),
        description?.startsWith('UTKAST'),
      ]),
    ).toEqual(
      ['followup', 'patient', 'surgeon'].map((form) => [`nkr-deformitet-${form}`, 'draft', true, true]),
    );
    expect(register.plans.map(({ id, status }) => [id, status])).toEqual([
      ['nkr-rygg', 'active'],
      ['nkr-nakke', 'active'],
      ['nkr-deformitet', 'draft'],
    ]);
  });
});

describe.each([
  ['rygg', [3, 12]],
  ['nakke', [3, 12]],
  ['deformitet', [3, 12, 60]],
] as const)('The schedule of NKR %s', (module, months) => {
  const schedule = schedules.find((each) => each.module === module)!;
  const openWith = (responses: readonly JsonObject[]): readonly string[] =>
    schedule.forms.filter((form) => isOpen(form, { episode, patient: {}, responses })).map(({ id }) => id);

  it('has the patient before, the surgeon, and the patient after so many months.', () => {
    expect(schedule.forms.map(({ id, answeredBy, isOptional }) => [id, answeredBy, isOptional])).toEqual([
      ['patient', 'patient', true],
      ['surgeon', 'practitioner', false],
      ...months.map((month) => [`followup-${month}`, 'patient', true]),
    ]);
  });

  it('opens the follow-up when the form of the surgeon is locked.', () => {
    const surgeon = `nkr-${module}-surgeon`;

    expect(openWith([answered(surgeon, 'in-progress')])).toEqual(['patient', 'surgeon']);
    expect(openWith([answered(surgeon)])).toEqual([
      'patient',
      'surgeon',
      ...months.map((month) => `followup-${month}`),
    ]);
  });

  it('sends each follow-up its months after the operation, to who has consented in whichever module and lives.', () => {
    const stay = (died: string): JsonObject => ({
      ...answered(`nkr-${module}-surgeon`),
      item: [
        {
          linkId: 'stay',
          item: [
            { linkId: 'operation-date', answer: [{ valueDate: '2026-01-31' }] },
            { linkId: 'died', answer: [{ valueCoding: { code: died } }] },
          ],
        },
      ],
    });
    const sendings = schedule.forms.filter(({ id }) => id.startsWith('followup-'));
    const isReady = (responses: readonly JsonObject[], provision = 'permit'): readonly boolean[] => {
      const consent = { resourceType: 'Consent', provision: { type: provision } };
      return sendings.map(({ sending }) =>
        sending!.conditions.every(
          (rule) => compilePath(rule)(episode, { responses, patient: {}, consent })[0] === true,
        ),
      );
    };

    expect(
      sendings.map(({ sending }) =>
        String(compilePath(sending?.opens ?? '')(episode, { responses: [stay('no')], patient: {} })[0]),
      ),
    ).toEqual(months.map((month) => ({ 3: '2026-04-30', 12: '2027-01-31', 60: '2031-01-31' })[month]));
    expect(isReady([stay('no')])).toEqual(months.map(() => true));
    expect(isReady([stay('yes')])).toEqual(months.map(() => false));
    expect(isReady([stay('no')], 'deny')).toEqual(months.map(() => false));
    expect(isReady([])).toEqual(months.map(() => false));
  });
});

describe('What of NKR is national', () => {
  const isNational = (responses: readonly JsonObject[], provision?: string): boolean =>
    compilePath(register.access.national)(episode, {
      responses: [...responses],
      consent:
        provision === undefined ? undefined : { resourceType: 'Consent', provision: { type: provision } },
      mode: 'consent',
    })[0] === true;

  it.each([
    ['patient and surgeon locked', ['nkr-nakke-patient', 'nkr-nakke-surgeon'], 'permit', true],
    ['the follow-up alone', ['nkr-rygg-followup'], 'permit', true],
    ['the surgeon alone', ['nkr-rygg-surgeon'], 'permit', false],
    ['no consent', ['nkr-rygg-patient', 'nkr-rygg-surgeon'], undefined, false],
    ['a refusal, in whichever module', ['nkr-rygg-patient', 'nkr-rygg-surgeon'], 'deny', false],
  ] as const)('with %s is decided by forms and the one consent.', (_, forms, provision, expected) => {
    expect(
      isNational(
        forms.map((form) => answered(form)),
        provision,
      ),
    ).toBe(expected);
  });

  it('holds for the person in all modules.', () => {
    expect(register.access.consent).toBe('register');
  });
});

describe("NKR's maps from the diagnoses of the EHR", () => {
  it.each(['rygg', 'nakke'])('say of %s what the surgeon form suggests.', (module) => {
    const map = content.conceptMaps.get(`https://ryggrad.no/fhir/ConceptMap/nkr-${module}-icd10-comorbidity`);
    const question = content.questionnaires
      .get(`${QUESTIONNAIRE}/nkr-${module}-surgeon`)
      ?.item?.flatMap(({ item = [] }) => item)
      .find(({ linkId }) => linkId === 'comorbidity');
    const expression =
      question?.extension?.find(({ url }) => url.endsWith('initialExpression'))?.valueExpression
        ?.expression ?? '';
    const suggested = [...expression.matchAll(/\$this in \(([^)]*)\)\)\.select\('([^']+)'\)/g)].flatMap(
      ([, codes = '', to]) => codes.split(' | ').map((code) => `${code.slice(1, -1)} ${to ?? ''}`),
    );
    const mapped = (map?.group ?? []).flatMap(({ element }) =>
      element.flatMap(({ code, target = [] }) => target.map((to) => `${code ?? ''} ${to.code ?? ''}`)),
    );

    expect(suggested.sort()).toEqual(mapped.sort());
    expect(mapped.length).toBeGreaterThan(15);
  });
});
