/** Which consent holds where one is for the whole register (docs/adr/0024). */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { heldConsent } from '../../../src/registry/consent/held-consent.ts';
import { asWithdrawn } from '../../../src/registry/consent/withdrawal.ts';

const consent = (type: string, dateTime: string): JsonObject => ({
  resourceType: 'Consent',
  status: 'active',
  dateTime,
  provision: { type },
});
const yes = consent('permit', '2026-03-01');
const later = consent('permit', '2026-05-01');
const no = consent('deny', '2026-04-01');
const withdrawn = asWithdrawn(yes, '2026-04-01');

describe('The consent that holds for a pathway', () => {
  it.each([
    ['none anywhere', [], [], undefined],
    ['its own', [yes], [], yes],
    ['a Yes of another module', [], [yes], yes],
    ['a Yes of another module, over its own No', [no], [later], later],
    ['its own Yes, over a later No of another module: only the coordinator withdraws', [yes], [no], yes],
    ['the newest Yes', [yes], [later], later],
    ['a No of another module, where it has none', [], [no], no],
    ['its own withdrawal, whatever is said later elsewhere', [withdrawn], [later], withdrawn],
    ['a later Yes of its own, over a withdrawal elsewhere', [later], [withdrawn], later],
  ])('is %s.', (_, own, others, expected) => {
    expect(heldConsent(own, others)).toEqual(expected);
  });

  it('is none that is not in force.', () => {
    expect(heldConsent([], [{ ...yes, status: 'inactive' }])).toBeUndefined();
  });
});
