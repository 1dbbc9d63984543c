/** B2.2 filled in, and what a test changes in it. */
import type { Answers } from './case.ts';
import { content, shown } from './fill-form.ts';
import { formOf } from './run-case.ts';

export const b22 = formOf(content, 'smertereg-b22');

const visits = {
  'to-start-date': '2026-03-03',
  'end-date': '2026-03-06',
  practitioner: ['doctor', 'nurse'],
  'visits-doctor': 2,
  'visits-nurse': 5,
  'patient-visits': 5,
  'total-hours': 7,
};
const treatment = { 'drug-treatment': 'no', 'non-drug-treatment': 'no' };
const blocks = { 'central-block': 'no', 'peripheral-block': 'no' };
/** All that must be answered, with no treatment given. */
export const complete: Answers = { visits, treatment, blocks, 'follow-up': { 'should-follow-up': 'no' } };

export const withVisits = (changes: Answers): Answers => ({ ...complete, visits: { ...visits, ...changes } });
export const withTreatment = (changes: Answers): Answers => ({
  ...complete,
  treatment: { ...treatment, ...changes },
});
export const withBlocks = (changes: Answers): Answers => ({ ...complete, blocks: { ...blocks, ...changes } });
export const withFollowUp = (changes: Answers): Answers => ({ ...complete, 'follow-up': changes });
export const withOpioids = (...opioid: Answers[]): Answers =>
  withTreatment({
    'drug-treatment': 'yes',
    'drug-groups': ['opioids'],
    'opioid-table': { opioid },
    'respiratory-depression': 'no',
  });

/** linkIds shown among those that the answer may open. */
export const opened = (answers: Answers, among: readonly string[]): readonly string[] =>
  shown(b22, answers).filter((linkId) => among.includes(linkId));
