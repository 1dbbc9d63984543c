/**
 * The registers at work: their schedules, forms and rules, made from content once.
 */
import { listConcepts } from '../content/concepts.ts';
import type { Content } from '../content/content.ts';
import type { WriteRule } from '../repository/rules.ts';
import { reservation } from './consent/reservation.ts';
import { refuseReserved } from './consent/reserved.ts';
import { shareConsent } from './consent/shared-consent.ts';
import { consentWithdrawal } from './consent/withdrawal.ts';
import { captureRule } from './capture/capture-rule.ts';
import { deletePathway } from './episode/delete-pathway.ts';
import { finishPathways } from './episode/finish.ts';
import { keepOpen } from './episode/keep-open.ts';
import { openPathways } from './episode/open.ts';
import { quietImport } from './episode/quiet-import.ts';
import { repeatedForms } from './episode/repeated-forms.ts';
import { conversionsOf } from './form/conversions.ts';
import { createFormLibrary, type FormLibrary } from './form/library.ts';
import { formRule } from './form/form-rule.ts';
import { patientAnswers } from './form/patient-answers.ts';
import { keepMessage } from './intake/keep-message.ts';
import { keepPersons } from './person/keep-persons.ts';
import { keepIdentifiers } from './person/keep-identifiers.ts';
import { readSchedules, type Schedule } from './schedule/plan.ts';
import { taskNotes } from './schedule/task-notes.ts';
import { dayInOslo } from '../sdc/expression.ts';
import { noPacks, packsFor, type Packs } from './sending/content-packs.ts';
import type { HasContent } from './sending/form-facts.ts';
import { sendingRule, type SendingRuleDeps, statedRule } from './sending/sending-rule.ts';
import { registerFiles } from './publication/register-files.ts';
import { keepPlaces } from './unit/places.ts';
import { resolveUnits } from './unit/resolve-units.ts';

export interface Registry {
  readonly content: Content;
  readonly schedules: readonly Schedule[];
  readonly forms: FormLibrary;
  /** Licensed wording that is installed here. */
  readonly packs: Packs;
}

export function readRegistry(content: Content, packs: Packs = noPacks): Registry {
  const codesOf = (valueSet: string) => listConcepts(content, valueSet);
  const schedules = content.registers.flatMap((register) => readSchedules(register, codesOf));
  const forms = createFormLibrary({
    questionnaires: content.questionnaires.all(),
    schedules,
    instruments: content.instruments,
    conversions: conversionsOf(content),
    resolveValueSet: (canonical) => listConcepts(content, canonical),
  });
  return { content, schedules, forms, packs };
}

/** The rules that every write passes, in this order. */
export function registryRules(registry: Registry): readonly WriteRule[] {
  const { content, schedules, forms } = registry;
  return [
    resolveUnits, // organisation numbers and RESH ids → units
    registerFiles, // the file archive, by the national coordinator
    keepPlaces, // wards and sites of a department, by its coordinator
    keepPersons, // nobody with a pathway is deleted
    keepIdentifiers, // PasientID stays on the person
    keepOpen(schedules), // what opened a pathway is taken back: other data of the same event keep it
    openPathways(schedules), // a referral, or what else its register waits for, opens a pathway with its tasks
    repeatedForms(schedules), // each result, or each visit, a form of its own
    deletePathway, // as long as no form of it is locked
    refuseReserved(content.registers), // who has reserved is not registered
    taskNotes, // of a Task, staff write the comment alone
    consentWithdrawal(content.registers), // SC turns a Yes into a No: the person leaves the national store
    patientAnswers(forms), // a patient answers the form that was opened, and no other
    statedRule(sendingDeps(registry)), // patients' forms are ordered, stopped, closed
    formRule(forms), // a saved form: version, lock, answers, facts, tasks, store
    shareConsent(content.registers), // a consent of one module holds in the others, where the register says so
    quietImport(forms), // nobody is asked because of what was registered elsewhere
    finishPathways(schedules), // the last form locked: the pathway is finished
    reservation(content.registers), // SC states it: the person's data are deleted, and a marker is left
    sendingRule(sendingDeps(registry)), // what patients answer: where its sending stands, and what is next
    captureRule(schedules, forms), // what has arrived fills the forms that wait for it: a job
    keepMessage, // raw message and provenance; last, so that it names everything
  ];
}

const sendingDeps = ({ content, schedules, forms, packs }: Registry): SendingRuleDeps => ({
  schedules,
  forms,
  hasContent: hasContentOf(forms, packs),
  reasonsOf: (valueSet) => listConcepts(content, valueSet),
});

/** Is the wording of a form here? Of one that is not known nothing is. */
export const hasContentOf =
  (forms: FormLibrary, packs: Packs): HasContent =>
  (canonical, now) => {
    const form = forms.form(canonical);
    return form !== undefined && packsFor(packs, forms.scored(form), dayInOslo(now)) !== undefined;
  };
