/** What may be done to a form as it stands. */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { SYSTEM, type Principal } from '../../../src/access/principal.ts';
import { CHANGE_REASON, isLocked, refusal } from '../../../src/registry/form/lock.ts';
import { ehr, staff } from '../access/principals.ts';

interface Situation {
  readonly principal?: Principal;
  readonly task?: unknown;
  readonly episode?: unknown;
  readonly isWithdrawn?: boolean;
  readonly before?: unknown;
  readonly status?: string;
  readonly reason?: string;
  readonly existing?: string;
}

function ruleOf(situation: Situation): string | undefined {
  const {
    principal = staff('LU'),
    episode = 'active',
    isWithdrawn = false,
    before,
    status = 'in-progress',
    reason,
    existing,
  } = situation;
  const response: JsonObject = {
    status,
    ...(reason !== undefined && {
      extension: [{ url: 'http://x.no' }, { url: CHANGE_REASON, valueString: reason }],
    }),
  };
  const task = 'task' in situation ? situation.task : 'ready';
  const at = 'QuestionnaireResponse';
  const isOver = false;
  return refusal({ principal, task, episode, isWithdrawn, isOver, before, response, existing, at })?.rule;
}

describe('A form', () => {
  it.each<[string, Situation, string | undefined]>([
    ['is begun when its task is open', {}, undefined],
    ['is locked at once', { status: 'completed' }, undefined],
    ['is saved again', { task: 'in-progress', before: 'in-progress' }, undefined],
    [
      'is locked after a draft',
      { task: 'in-progress', before: 'in-progress', status: 'completed' },
      undefined,
    ],
    ['is not of the pathway', { task: undefined }, 'form-of-pathway'],
    ['waits after a withdrawal', { isWithdrawn: true }, 'consent-withdrawn'],
    [
      'is corrected after a withdrawal',
      { principal: staff('LC'), isWithdrawn: true, before: 'completed', status: 'amended', reason: 'x' },
      'consent-withdrawn',
    ],
    ['is not open yet', { task: 'draft' }, 'form-not-open'],
    ['is cancelled', { task: 'cancelled' }, 'form-not-open'],
    ['has a response already', { existing: 'QuestionnaireResponse/r' }, 'form-started'],
    ['has another status', { status: 'entered-in-error' }, 'form-status'],
    ['is corrected without having been locked', { status: 'amended' }, 'form-status'],
    ['is of a finished pathway, as those that patients answer later', { episode: 'finished' }, undefined],
    ['is of a cancelled pathway', { episode: 'cancelled', before: 'in-progress' }, 'pathway-locked'],
  ])('%s.', (_what, situation, rule) => {
    expect(ruleOf(situation)).toBe(rule);
  });
});

describe('A locked form', () => {
  const correction: Situation = {
    task: 'completed',
    before: 'completed',
    status: 'amended',
    reason: 'feil side',
  };

  it.each<[string, Situation, string | undefined]>([
    ['is corrected by a coordinator with a reason', { principal: staff('LC') }, undefined],
    ['is corrected by the server', { principal: SYSTEM }, undefined],
    ['is corrected again', { principal: staff('LC'), before: 'amended' }, undefined],
    ['is corrected in a finished pathway', { principal: staff('LC'), episode: 'finished' }, undefined],
    ['is not changed by a user', { principal: staff('LU') }, 'form-locked'],
    ['is not changed by a national coordinator', { principal: staff('SC') }, 'form-locked'],
    ['is not changed by an EHR', { principal: ehr }, 'form-locked'],
    ['is not opened again', { principal: staff('LC'), status: 'in-progress' }, 'form-locked'],
    ['is not locked twice', { principal: staff('LC'), status: 'completed' }, 'form-locked'],
    ['needs a reason', { principal: staff('LC'), reason: '  ' }, 'change-reason'],
  ])('%s.', (_what, situation, rule) => {
    expect(ruleOf({ ...correction, ...situation })).toBe(rule);
  });

  it('needs a reason, however its extensions look.', () => {
    const { reason: _reason, ...without } = correction;

    expect(ruleOf({ ...without, principal: staff('LC') })).toBe('change-reason');
  });

  it('is completed or amended.', () => {
    expect(['completed', 'amended', 'in-progress', undefined].map(isLocked)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
