/** What NKR works out from the surgeon's answers: procedure classes, ASA group, length of stay, and reoperation within 90 days. */
import type { Answers } from './case.ts';
import { content, filled } from './fill-form.ts';
import { type Module, withPages } from './nkr-answers.ts';
import { formOf } from './run-case.ts';

const forms = Object.fromEntries(
  (['rygg', 'nakke', 'deformitet'] as const).map((module) => [
    module,
    formOf(content, `nkr-${module}-surgeon`),
  ]),
);
const derived = (module: Module, pages: Readonly<Record<string, Answers>>, name: string): unknown =>
  filled(forms[module]!, withPages(module, pages)).get(name.includes('/') ? name : `derived/${name}`);

const fused = (...types: readonly string[]): Answers => ({ fusion: 'yes', 'fusion-type': types });
const back = (method: readonly string[], more: Readonly<Record<string, Answers>> = {}) => ({
  operation: { method, ...(more['operation'] ?? {}) },
  ...Object.fromEntries(Object.entries(more).filter(([page]) => page !== 'operation')),
});
const stenosis = { findings: ['central-stenosis'] };

describe("The procedure classes of NKR's degenerative back", () => {
  it.each([
    [
      'a disc prosthesis, before all',
      back(['disc-prosthesis', 'revision', 'laminectomy']),
      'disc-prosthesis',
    ],
    ['a revision', back(['revision', 'pso']), 'revision'],
    ['removed implants', back(['implant-removal']), 'revision'],
    ['an osteotomy', back(['pso']), 'deformity'],
    ['an operation for scoliosis', back(['decompression'], { radiology: { deformity: 'yes' } }), 'deformity'],
    [
      'XLIF before the other fusions',
      back(['decompression'], { 'fusion-page': fused('plf', 'xlif') }),
      'xlif',
    ],
    ['ALIF before TLIF', back(['decompression'], { 'fusion-page': fused('tlif', 'alif') }), 'alif'],
    ['TLIF before PLIF', back(['decompression'], { 'fusion-page': fused('plif', 'tlif') }), 'tlif'],
    ['PLIF before PLF', back(['decompression'], { 'fusion-page': fused('plf', 'plif') }), 'plif'],
    ['PLF', back(['decompression'], { 'fusion-page': fused('plf') }), 'plf'],
    [
      'a fusion of no named type',
      back(['decompression'], { 'fusion-page': { fusion: 'yes' } }),
      'fusion-undefined',
    ],
    ['a laminectomy without fusion', back(['laminectomy', 'decompression']), 'laminectomy'],
    ['a decompression of a stenosis', back(['decompression'], { radiology: stenosis }), 'midline'],
    ['an osteotomy of the spinous process', back(['spinous-osteotomy']), 'midline'],
    ['a herniation with microscope', back(['herniation-removal']), 'disc-micro'],
    [
      'a herniation with an endoscope',
      back(['herniation-removal'], { operation: { magnification: 'endoscope' } }),
      'disc-micro',
    ],
    [
      'a herniation without magnification',
      back(['herniation-removal'], { operation: { magnification: 'none' } }),
      'disc-open',
    ],
    ['a herniation that is decompressed too', back(['herniation-removal', 'decompression']), 'disc-micro'],
    ['a percutaneous fusion', back(['percutaneous-fusion']), 'fusion-undefined'],
    ['something else, without herniation', back(['other'], { radiology: stenosis }), 'midline'],
    ['something else, with herniation', back(['other']), 'other'],
  ])('take %s.', (_, pages, expected) => {
    expect(derived('rygg', pages, 'procedure')).toBe(expected);
  });

  it('are none before the method is answered.', () => {
    expect(derived('rygg', { operation: { method: [] } }, 'procedure')).toBeUndefined();
  });

  it.each([
    [back(['herniation-removal']), 'disc', 'yes', 'no'],
    [back(['herniation-removal'], { operation: { magnification: 'none' } }), 'disc', 'yes', 'no'],
    [back(['decompression'], { radiology: stenosis }), 'midline', 'no', 'yes'],
    [back(['laminectomy'], { radiology: stenosis }), 'laminectomy', 'no', 'yes'],
    [back(['laminectomy']), 'laminectomy', 'no', 'no'],
    [back(['decompression'], { radiology: { findings: ['disc-degeneration'] } }), 'midline', 'no', 'yes'],
    [back(['decompression'], { radiology: stenosis, 'fusion-page': fused('tlif') }), 'fusion', 'no', 'yes'],
    [back(['herniation-removal'], { 'fusion-page': fused('plf') }), 'fusion', 'yes', 'no'],
    [
      back(['herniation-removal'], {
        radiology: { findings: ['herniation', 'isthmic-listhesis'] },
        'fusion-page': fused('plf'),
      }),
      'fusion',
      'no',
      'no',
    ],
    [back(['revision']), 'revision', 'no', 'no'],
    [back(['disc-prosthesis']), 'disc-prosthesis', 'no', 'no'],
  ])('become of %j the main procedure %s; for herniation %s, for stenosis %s.', (pages, main, disc, lss) => {
    const values = filled(forms['rygg']!, withPages('rygg', pages));

    expect([
      values.get('derived/main-procedure'),
      values.get('derived/herniation-operation'),
      values.get('derived/stenosis-operation'),
    ]).toEqual([main, disc, lss]);
  });
});

