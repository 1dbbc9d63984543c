/** What one request was shown, gathered into one event (AU-01). */
import { NOTHING_SEEN, Visit } from '../../../src/repository/visit.ts';

const task = { type: 'Task', id: 't1', versionId: '1' };
const seen = (parts: Partial<typeof NOTHING_SEEN>): typeof NOTHING_SEEN => ({ ...NOTHING_SEEN, ...parts });

describe('A visit', () => {
  it('gathers everything under the name of what was asked first, each thing once.', () => {
    const visit = new Visit();

    visit.note('open-form', 202, seen({ entities: [task], patients: ['p1'], registers: ['pain'] }));
    visit.note(
      'read',
      200,
      seen({ entities: [task], patients: ['p1', 'p2'], about: ['clinic'], queries: ['Task?x'] }),
    );

    expect(visit.pending()).toEqual({
      interaction: 'open-form',
      status: 202,
      seen: {
        entities: [task],
        patients: ['p1', 'p2'],
        registers: ['pain'],
        about: ['clinic'],
        queries: ['Task?x'],
      },
    });
  });

  it('has nothing to tell before anything was asked, and something when nothing was found.', () => {
    const visit = new Visit();
    const before = visit.pending();

    visit.note('work-list', 200, NOTHING_SEEN);

    expect(before).toBeUndefined();
    expect(visit.pending()).toEqual({ interaction: 'work-list', status: 200, seen: NOTHING_SEEN });
  });

  it('does not tell twice what the event of a write has told.', () => {
    const visit = new Visit();
    visit.note('save-form', 200, seen({ entities: [task] }));
    visit.tell(seen({ entities: [task, { type: 'Task', id: 't2', versionId: '1' }] }));

    visit.note('read', 200, seen({ entities: [{ type: 'Task', id: 't2', versionId: '1' }] }));
    const afterKnown = visit.pending();
    visit.note('read', 200, seen({ entities: [{ type: 'Task', id: 't3', versionId: '1' }] }));

    expect(afterKnown).toBeUndefined();
    expect(visit.pending()?.seen.entities).toEqual([{ type: 'Task', id: 't3', versionId: '1' }]);
  });
});
