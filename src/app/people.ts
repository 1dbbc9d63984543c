/** Who may come in: SMART, sessions, roles, and the units that a client stands for. */
import { unauthorized } from '../fhir/outcome.ts';
import type { Principal } from '../access/principal.ts';
import { auditSecurity } from '../registry/audit/security-events.ts';
import { findRoles, findRolesOfHpr } from '../registry/person/roles.ts';
import type { FindSubscriber } from '../registry/subscription/subscriber.ts';
import { createUnitTree } from '../registry/unit/unit-tree.ts';
import type { RestDeps } from '../rest/routes.ts';
import { dayInOslo } from '../sdc/expression.ts';
import type { Ehr } from '../smart/launch-context.ts';
import { bearerChallenge, standingPrincipal } from '../smart/principal.ts';
import { createSmart } from '../smart/smart.ts';
import type { Engine, EngineOptions } from './engine.ts';

export type People = Awaited<ReturnType<typeof createPeople>>;

export async function createPeople(
  { config, storage: { db, store }, clock, newId }: EngineOptions,
  { audit }: Engine,
  ehrs: readonly Ehr[],
) {
  const units = createUnitTree(store.session, clock);
  const today = (): string => dayInOslo(clock.now());
  const smart = await createSmart({
    db: db.pool,
    config: { publicUrl: config.publicUrl, fhirBase: config.fhirBase, mode: config.mode, ehrs },
    clock,
    findRoles: (ids) => findRoles(store.session, ids, today()),
    findRolesOfHpr: (hpr) => findRolesOfHpr(store.session, hpr, today()),
    log: auditSecurity({ audit, clock, newId }),
  });

  /** An EHR client stands for its units and all that lies below them. */
  async function withUnits(principal: Principal): Promise<Principal> {
    return principal.kind === 'ehr'
      ? { ...principal, units: await units.withDescendants(principal.units) }
      : principal;
  }
  const authenticate: RestDeps['authenticate'] = async (request) => {
    const principal = await smart.authenticate(request);
    if (principal === undefined) {
      throw unauthorized('An access token is needed here.', { 'WWW-Authenticate': bearerChallenge() });
    }
    return withUnits(principal);
  };
  const findSubscriber: FindSubscriber = async (subject, scopes) => {
    const principal = await standingPrincipal(db.pool, subject, scopes);
    return principal && withUnits(principal);
  };
  return { units, smart, authenticate, findSubscriber };
}