describe("The procedure classes of NKR's degenerative neck", () => {
  const anterior = { approach: ['anterior'], method: ['discectomy'] };
  const posterior = {
    approach: ['posterior'],
    method: ['decompression'],
    foraminotomy: ['none'],
    'posterior-decompression': 'none',
  };

  it.each([
    ['a herniation from the front', { operation: anterior }, 'anterior-herniation'],
    [
      'a stenosis without herniation from the front',
      { operation: anterior, workup: { findings: ['root-canal-stenosis'] } },
      'anterior-stenosis',
    ],
    ['a corpectomy', { operation: { ...anterior, method: ['corpectomy'] } }, 'corpectomy'],
    [
      'a laminectomy',
      { operation: { ...posterior, 'posterior-decompression': 'laminectomy' } },
      'laminectomy',
    ],
    [
      'a laminoplasty',
      { operation: { ...posterior, 'posterior-decompression': 'laminoplasty' } },
      'laminoplasty',
    ],
    [
      'another decompression',
      { operation: { ...posterior, 'posterior-decompression': 'other' } },
      'posterior-other',
    ],
    ['a foraminotomy', { operation: { ...posterior, foraminotomy: ['unilateral'] } }, 'foraminotomy'],
    ['a posterior approach and nothing more', { operation: posterior }, 'foraminotomy'],
    [
      'a posterior fusion, whatever else',
      {
        operation: { ...posterior, 'posterior-decompression': 'laminectomy' },
        'fusion-page': { fusion: 'yes' },
      },
      'posterior-fusion',
    ],
    [
      'other methods',
      { operation: { approach: ['anterior'], method: ['other'] }, workup: { findings: ['degenerative'] } },
      'other',
    ],
    [
      'what fits no rule',
      {
        operation: { ...posterior, foraminotomy: ['none'], 'posterior-decompression': 'hemilaminectomy' },
      },
      'unclassified',
    ],
  ] as const)('take %s.', (_, pages, expected) => {
    expect(derived('nakke', pages, 'procedure')).toBe(expected);
  });

  it('count the levels that have a side.', () => {
    expect(derived('nakke', {}, 'operated-levels')).toBe(2);
    expect(derived('nakke', { operation: { levels: { 'level-other': 'Th2' } } }, 'operated-levels')).toBe(0);
  });
});

describe.each(['rygg', 'nakke', 'deformitet'] as const)('What NKR works out for %s', (module) => {
  it.each([
    ['ABC07', 'percutaneous-disc'],
    ['ABC16', 'micro-disc'],
    ['ABC10', 'micro-disc'],
    ['ABC21', 'open-disc'],
    ['ABC36', 'nerve-root'],
    ['ABC40', 'canal'],
    ['ABC56', 'canal'],
    ['ABC66', 'canal'],
    ['ABC99', 'other'],
    ['NAB96', 'disc-prosthesis'],
    ['NAC00', 'disc-prosthesis'],
    ['NAG66', 'fusion'],
    ['NAK10', 'osteotomy'],
    ['NAU49', 'implant-removal'],
    ['NAW99', 'reoperation'],
    ['ABW99', 'reoperation'],
    ['NBG00', 'other'],
  ])('of the main code %s, chosen or typed, is the group %s.', (code, group) => {
    expect(derived(module, { operation: { 'ncsp-1': code } }, 'ncsp-class')).toBe(group);
  });

  it.each([
    ['1', '1-2'],
    ['2', '1-2'],
    ['3', '3-5'],
    ['5', '3-5'],
  ])('of ASA %s is the group %s.', (asa, group) => {
    expect(derived(module, { operation: { asa } }, 'asa-group')).toBe(group);
  });

  it.each([
    ['2026-02-28', 0, 'day'],
    ['2026-03-01', 1, '1-2'],
    ['2026-03-02', 2, '1-2'],
    ['2026-03-03', 3, '3-6'],
    ['2026-03-06', 6, '3-6'],
    ['2026-03-07', 7, '7-plus'],
  ])('of a discharge on %s are %d days, %s.', (date, days, group) => {
    const pages = { stay: { 'discharge-date': date } };

    expect(derived(module, pages, 'stay/days-postoperative')).toBe(days);
    expect(derived(module, pages, 'stay-group')).toBe(group);
  });

  it.each([
    ['2025-11-30', 90, 'yes'],
    ['2025-11-29', 91, 'no'],
    ['2024-02-29', 730, 'no'],
  ])('of a previous operation on %s are %d days; a reoperation within 90: %s.', (date, days, expected) => {
    const values = filled(forms[module]!, {
      ...withPages(module, { derived: { 'previous-operation-date': date } }),
      ...(module === 'nakke' && { 'indication-page': { indication: ['pain'], 'pain-site': ['arm'] } }),
    });
    const page = module === 'nakke' ? 'indication-page' : 'derived';

    expect(values.get('derived/days-since-previous')).toBe(days);
    expect(values.get(`${page}/reoperation-90`)).toBe(expected);
  });

  it('of an operation after this one is nothing.', () => {
    const pages = { derived: { 'previous-operation-date': '2026-03-01' } };

    expect(derived(module, pages, 'days-since-previous')).toBeUndefined();
  });

  it('are the days since the patient answered.', () => {
    expect(derived(module, { stay: { 'patient-form-date': '2026-02-13' } }, 'patient-form-days')).toBe(15);
  });
});

describe('A reoperation of the neck that is suggested', () => {
  it('is what the surgeon says when the surgeon says otherwise.', () => {
    const pages = { derived: { 'previous-operation-date': '2026-02-01' } };

    expect(derived('nakke', pages, 'indication-page/reoperation-90')).toBe('no');
  });
});

describe('The correction of a curve', () => {
  it.each([
    [62, 24, 61.3],
    [40, 40, 0],
    [40, 50, -25],
    [0, 10, undefined],
  ])('from %d to %d degrees is %s per cent.', (before, after, correction) => {
    const pages = { operation: { 'curve-before': before, 'curve-after': after } };

    expect(derived('deformitet', pages, 'correction')).toBe(correction);
  });
});
