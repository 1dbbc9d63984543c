/** Those who write in tests that go past HTTP: an EHR and staff of one department of the demo's hospital, named by their suite. */
import type { EhrPrincipal, StaffPrincipal } from '../../src/access/principal.ts';

/** The hospital trust's EHR, with the department of which it sends. */
export const ehrOf = (suite: string, unit: string): EhrPrincipal => ({
  kind: 'ehr',
  subject: `client:${suite}-ehr`,
  name: 'Journal',
  scopes: ['system/*.cruds'],
  units: ['demo-hf', 'demo-sykehus', unit],
});

/** Somebody in the department, with everything that the role may do. */
export const staffOf = (
  suite: string,
  { role, register, unit }: { readonly role: 'LU' | 'LC'; readonly register: string; readonly unit: string },
): StaffPrincipal => ({
  kind: 'staff',
  subject: `user:${suite}-${role.toLowerCase()}`,
  name: 'Nina Berg',
  scopes: ['user/*.cruds'],
  role,
  register,
  units: [unit],
});

/** Asks for a suite, as the audit trail has it. */
export const askingFor =
  (suite: string) =>
  <P>(principal: P): { readonly principal: P; readonly requestId: string; readonly interaction: string } => ({
    principal,
    requestId: suite,
    interaction: 'test',
  });
