/** Answers with which NKR's surgeon forms can be locked, one for each module; tests change what they are about. */
import type { Answers } from './case.ts';

export type Module = 'rygg' | 'nakke' | 'deformitet';

const consent: Answers = { consent: 'yes', 'consent-date': '2026-02-27' };
const stay: Answers = {
  'admission-date': '2026-02-27',
  'operation-date': '2026-02-28',
  'discharge-date': '2026-03-02',
  died: 'no',
};

export const complete: Readonly<Record<Module, Answers>> = {
  rygg: {
    stay: { ...stay, reoperated: 'no' },
    surgeon: {
      'spine-surgeon': 'yes',
      'regular-spine': 'no',
      assistant: 'no',
      'earlier-surgery': ['none'],
      anticoagulated: 'no',
      'thrombosis-prophylaxis': 'no',
      immunosuppression: 'no',
      'has-comorbidity': 'no',
    },
    radiology: { imaging: ['mri'], findings: ['herniation'], modic: 'no', deformity: 'no' },
    neurology: { paresis: 'no', cauda: 'no', clinical: ['lasegue'] },
    operation: {
      admission: 'elective',
      'day-surgery': 'no',
      asa: '2',
      'safe-surgery': 'yes',
      magnification: 'microscope',
      method: ['herniation-removal'],
      approach: 'midline',
      levels: { 'level-l4-l5': 'left' },
      'decompressed-levels': 1,
      'ncsp-1': 'ABC16',
    },
    'fusion-page': { fusion: 'no' },
    other: { antibiotics: 'no', drain: 'no', 'knife-minutes': 55 },
    complications: { perop: 'no' },
    'consent-page': consent,
  },
  nakke: {
    stay: { ...stay, 'form-date': '2026-03-06' },
    surgeon: { 'earlier-surgery': ['none'], 'has-comorbidity': 'no' },
    workup: { imaging: ['mri'], findings: ['herniation'] },
    'indication-page': { indication: ['pain'], 'pain-site': ['arm'], 'reoperation-90': 'no' },
    operation: {
      admission: 'elective',
      'day-surgery': 'no',
      asa: '1',
      approach: ['anterior'],
      'anterior-side': ['right'],
      magnification: 'microscope',
      method: ['discectomy'],
      discectomy: ['cage'],
      levels: { 'level-c5-c6': ['right'], 'level-c6-c7': ['right', 'left'] },
      'ncsp-1': 'ABC21',
    },
    'fusion-page': { fusion: 'no', graft: ['none'] },
    other: { antibiotics: 'no', drain: 'no', 'knife-minutes': 92 },
    complications: { perop: 'no' },
    'consent-page': consent,
  },
  deformitet: {
    stay,
    operation: {
      'current-surgery': 'primary',
      admission: 'elective',
      asa: '1',
      'curve-before': 62,
      'curve-after': 24,
      levels: { 'fusion-top': 'th4', 'fusion-bottom': 'l1' },
      'ncsp-1': 'NAG76',
    },
    other: { 'blood-loss': 650, 'knife-minutes': 240 },
    complications: { perop: 'no' },
    'consent-page': { ...consent, 'consent-by': 'patient' },
  },
};

/** The answers with those of some pages changed; a page is kept where nothing of it is given. */
export const withPages = (module: Module, pages: Readonly<Record<string, Answers>>): Answers => ({
  ...complete[module],
  ...Object.fromEntries(
    Object.entries(pages).map(([page, answers]) => [
      page,
      { ...(complete[module][page] as Answers | undefined), ...answers },
    ]),
  ),
});
