/** A plan that asks for the same Questionnaire several times: which Task, and which response, is which. */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { taskOfResponse } from '../../../src/registry/form/task-of-response.ts';
import { readSchedule } from '../../../src/registry/schedule/plan.ts';
import { namingForm, PLANNED_FORM, plannedName } from '../../../src/registry/schedule/planned-form.ts';
import {
  formOfTask,
  newTask,
  questionnaireOf,
  withQuestionnaire,
  withResponse,
} from '../../../src/registry/schedule/tasks.ts';
import { SYSTEM } from '../../../src/access/principal.ts';
import { episode, FIRST, plan, register } from './small-register.ts';

const LATER = 'http://test.no/Questionnaire/later|1.0.0';
const OLDER = 'http://test.no/Questionnaire/later|0.9.0';
const asked = (id: string) => ({
  id,
  title: id,
  definitionCanonical: LATER,
  participant: [{ type: 'patient' as const }],
});
const schedule = readSchedule(register, {
  ...plan,
  action: [...(plan.action ?? []).slice(0, 2), asked('later-6'), asked('later-12')],
});
const now = new Date('2026-11-20T08:00:00Z');
const state = { episode, patient: undefined, responses: [] };
const tasks = schedule.forms.map((form) => newTask(form.id, form, schedule, state, now.toISOString()));
const rows = (changed: Readonly<Record<string, JsonObject>> = {}) =>
  tasks.map((task) => ({
    type: 'Task',
    id: String(task['id']),
    resource: changed[String(task['id'])] ?? task,
  }));
const answer = (questionnaire: string, name?: string): JsonObject =>
  namingForm({ resourceType: 'QuestionnaireResponse', questionnaire }, name);
const taskFor = (resource: JsonObject, changed?: Readonly<Record<string, JsonObject>>, principal = SYSTEM) =>
  taskOfResponse({ principal }, { id: 'answer', resource }, rows(changed))?.id;
const answered = (id: string, by: string): JsonObject =>
  withResponse(
    tasks.find((task) => task['id'] === id) ?? {},
    `QuestionnaireResponse/${by}`,
    'completed',
    now,
  );

describe('A Questionnaire that a plan asks for twice', () => {
  it('has a Task for each time, which names the action; others name none.', () => {
    expect(tasks.map((task) => [task['id'], plannedName(task)])).toEqual([
      ['first', undefined],
      ['later-6', 'later-6'],
      ['later-12', 'later-12'],
    ]);
  });

  it('is told apart by the name, in whatever version.', () => {
    const older = tasks.map((task) => withQuestionnaire(task, OLDER)).slice(1);

    expect(tasks.map((task) => formOfTask(schedule, task)?.id)).toEqual(['first', 'later-6', 'later-12']);
    expect(older.map((task) => formOfTask(schedule, task)?.id)).toEqual(['later-6', 'later-12']);
    expect(older.map(questionnaireOf)).toEqual([OLDER, OLDER]);
  });

  it('is the first of them where a Task names nothing.', () => {
    expect(formOfTask(schedule, namingForm(tasks[2] ?? {}, undefined))?.id).toBe('later-6');
  });
});

describe('A response to it', () => {
  it('answers the Task that it names.', () => {
    expect(taskFor(answer(LATER, 'later-12'))).toBe('later-12');
    expect(taskFor(answer(LATER, 'later-60'))).toBeUndefined();
  });

  it('that names none answers the first that waits.', () => {
    expect(taskFor(answer(LATER))).toBe('later-6');
    expect(taskFor(answer(LATER), { 'later-6': answered('later-6', 'other') })).toBe('later-12');
  });

  it('stays with the Task that has it, whatever it names.', () => {
    const changed = { 'later-6': answered('later-6', 'answer') };

    expect(taskFor(answer(LATER, 'later-12'), changed)).toBe('later-6');
  });

  it('of a patient answers the Task that the patient was let into.', () => {
    const patient = { kind: 'patient', task: 'later-12' } as unknown as typeof SYSTEM;

    expect(taskFor(answer(LATER), {}, patient)).toBe('later-12');
  });

  it('to a form that is asked for once needs no name.', () => {
    expect(taskFor(answer(FIRST))).toBe('first');
    expect(taskFor(answer('http://test.no/Questionnaire/none|1.0.0'))).toBeUndefined();
  });
});

describe('The name of the action', () => {
  it('is put beside other extensions, and taken away again.', () => {
    const other = { url: 'http://test.no/other', valueString: 'x' };
    const named = namingForm({ extension: [other] }, 'later-6');

    expect(named['extension']).toEqual([other, { url: PLANNED_FORM, valueCode: 'later-6' }]);
    expect(namingForm(named, undefined)).toEqual({ extension: [other] });
    expect(namingForm({ id: 'x' }, undefined)).toEqual({ id: 'x' });
  });
});
