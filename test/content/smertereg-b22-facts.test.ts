/** The resources that SmerteReg's form B2.2 becomes when it is locked. */
import type { AdverseEvent, Procedure } from '../../src/fhir/types.ts';
import type { Answers } from './case.ts';
import { b22, complete, withBlocks, withOpioids, withTreatment } from './b22-answers.ts';
import { facts } from './fill-form.ts';

describe('The facts of B2.2', () => {
  const ofType = <T>(answers: Answers, type: string): readonly T[] =>
    facts(b22, answers).filter(
      ({ resourceType }) => resourceType === type,
    ) as readonly unknown[] as readonly T[];

  it('are none when no treatment was given.', () => {
    expect(facts(b22, complete)).toEqual([]);
  });

  it('are the opioids at the last visit with their total.', () => {
    const answers = withOpioids(
      { 'opioid-form': 'morphine-po', dose: 20 },
      { 'opioid-form': 'oxycodone-po', dose: 10 },
    );

    expect(facts(b22, answers)).toMatchObject([
      {
        resourceType: 'Observation',
        effectiveDateTime: '2026-03-06',
        valueQuantity: { value: 35, code: 'mg/d' },
      },
      { resourceType: 'MedicationStatement', effectiveDateTime: '2026-03-06' },
      { resourceType: 'MedicationStatement', effectiveDateTime: '2026-03-06' },
    ]);
  });

  it('state an incomplete total as absent, never as a number.', () => {
    const [total] = ofType(withOpioids({ 'opioid-form': 'methadone-po', dose: 40 }), 'Observation');

    expect(total).toMatchObject({ dataAbsentReason: { coding: [{ code: 'unknown' }] } });
    expect(total).not.toHaveProperty('valueQuantity');
  });

  it('are a procedure per kind of block, with its types, somewhere between start and end.', () => {
    const procedures = ofType<Procedure>(
      withBlocks({
        'central-block': 'yes',
        'central-block-type': ['epidural', 'spinal'],
        'central-block-drug': ['opioids'],
        'central-block-complications': 'no',
        'peripheral-block': 'yes',
        'peripheral-block-type': ['tap'],
        'peripheral-block-administration': ['single-shot'],
        'peripheral-block-complications': 'unknown',
      }),
      'Procedure',
    );

    expect(procedures.map(({ code }) => code?.coding?.map((coding) => coding.code))).toEqual([
      ['epidural', 'spinal'],
      ['tap'],
    ]);
    expect(procedures.map(({ performedPeriod }) => performedPeriod)).toEqual([
      { start: '2026-03-03', end: '2026-03-06' },
      { start: '2026-03-03', end: '2026-03-06' },
    ]);
  });

  it('are one adverse event per severe complication, tied to the block it came from.', () => {
    const answers = withBlocks({
      'central-block': 'yes',
      'central-block-type': ['epidural'],
      'central-block-drug': ['local-anaesthetic'],
      'central-block-complications': 'yes',
      'central-block-complication': ['meningitis', 'csf-leak'],
      'central-block-measure': ['antibiotics'],
    });
    const [procedure] = ofType<Procedure>(answers, 'Procedure');
    const events = ofType<AdverseEvent>(answers, 'AdverseEvent');

    expect(events.map(({ event }) => event?.coding?.[0]?.code)).toEqual(['meningitis', 'csf-leak']);
    expect(events.map(({ suspectEntity }) => suspectEntity?.[0]?.instance.reference)).toEqual([
      `Procedure/${procedure?.id ?? ''}`,
      `Procedure/${procedure?.id ?? ''}`,
    ]);
  });

  it('are an adverse event of severe respiratory depression.', () => {
    const answers = withTreatment({
      'drug-treatment': 'yes',
      'drug-groups': ['opioids'],
      'opioid-table': { opioid: [{ 'opioid-form': 'morphine-po', dose: 20 }] },
      'respiratory-depression': 'yes',
      'respiration-measure': ['antidote'],
    });

    expect(ofType<AdverseEvent>(answers, 'AdverseEvent')).toMatchObject([
      {
        actuality: 'actual',
        event: { coding: [{ code: 'respiratory-depression' }] },
        subject: { reference: 'Patient/kari' },
        date: '2026-03-06',
      },
    ]);
  });
});
