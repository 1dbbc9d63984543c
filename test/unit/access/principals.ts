/** One caller of each kind, for tests of what they may do. */
import type {
  AnalyticsPrincipal,
  EhrPrincipal,
  Principal,
  StaffPrincipal,
  StaffRole,
} from '../../../src/access/principal.ts';

export const ehr: EhrPrincipal = {
  kind: 'ehr',
  subject: 'client:ehr',
  name: 'Journal',
  scopes: ['system/*.cruds'],
  units: ['hospital', 'clinic'],
};

export const analytics: AnalyticsPrincipal = {
  kind: 'analytics',
  subject: 'client:analytics',
  name: 'Analyse',
  scopes: ['system/*.rs'],
  registers: ['pain'],
};

export const staff = (role: StaffRole, parts: Partial<StaffPrincipal> = {}): StaffPrincipal => ({
  kind: 'staff',
  subject: `user:${role.toLowerCase()}`,
  name: 'Ane Sol',
  scopes: ['user/*.cruds'],
  token: 'session-1',
  role,
  register: 'pain',
  units: role === 'SC' ? [] : ['clinic'],
  ...parts,
});

export const withScopes = (principal: Principal, ...scopes: readonly string[]): Principal => ({
  ...principal,
  scopes,
});
