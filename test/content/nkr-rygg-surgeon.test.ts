/** NKR's form of the surgeon, degenerative back: what is mandatory, every branch and range, and the facts it becomes. */
import type { Condition, Observation, Procedure } from '../../src/fhir/types.ts';
import type { Answers } from './case.ts';
import { brokenRules, content, facts, filled, shown } from './fill-form.ts';
import { complete as all } from './nkr-answers.ts';
import { formOf } from './run-case.ts';

const form = formOf(content, 'nkr-rygg-surgeon');

const complete = all.rygg;
const withPage = (page: string, answers: Answers): Answers => ({
  ...complete,
  [page]: { ...(complete[page] as Answers), ...answers },
});
const without = (page: string, linkId: string): Answers => ({
  ...complete,
  [page]: Object.fromEntries(Object.entries(complete[page] as Answers).filter(([id]) => id !== linkId)),
});
const fusion = {
  fusion: 'yes',
  'fusion-type': ['tlif'],
  graft: ['bank'],
  'fusion-top': 'l3',
  'fusion-bottom': 'l5',
};

const MANDATORY: Readonly<Record<string, readonly string[]>> = {
  stay: ['admission-date', 'operation-date', 'died', 'reoperated'],
  surgeon: [
    'earlier-surgery',
    'anticoagulated',
    'thrombosis-prophylaxis',
    'immunosuppression',
    'has-comorbidity',
  ],
  radiology: ['imaging', 'findings', 'deformity'],
  neurology: ['paresis', 'cauda'],
  operation: ['admission', 'day-surgery', 'asa', 'magnification', 'method', 'levels', 'ncsp-1'],
  'fusion-page': ['fusion'],
  other: ['antibiotics', 'drain'],
  complications: ['perop'],
};
const RECOMMENDED: Readonly<Record<string, readonly string[]>> = {
  stay: ['discharge-date'],
  surgeon: ['spine-surgeon', 'regular-spine', 'assistant'],
  radiology: ['modic'],
  neurology: ['clinical'],
  operation: ['safe-surgery', 'approach', 'decompressed-levels'],
  other: ['knife-minutes'],
  'consent-page': ['consent'],
};
const flat = (table: Readonly<Record<string, readonly string[]>>): readonly (readonly [string, string])[] =>
  Object.entries(table).flatMap(([page, ids]) => ids.map((id) => [page, id] as const));

