/** A complete registration in NNRR's form 1b, for its tests. */
import type { Answers } from './case.ts';
import { content } from './fill-form.ts';
import { formOf } from './run-case.ts';

/** The form 1b. */
export const form = formOf(content, 'nnrr-1b');

export const visit = {
  'visit-date': '2026-03-03',
  'referral-date': '2026-01-15',
  'offer-date': '2026-03-20',
  'examined-by': ['doctor', 'physiotherapist'],
  interpreter: 'no',
  research: 'no',
  'raskere-tilbake': 'no',
};
export const work = {
  employed: 'yes',
  'work-status': ['working'],
  'working-percent': 100,
  'earlier-sick-leave': 'none',
};
export const history = {
  'back-surgery': 'no',
  'neck-surgery': 'no',
  'pelvis-surgery': 'unknown',
  'serious-illness': 'no',
  medication: ['none'],
};
export const diagnostics = { imaging: ['none'], 'other-diagnostics': ['none'] };
export const lowBackPain = {
  location: 'back',
  'back-group': 'back-unspecified',
  'icd10-back-unspecified': 'M54.5',
};
export const treatment = {
  'follow-up': ['none'],
  'other-assessment': 'no',
  'specialist-treatment': 'no',
  measures: ['none'],
};
export const consent = { consent: 'yes', 'consent-date': '2026-03-03', 'consent-research': 'no' };
export const complete: Answers = {
  visit,
  work,
  history,
  diagnostics,
  diagnoses: { diagnosis: [lowBackPain] },
  treatment,
  'consent-page': consent,
};
export const withPage = (page: string, answers: Answers): Answers => ({
  ...complete,
  [page]: { ...(complete[page] as Answers), ...answers },
});
export const withRows = (...diagnosis: Answers[]): Answers => ({ ...complete, diagnoses: { diagnosis } });
export const imaged = {
  imaging: ['mri'],
  'imaging-findings': ['disc-herniation'],
  spondylolisthesis: 'none',
  'findings-explained': 'yes',
};
export const specialist = {
  'specialist-treatment': 'yes',
  'specialist-place': ['own'],
  'individual-interdisciplinary': '1-3',
  'group-interdisciplinary': 'none',
  measures: ['training'],
};
