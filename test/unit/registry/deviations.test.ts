/** Marks on events that are worth a second look (AU-05). */
import { type DeviationContext, deviationsOf } from '../../../src/registry/audit/deviations.ts';
import type { ReviewedEvent } from '../../../src/storage/audit-review.ts';

const event = (parts: Partial<ReviewedEvent> = {}): ReviewedEvent => ({
  id: 'e1',
  recorded: '2026-11-20T09:30:00.000Z',
  kind: 'patient-page',
  action: 'R',
  outcome: 200,
  agent: 'user:lu-ane',
  role: 'LU',
  unit: 'clinic',
  about: ['clinic'],
  patients: ['p1'],
  isFollowedUp: false,
  ...parts,
});

const context: DeviationContext = {
  isRelated: (a, b) => a === b || [a, b].includes('hospital'),
  busy: [{ agent: 'user:lu-ane', hour: '2026-11-20T11:00:00.000Z', patients: 30 }],
  colleagues: new Set(['p9']),
};

describe('An event of the audit trail', () => {
  it('has no mark on an ordinary day in the own department (AU-05).', () => {
    expect(deviationsOf(event(), context)).toEqual([]);
    expect(deviationsOf(event({ about: ['hospital'] }), context)).toEqual([]);
    expect(deviationsOf(event({ about: [] }), context)).toEqual([]);
  });

  it.each<[string, Partial<ReviewedEvent>, string]>([
    ['data of another department', { about: ['other-clinic'] }, 'other-unit'],
    ['night, in Norway', { recorded: '2026-11-20T21:05:00.000Z' }, 'night'],
    ['early morning in summer', { recorded: '2026-07-20T03:59:00.000Z' }, 'night'],
    ['many patients within the hour', { recorded: '2026-11-20T11:45:00.000Z' }, 'many'],
    ['a patient who works here', { patients: ['p9'] }, 'colleague'],
    ['what was refused', { outcome: 404 }, 'refused'],
  ])('is marked for %s (AU-05).', (_what, parts, mark) => {
    expect(deviationsOf(event(parts), context)).toEqual([mark]);
  });

  it('is not marked for a list that shows many at once.', () => {
    const list = event({
      kind: 'work-list',
      recorded: '2026-11-20T11:45:00.000Z',
      patients: ['p1', 'p2', 'p9'],
    });

    expect(deviationsOf(list, context)).toEqual([]);
  });

  it('is not marked at half past eight on a winter evening, nor at six in the morning.', () => {
    expect(deviationsOf(event({ recorded: '2026-11-20T20:59:00.000Z' }), context)).toEqual([]);
    expect(deviationsOf(event({ recorded: '2026-11-20T05:00:00.000Z' }), context)).toEqual([]);
  });
});