describe('The form of the surgeon, degenerative back,', () => {
  it('can be locked when its questions are answered.', () => {
    expect(brokenRules(form, complete)).toEqual([]);
  });

  it.each(flat(MANDATORY))('on the page %s needs %s.', (page, linkId) => {
    const rules = brokenRules(form, without(page, linkId));

    expect(rules.filter((rule) => rule.startsWith('required'))).toEqual([`required ${linkId}`]);
  });

  it.each(flat(RECOMMENDED))('on the page %s warns of an open %s.', (page, linkId) => {
    expect(brokenRules(form, without(page, linkId))).toEqual([`recommended ${linkId}`]);
  });

  it.each([
    ['stay', { 'operation-date': '2026-02-26' }, ['nkr-rygg-operation-after-admission operation-date']],
    ['stay', { 'discharge-date': '2026-02-27' }, ['nkr-rygg-discharge-after-operation discharge-date']],
    ['stay', { 'discharge-date': '2026-03-07' }, ['not-after-now discharge-date']],
    ['stay', { 'patient-form-date': '2026-02-14' }, []],
    ['stay', { 'patient-form-date': '2026-02-13' }, ['nkr-rygg-patient-form-early operation-date']],
    [
      'stay',
      { 'admission-date': '2025-12-05', 'operation-date': '2025-12-06', 'discharge-date': '2025-12-08' },
      [],
    ],
    [
      'stay',
      { 'admission-date': '2025-12-05', 'operation-date': '2025-12-05', 'discharge-date': '2025-12-08' },
      ['nkr-rygg-late operation-date'],
    ],
    ['operation', { 'ncsp-1': 'AB16' }, ['regex ncsp-1']],
    ['operation', { 'ncsp-2': 'NAG66' }, []],
    ['operation', { 'ncsp-2': 'nag66' }, ['regex ncsp-2']],
    ['operation', { 'decompressed-levels': 6 }, ['usual-range decompressed-levels']],
    ['other', { 'knife-minutes': 9 }, ['usual-range knife-minutes']],
    ['other', { 'knife-start': '24:00' }, ['regex knife-start']],
    ['fusion-page', { ...fusion, 'fusion-bottom': 'l3' }, ['nkr-rygg-fusion-order fusion-top']],
    ['fusion-page', { ...fusion, 'fusion-bottom': 'l1' }, ['nkr-rygg-fusion-order fusion-top']],
    ['fusion-page', fusion, []],
    ['surgeon', { 'earlier-surgery': ['none', 'same-level'] }, ['exclusive earlier-surgery']],
    ['neurology', { clinical: ['none', 'lasegue'] }, ['exclusive clinical']],
    ['radiology', { findings: ['none', 'synovial-cyst'] }, ['exclusive findings']],
  ] as const)('on the page %s, %j breaks %j.', (page, answers, rules) => {
    expect(brokenRules(form, withPage(page, answers))).toEqual(rules);
  });

  it.each([
    ['surgeon', { 'regular-spine': 'yes' }, ['regular-spine-years']],
    ['surgeon', { 'earlier-surgery': ['same-level'] }, ['earlier-surgery-count', 'last-surgery']],
    ['surgeon', { anticoagulated: 'yes' }, ['anticoagulant', 'anticoagulant-stopped']],
    ['surgeon', { 'thrombosis-prophylaxis': 'yes' }, ['thrombosis-drug', 'thrombosis-first-before']],
    ['surgeon', { 'has-comorbidity': 'yes', comorbidity: ['other'] }, ['comorbidity', 'comorbidity-other']],
    ['radiology', { imaging: ['x-ray-flexion', 'mri'] }, ['translation', 'angulation']],
    ['radiology', { imaging: ['block', 'mri'] }, ['block']],
    ['radiology', { findings: ['degenerative-listhesis'] }, ['listhesis']],
    ['radiology', { findings: ['isthmic-listhesis'] }, ['meyerding']],
    [
      'radiology',
      { modic: 'yes', 'modic-type': ['type-1', 'type-2'] },
      ['modic-type', 'modic-1-level', 'modic-2-level'],
    ],
    ['radiology', { deformity: 'yes' }, ['cobb', 'sva', 'pi', 'pt', 'ss', 'll']],
    [
      'neurology',
      { paresis: 'yes', 'paresis-duration': 'under-24-hours' },
      ['paresis-grade', 'paresis-duration', 'paresis-hours'],
    ],
    ['neurology', { cauda: 'yes', 'cauda-duration': 'under-1-week' }, ['cauda-duration', 'cauda-days']],
    ['neurology', { cauda: 'yes', 'cauda-duration': '1-week-3-months' }, ['cauda-duration', 'cauda-weeks']],
    ['neurology', { cauda: 'yes', 'cauda-duration': 'over-3-months' }, ['cauda-duration']],
    ['operation', { method: ['decompression', 'other'] }, ['decompression-approach', 'method-other']],
    ['operation', { levels: { 'level-other': 'yes' } }, ['level-other-text']],
    [
      'fusion-page',
      { fusion: 'yes', 'fusion-type': ['plf'], graft: ['autograft'], 'iliac-screw': 'yes' },
      [
        'fusion-type',
        'plf-instrumented',
        'graft',
        'autograft',
        'fusion-top',
        'fusion-bottom',
        'fusion-levels',
        'iliac-screw',
        'iliac-screw-side',
        'cemented',
      ],
    ],
    ['complications', { perop: 'yes' }, ['perop-complications']],
    ['consent-page', { consent: 'no' }, ['missing-consent-type']],
    [
      'other',
      { antibiotics: 'yes', 'antibiotic-day': 'no' },
      ['antibiotic', 'antibiotic-dose', 'antibiotic-doses', 'antibiotic-day', 'antibiotic-days'],
    ],
  ] as const)('on the page %s, %j opens %j.', (page, answers, opened) => {
    const before = new Set(shown(form, complete));

    expect(shown(form, withPage(page, answers)).filter((linkId) => !before.has(linkId))).toEqual(opened);
  });

  it.each([
    [{ consent: 'yes', 'consent-date': '2026-02-27' }, ['permit 2026-02-27']],
    [{ consent: 'no', 'missing-consent-type': 'not-asked' }, ['deny 2026-03-06']],
    [{}, []],
  ])('becomes for %j the Consents %j.', (answers, consents) => {
    const found = facts(form, { ...complete, 'consent-page': answers }).flatMap((resource) =>
      resource.resourceType === 'Consent'
        ? [`${resource.provision?.type} ${resource.dateTime?.slice(0, 10)}`]
        : [],
    );

    expect(found).toEqual(consents);
  });

  it('counts the days in hospital and the age.', () => {
    const values = filled(form, complete);

    expect(values.get('stay/days-postoperative')).toBe(2);
    expect(values.get('stay/days-total')).toBe(3);
    expect(values.get('stay/age')).toBe(40);
  });

  it.each([
    ['08:15', '09:40', 85],
    ['23:30', '00:45', 75],
  ])('counts the minutes from %s to %s as %d.', (start, end, minutes) => {
    const values = filled(form, withPage('other', { 'knife-start': start, 'knife-end': end }));

    expect(values.get('other/knife-minutes')).toBe(minutes);
  });

  it('counts the fused levels from the uppermost to the lowermost vertebra.', () => {
    expect(filled(form, withPage('fusion-page', fusion)).get('fusion-page/fusion-levels')).toBe(2);
  });

  it('becomes a Procedure with its levels, sides and complications, and one for a second code.', () => {
    const answers = {
      ...withPage('operation', {
        levels: { 'level-l3-l4': 'both', 'level-l4-l5': 'left', 'level-other': 'no' },
        'ncsp-2': 'NAG66',
      }),
      complications: { perop: 'yes', 'perop-complications': ['dural-tear', 'other'] },
    };
    const procedures = facts(form, answers).filter(
      (resource): resource is Procedure => resource.resourceType === 'Procedure',
    );
    const [main, second] = procedures;

    expect(procedures.map(({ code }) => code?.coding?.[0]?.code)).toEqual(['ABC16', 'NAG66']);
    expect(main?.performedDateTime).toBe('2026-02-28');
    expect(main?.bodySite?.map(({ coding }) => coding?.map(({ code }) => code))).toEqual([
      ['l3-l4', 'both'],
      ['l4-l5', 'left'],
    ]);
    expect(main?.complication?.map(({ coding }) => coding?.[0]?.code)).toEqual(['dural-tear', 'other']);
    expect(second?.bodySite).toBeUndefined();
  });

  it('becomes Observations of findings, and Conditions of other diseases.', () => {
    const answers = {
      ...withPage('surgeon', {
        'has-comorbidity': 'yes',
        comorbidity: ['diabetes', 'other'],
        'comorbidity-other': 'Migrene',
      }),
      radiology: { ...(complete['radiology'] as Answers), findings: ['herniation', 'recess-stenosis'] },
    };
    const made = facts(form, answers);
    const findings = made
      .filter((resource): resource is Observation => resource.resourceType === 'Observation')
      .map(({ valueCodeableConcept }) => valueCodeableConcept?.coding?.[0]?.code);
    const diseases = made
      .filter((resource): resource is Condition => resource.resourceType === 'Condition')
      .map(({ code, recordedDate }) => [code?.coding?.[0]?.code, code?.text, recordedDate]);

    expect(findings).toEqual(['herniation', 'recess-stenosis']);
    expect(diseases).toEqual([
      ['diabetes', undefined, '2026-02-28'],
      ['other', 'Migrene', '2026-02-28'],
    ]);
  });
});
