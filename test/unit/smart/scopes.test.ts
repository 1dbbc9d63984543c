/** SMART v2 scopes: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html (SC-01 – SC-07) */
import fc from 'fast-check';
import { allows, constraintsFor, formatScope, LETTERS, parseScope } from '../../../src/access/scopes.ts';
import { grantScopes } from '../../../src/smart/scope-policy.ts';

describe('The scope grammar', () => {
  it.each([
    ['system/*.cruds', 'cruds'],
    ['patient/Observation.rs', 'rs'],
    ['user/Patient.d', 'd'],
    ['system/Patient.read', 'rs'],
    ['system/Patient.write', 'cud'],
    ['system/Patient.*', 'cruds'],
  ])('reads %s as %s (SC-01).', (text, letters) => {
    expect(parseScope(text)?.letters.join('')).toBe(letters);
  });

  it.each([
    'system/Patient.',
    'system/Patient.dus',
    'system/Patient.sr',
    'system/Patient.rr',
    'system/Patient.reads',
    'system/patient.rs',
    'system/Patient',
    'system/.rs',
    'System/Patient.rs',
    'group/Patient.rs',
    'system/Patient.rs?',
    'system/Patient.rs?category',
    'system/Patient.rs?category=',
    'system/Patient.read?category=x',
    'system/Patient.rs ',
    ' system/Patient.rs',
    'openid',
    '',
  ])('does not guess what "%s" may mean (SC-01).', (text) => {
    expect(parseScope(text)).toBeUndefined();
  });

  it('reads the query as constraints, decoded (SC-04).', () => {
    const scope = parseScope('system/Observation.rs?category=http://x%7Cy|laboratory&status=final');

    expect(scope?.constraints).toEqual([
      { name: 'category', value: 'http://x|y|laboratory' },
      { name: 'status', value: 'final' },
    ]);
  });

  it.each(['code:in=x', 'subject.name=x', '_filter=x', '_has:a:b:c=x', '_count=1', '_include=x', 'a=%zz'])(
    'refuses the query %s, which cannot be enforced (SC-04).',
    (query) => {
      expect(parseScope(`system/Observation.rs?${query}`)).toBeUndefined();
    },
  );

  it('prints what it has read.', () => {
    for (const text of [
      'system/*.cruds',
      'system/Patient.read',
      'system/*.*',
      'user/Observation.rs?category=x|y',
    ]) {
      expect(formatScope(parseScope(text)!)).toBe(text);
    }
  });
});

describe('What scopes allow', () => {
  const need = (type: string, letter: 'c' | 'r' | 's') => ({ level: 'system', type, letter }) as const;

  it('is per level, type and letter; writing gives no reading (SC-02).', () => {
    const scopes = ['system/Observation.c', 'user/*.cruds'];

    expect(allows(scopes, need('Observation', 'c'))).toBe(true);
    expect(allows(scopes, need('Observation', 'r'))).toBe(false);
    expect(allows(scopes, need('Patient', 'c'))).toBe(false);
  });

  it('is never yes through a scope with constraints, which must be asked for (SC-04).', () => {
    const scopes = ['system/Observation.rs?category=laboratory'];

    expect(allows(scopes, need('Observation', 's'))).toBe(false);
    expect(constraintsFor(scopes, need('Observation', 's'))).toEqual([
      [{ name: 'category', value: 'laboratory' }],
    ]);
    expect(constraintsFor([...scopes, 'system/*.s'], need('Observation', 's'))).toBe('all');
    expect(constraintsFor(scopes, need('Patient', 's'))).toBe('none');
  });
});

describe('What a client is granted', () => {
  it.each([
    ['system/*.rs', ['system/*.cruds'], ['system/*.rs']],
    ['system/*.cruds', ['system/*.rs'], ['system/*.rs']],
    ['system/*.rs', ['system/Patient.r', 'system/Condition.rs'], ['system/Patient.r', 'system/Condition.rs']],
    ['system/Patient.*', ['system/*.rs'], ['system/Patient.read']],
    ['system/Patient.*', ['system/*.r'], ['system/Patient.r']],
    ['system/Patient.rs user/Patient.rs', ['system/*.rs'], ['system/Patient.rs']],
    ['system/Patient.c', ['system/*.rs'], []],
    ['system/Observation.rs', ['system/Observation.rs?status=final'], ['system/Observation.rs?status=final']],
    [
      'system/Observation.rs?code=a',
      ['system/Observation.rs?status=final'],
      ['system/Observation.rs?code=a&status=final'],
    ],
  ])('asking for %s with %j gives %j (SC-07).', (asked, policy, granted) => {
    expect(grantScopes(asked, policy)).toEqual(granted);
  });

  it('is the registered set when it asks for nothing (SC-07).', () => {
    expect(grantScopes(undefined, ['system/*.rs'])).toEqual(['system/*.rs']);
  });

  const scope = fc
    .tuple(
      fc.constantFrom('system', 'user'),
      fc.constantFrom('*', 'Patient', 'Condition'),
      fc.subarray([...LETTERS], { minLength: 1 }),
      fc.constantFrom('', '?status=final'),
    )
    .map(([level, type, letters, query]) => `${level}/${type}.${letters.join('')}${query}`);
  const scopes = fc.array(scope, { maxLength: 4 });

  it('never allows what the policy does not (SC-06).', () => {
    fc.assert(
      fc.property(scopes, scopes, (asked, policy) => {
        const granted = grantScopes(asked.join(' ') || 'none', policy);
        for (const level of ['system', 'user'] as const) {
          for (const type of ['Patient', 'Condition']) {
            for (const letter of LETTERS) {
              const inPolicy = allows(policy, { level, type, letter });
              const isAsked = allows(asked, { level, type, letter });
              expect(allows(granted, { level, type, letter })).toBe(inPolicy && isAsked);
            }
          }
        }
      }),
    );
  });

  it('only grows with the scopes (SC-06).', () => {
    fc.assert(
      fc.property(scopes, scopes, (some, more) => {
        for (const letter of LETTERS) {
          const need = { level: 'system', type: 'Patient', letter } as const;
          expect(!allows(some, need) || allows([...some, ...more], need)).toBe(true);
        }
      }),
    );
  });
});
