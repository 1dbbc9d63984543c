/** Filling in a register's form in a test: answers in, what the form makes of them out. */
import { join } from 'node:path';
import { loadContent } from '../../src/content/load.ts';
import { recalculate } from '../../src/sdc/calculate.ts';
import { finalise } from '../../src/sdc/clean.ts';
import { extract } from '../../src/sdc/extract.ts';
import { validateResponse } from '../../src/sdc/validate-response.ts';
import { viewForm } from '../../src/sdc/visibility.ts';
import type { Form } from '../../src/sdc/form-types.ts';
import type { FormContext } from '../../src/sdc/expression.ts';
import type { Patient, QuestionnaireResponse, Resource } from '../../src/fhir/types.ts';
import type { Answers } from './case.ts';
import { byPath, toItems } from './compact-answers.ts';

/** The content of this repository. */
export const content = await loadContent([join(import.meta.dirname, '../..')]);

/** A woman with a Norwegian number (synthetic). */
export const kari: Patient = {
  resourceType: 'Patient',
  identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '15838510237' }],
  birthDate: '1985-03-15',
};

export const contextOf = (patient: Patient): FormContext => ({
  now: new Date('2026-03-06T12:00:00+01:00'),
  launch: { patient },
});

export const response = (form: Form, answers: Answers): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  questionnaire: form.canonical,
  status: 'in-progress',
  subject: { reference: 'Patient/kari' },
  authored: '2026-03-06T12:00:00+01:00',
  item: toItems(form.items, answers),
});

/** Answers after calculation, by path. */
export const filled = (form: Form, answers: Answers, patient = kari): ReadonlyMap<string, unknown> =>
  byPath(form, recalculate(form, response(form, answers), contextOf(patient)));

/** Rules broken when the form is locked, each with its question. */
export function brokenRules(form: Form, answers: Answers, patient = kari): readonly string[] {
  const final = finalise(form, response(form, answers), contextOf(patient));
  return validateResponse(form, final, 'final', contextOf(patient)).map(
    ({ rule, linkId }) => `${rule ?? ''}${linkId === undefined ? '' : ` ${linkId}`}`,
  );
}

/** linkIds of the questions that are shown. */
export function shown(form: Form, answers: Answers, patient = kari): readonly string[] {
  const context = contextOf(patient);
  const view = viewForm(form, recalculate(form, response(form, answers), context), context);
  return [...view.byPath.values()]
    .filter((node) => node.item.type !== 'group' && !node.item.isHidden && view.isEnabled(node))
    .map(({ item }) => item.linkId);
}

/** The resources that the locked form becomes. */
export function facts(form: Form, answers: Answers, patient = kari): readonly Resource[] {
  const context = contextOf(patient);
  const final = finalise(form, response(form, answers), context);
  return extract(form, final, { ...context, newId: (key) => key }).map(({ resource }) => resource);
}
