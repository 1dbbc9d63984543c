/**
 * Scopes never widen, and more scopes never give less (SC-06): for random sets A ⊆ B, access(A) ⊆ access(B). What scopes mean
 * is said here once more, in plain words over a few made-up resources, and held against the functions that decide.
 */
import fc from 'fast-check';
import { decide, type Interaction } from '../../../src/access/decide.ts';
import type { Principal } from '../../../src/access/principal.ts';
import { withLimits } from '../../../src/access/scope-limits.ts';
import { constraintsFor, LETTERS, type ScopeLevel } from '../../../src/access/scopes.ts';
import { loadR4 } from '../../../src/content/r4.ts';
import { createParameters } from '../../../src/search/parameters.ts';
import { grantScopes } from '../../../src/smart/scope-policy.ts';
import { analytics, ehr, staff } from './principals.ts';

const LEVELS: readonly ScopeLevel[] = ['patient', 'user', 'system'];
const CATEGORIES = ['laboratory', 'vital-signs'];
const STATUSES = ['final', 'preliminary'];

interface Row {
  readonly type: string;
  readonly category: string;
  readonly status: string;
}

const ROWS: readonly Row[] = ['Observation', 'Condition', 'Patient'].flatMap((type) =>
  CATEGORIES.flatMap((category) => STATUSES.map((status) => ({ type, category, status }))),
);

/** What a set of scopes gives, row by row, by the function that everything else asks. */
function access(scopes: readonly string[]): ReadonlySet<string> {
  const given = new Set<string>();
  for (const level of LEVELS) {
    for (const letter of LETTERS) {
      for (const row of ROWS) {
        const reach = constraintsFor(scopes, { level, type: row.type, letter });
        const isReached =
          reach === 'all' ||
          (reach !== 'none' &&
            reach.some((all) => all.every(({ name, value }) => row[name as 'category'] === value)));
        if (isReached) {
          given.add(`${level} ${letter} ${JSON.stringify(row)}`);
        }
      }
    }
  }
  return given;
}

