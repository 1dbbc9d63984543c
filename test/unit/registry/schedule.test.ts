/** https://hl7.org/fhir/R4/plandefinition.html, https://hl7.org/fhir/R4/task.html */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { readSchedule } from '../../../src/registry/schedule/plan.ts';
import {
  isOpen,
  newTask,
  questionnaireOf,
  responseOf,
  retimed,
  withResponse,
} from '../../../src/registry/schedule/tasks.ts';
import { episode, FIRST, locked, PATHWAY, plan, REFERRAL, register, SECOND } from './small-register.ts';

const schedule = readSchedule(register, plan);
const now = new Date('2026-11-20T08:00:00Z');
const state = (...responses: readonly JsonObject[]) => ({ episode, patient: undefined, responses });

describe('The schedule of a register', () => {
  it('says what opens a pathway, and of which type it is.', () => {
    expect(schedule.openedBy.map(({ type, filters }) => [type, filters])).toEqual([
      ['ServiceRequest', [{ path: 'code', codes: [REFERRAL] }]],
      ['Encounter', [{ path: 'code', codes: [PATHWAY] }]],
    ]);
    expect(schedule.pathwayType).toBe(plan.topic);
    expect(schedule.canonical).toBe('http://test.no/PlanDefinition/plan|1.0.0');
    expect(schedule.register).toBe(register);
  });

  it('lists its forms in order, with who answers them and when they are open.', () => {
    expect(schedule.forms).toMatchObject([
      {
        id: 'first',
        title: 'Første',
        questionnaire: FIRST,
        answeredBy: 'practitioner',
        isOptional: false,
        conditions: [],
      },
      {
        id: 'second',
        title: 'second',
        questionnaire: SECOND,
        answeredBy: 'patient',
        isOptional: false,
        conditions: [expect.stringContaining('%responses')],
        sending: expect.objectContaining({ conditions: ['false'], timeOfDay: undefined, steps: [] }),
      },
    ]);
  });

  it('of a plan without actions has no forms and is opened by nothing.', () => {
    const empty = readSchedule(register, { resourceType: 'PlanDefinition', status: 'active' });

    expect([empty.forms, empty.openedBy, empty.canonical]).toEqual([[], [], '']);
  });
});

describe('A form of a pathway', () => {
  const [first, second] = schedule.forms as [(typeof schedule.forms)[0], (typeof schedule.forms)[0]];

  it('is open when all its conditions are true, and only then.', () => {
    expect(isOpen(first, state())).toBe(true);
    expect(isOpen(second, state())).toBe(false);
    expect(isOpen(second, state(locked(FIRST, 'r', 'in-progress')))).toBe(false);
    expect(isOpen(second, state(locked(FIRST)))).toBe(true);
    expect(isOpen({ ...first, conditions: ['{}'] }, state())).toBe(false);
    expect(isOpen({ ...first, conditions: ["'yes'"] }, state())).toBe(false);
  });

  it('has a Task of the pathway that names form, person and unit.', () => {
    expect(newTask('t1', second, schedule, state(), '2026-11-20T08:00:00.000Z')).toEqual({
      resourceType: 'Task',
      id: 't1',
      basedOn: [{ reference: 'EpisodeOfCare/e' }],
      instantiatesCanonical: 'http://test.no/PlanDefinition/plan|1.0.0',
      status: 'draft',
      intent: 'order',
      code: { text: 'second' },
      for: { reference: 'Patient/p' },
      authoredOn: '2026-11-20T08:00:00.000Z',
      lastModified: '2026-11-20T08:00:00.000Z',
      owner: { reference: 'Organization/clinic' },
      input: [
        {
          type: { coding: [{ system: 'http://hl7.org/fhir/uv/sdc/CodeSystem/temp', code: 'questionnaire' }] },
          valueCanonical: SECOND,
        },
      ],
    });
    expect(newTask('t1', first, schedule, state(), '')['status']).toBe('ready');
  });

  it('is found from its Task, as is the response.', () => {
    const task = newTask('t1', first, schedule, state(), '');
    const saved = withResponse(task, 'QuestionnaireResponse/r', 'in-progress', now);

    expect(questionnaireOf(task)).toBe(FIRST);
    expect(responseOf(task)).toBeUndefined();
    expect(responseOf(saved)).toBe('QuestionnaireResponse/r');
    expect(saved).toMatchObject({ status: 'in-progress', lastModified: now.toISOString() });
    expect(task).not.toHaveProperty('output');
    expect(questionnaireOf({ resourceType: 'Task', input: [{ type: { text: 'other' } }] })).toBeUndefined();
    expect(questionnaireOf({ resourceType: 'Task' })).toBeUndefined();
  });

  it.each([
    ['draft', true, 'ready'],
    ['ready', false, 'draft'],
    ['draft', false, undefined],
    ['ready', true, undefined],
    ['in-progress', false, undefined],
    ['completed', false, undefined],
    ['cancelled', true, undefined],
  ])('whose Task is %s, and which is open: %s, becomes %s.', (status, open, expected) => {
    const task = { ...newTask('t2', second, schedule, state(), ''), status };
    const responses = open ? [locked(FIRST)] : [];

    const changed = retimed([{ type: 'Task', id: 't2', resource: task }], schedule, state(...responses), now);

    expect(changed.map(({ resource }) => resource['status'])).toEqual(
      expected === undefined ? [] : [expected],
    );
    expect(changed.every(({ resource }) => resource['lastModified'] === now.toISOString())).toBe(true);
  });

  it('of another schedule is left alone.', () => {
    const foreign = { ...newTask('t', first, schedule, state(), ''), input: [], status: 'draft' };

    expect(retimed([{ type: 'Task', id: 't', resource: foreign }], schedule, state(), now)).toEqual([]);
  });
});