const query = fc
  .record(
    { category: fc.constantFrom(...CATEGORIES), status: fc.constantFrom(...STATUSES) },
    { requiredKeys: [] },
  )
  .map((given) => Object.entries(given).map(([name, value]) => `${name}=${value}`))
  .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`));
const goodScope = fc
  .record({
    level: fc.constantFrom(...LEVELS),
    type: fc.constantFrom('*', 'Observation', 'Condition', 'Patient'),
    right: fc.oneof(
      fc
        .tuple(fc.subarray([...LETTERS], { minLength: 1 }), query)
        .map(([letters, end]) => letters.join('') + end),
      fc.constantFrom('read', 'write', '*'),
    ),
  })
  .map(({ level, type, right }) => `${level}/${type}.${right}`);
const scope = fc.oneof(
  { weight: 9, arbitrary: goodScope },
  {
    weight: 1,
    arbitrary: fc.constantFrom('openid', 'system/*.sr', 'system/*', '', 'user/*.rs?x:not=1', '*/*.cruds'),
  },
);
const scopes = fc.array(scope, { maxLength: 5 });

const isSubset = <T>(few: ReadonlySet<T>, many: ReadonlySet<T>): boolean =>
  [...few].every((one) => many.has(one));
const both = (a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...a].filter((one) => b.has(one)));

describe('Scopes', () => {
  it('give at least as much when there are more of them: A ⊆ B → access(A) ⊆ access(B) (SC-06).', () => {
    fc.assert(
      fc.property(scopes, scopes, (some, more) => {
        expect(isSubset(access(some), access([...more, ...some]))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('give the union of what each gives, in any order and however often (SC-06).', () => {
    fc.assert(
      fc.property(scopes, (set) => {
        const one = new Set(set.flatMap((text) => [...access([text])]));

        expect(access(set)).toEqual(one);
        expect(access([...set, ...set].toReversed())).toEqual(one);
      }),
      { numRuns: 500 },
    );
  });

  it('give no more with a parameter more (SC-04, SC-06).', () => {
    fc.assert(
      fc.property(goodScope, fc.constantFrom('category=laboratory', 'status=final'), (text, more) => {
        const narrower = `${text}${text.includes('?') ? '&' : '?'}${more}`;

        expect(isSubset(access([narrower]), access([text]))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

/** A request that says something: one without any text is for everything that is registered (SC-07). */
const textOf = (asked: readonly string[]): string => ['openid', ...asked].join(' ');

describe('What a client is granted', () => {
  it('is what it asks for and may have, exactly: access(granted) = access(asked) ∩ access(policy) (SC-06, SC-07).', () => {
    fc.assert(
      fc.property(scopes, scopes, (asked, policy) => {
        const granted = grantScopes(textOf(asked), policy);

        expect(access(granted)).toEqual(both(access(asked), access(policy)));
      }),
      { numRuns: 500 },
    );
  });

  it('grows with what is asked for and with what is registered, and with nothing else (SC-06).', () => {
    fc.assert(
      fc.property(scopes, scopes, scopes, (asked, policy, more) => {
        const given = access(grantScopes(textOf(asked), policy));

        expect(isSubset(given, access(grantScopes(textOf([...asked, ...more]), policy)))).toBe(true);
        expect(isSubset(given, access(grantScopes(textOf(asked), [...policy, ...more])))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same when it is granted once more: a refreshed token has what the first had (SM-15).', () => {
    fc.assert(
      fc.property(scopes, scopes, (asked, policy) => {
        const granted = grantScopes(textOf(asked), policy);

        expect(granted.length === 0 ? [] : grantScopes(granted.join(' '), policy)).toEqual(granted);
      }),
      { numRuns: 500 },
    );
  });
});

describe('The access decision', () => {
  const parameters = createParameters(loadR4().searchParameters.all());
  const context = {
    parameters,
    now: new Date('2026-11-21T10:00:00Z'),
    baseUrl: 'https://ryggrad.example/fhir',
  };
  const CALLERS: Readonly<Record<string, Principal>> = {
    'an EHR': ehr,
    'an analytics client': analytics,
    'a local user': staff('LU'),
    'a local coordinator': staff('LC'),
    'a national coordinator': staff('SC'),
    'an app with a patient': staff('LC', { app: 'app', scopePatient: 'p1' }),
  };
  const INTERACTIONS: readonly Interaction[] = [
    'create',
    'read',
    'vread',
    'update',
    'patch',
    'delete',
    'history',
    'history-type',
    'search',
    'export',
  ];
  const TYPES = [
    'Observation',
    'Patient',
    'QuestionnaireResponse',
    'Task',
    'Subscription',
    'AuditEvent',
    '*',
  ];
  const permitted = (caller: Principal, given: readonly string[]): ReadonlySet<string> => {
    const principal = withLimits({ ...caller, scopes: given }, context);
    return new Set(
      TYPES.flatMap((type) =>
        INTERACTIONS.filter((one) => decide(principal, one, type).effect === 'permit').map(
          (one) => `${one} ${type}`,
        ),
      ),
    );
  };

  it.each(Object.entries(CALLERS))('permits %s no less with more scopes (SC-06).', (_who, caller) => {
    fc.assert(
      fc.property(scopes, scopes, (some, more) => {
        expect(isSubset(permitted(caller, some), permitted(caller, [...more, ...some]))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it.each(Object.entries(CALLERS))(
    'permits %s nothing without scopes, and no more with any than with all.',
    (_who, caller) => {
      const all = permitted(caller, ['user/*.cruds', 'system/*.cruds', 'patient/*.cruds']);

      expect([...permitted(caller, [])]).toEqual([]);
      fc.assert(
        fc.property(scopes, (some) => {
          expect(isSubset(permitted(caller, some), all)).toBe(true);
        }),
        { numRuns: 50 },
      );
    },
  );
});
