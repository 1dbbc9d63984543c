/** Who may come in: SMART, sessions, roles, and the units that a client stands for. */
import { unauthorized } from '../fhir/outcome.ts';
import type { Principal } from '../access/principal.ts';
import { isEnforceable, type LimitContext, withLimits } from '../access/scope-limits.ts';
import { auditSecurity } from '../registry/audit/security-events.ts';
import { createInbox } from '../registry/intake/inbox.ts';
import { findRoles, findRolesOfHpr, findRolesSince } from '../registry/person/roles.ts';
import type { FindSubscriber } from '../registry/subscription/subscriber.ts';
import { unitOfNumber, unitOfOrganisation } from '../registry/unit/unit-of-organisation.ts';
import { createUnitTree } from '../registry/unit/unit-tree.ts';
import type { RestDeps } from '../rest/routes.ts';
import { dayInOslo } from '../sdc/expression.ts';
import type { Ehr } from '../smart/ehr.ts';
import { roleIdsOf } from '../smart/accounts.ts';
import { findClient } from '../smart/clients.ts';
import { bearerChallenge, standingPrincipal } from '../smart/principal.ts';
import { readIssuers } from '../smart/issuers/read-issuers.ts';
import { createSmart } from '../smart/smart.ts';
import { createMessages } from '../adapters/message/messages.ts';
import { peopleDeps } from './accounts.ts';
import { carriersOf } from './carriers.ts';
import { openSecretBox } from '../storage/secret-box.ts';
import { EVERYTHING, SHARED } from '../storage/row-access.ts';
import type { Engine, EngineOptions } from './engine.ts';

/** Before any role. */
const LONG_AGO = '1900-01-01';

export type People = Awaited<ReturnType<typeof createPeople>>;

export async function createPeople(settings: EngineOptions, engine: Engine, ehrs: readonly Ehr[]) {
  const { config, storage, clock, newId } = settings;
  const { db, store } = storage;
  const { audit } = engine;
  const shared = store.as(SHARED);
  const units = createUnitTree(shared, clock);
  const today = (): string => dayInOslo(clock.now());
  const limiting = (): LimitContext => ({
    parameters: engine.parameters,
    now: clock.now(),
    baseUrl: config.fhirBase,
  });
  const box = await openSecretBox(config.keyFile);
  const messages = createMessages({
    db,
    box,
    clock,
    newId,
    carriers: carriersOf(config),
    texts: config.mode === 'demo' ? 'keep' : 'wipe',
  });
  /** Of people, those that they have roles in, or had; of clients, those that they are registered for. */
  const registersOf = async (subject: string): Promise<readonly string[]> => {
    const [, kind, name = ''] = /^(user|client):(.+)$/.exec(subject) ?? [];
    if (kind === 'client') {
      return (await findClient(db.pool, name))?.registers ?? [];
    }
    const ids = kind === 'user' ? await roleIdsOf(db.pool, name) : [];
    return [...new Set((await findRolesSince(shared, ids, LONG_AGO)).map(({ register }) => register))].sort();
  };
  const log = auditSecurity({ audit, clock, newId, registersOf });
  const smart = await createSmart({
    db: db.pool,
    store,
    messages,
    box,
    config: {
      publicUrl: config.publicUrl,
      fhirBase: config.fhirBase,
      mode: config.mode,
      ehrs,
      secondFactor: config.secondFactor,
      issuers: await readIssuers(config.issuersFile),
    },
    clock,
    findRoles: (ids) => findRoles(shared, ids, today()),
    findRolesOfHpr: (hpr) => findRolesOfHpr(shared, hpr, today()),
    async findUnitsOf(number) {
      const unit = await unitOfNumber(shared, number);
      return unit === undefined ? [] : units.withDescendants([unit]);
    },
    findUnit: (number) => unitOfOrganisation(shared, number),
    isEnforceable: (scope) => isEnforceable(scope, limiting()),
    log,
  });

  /** An EHR client stands for its units and all that lies below them; scopes are held to their constraints. */
  async function complete(principal: Principal): Promise<Principal> {
    const limited = withLimits(principal, limiting());
    return limited.kind === 'ehr'
      ? { ...limited, units: await units.withDescendants(limited.units) }
      : limited;
  }
  const authenticate: RestDeps['authenticate'] = async (request) => {
    const principal = await smart.authenticate(request);
    if (principal === undefined) {
      throw unauthorized('An access token is needed here.', { 'WWW-Authenticate': bearerChallenge() });
    }
    return complete(principal);
  };
  const findSubscriber: FindSubscriber = async (subject, scopes) => {
    const principal = await standingPrincipal(db.pool, subject, scopes);
    return principal && complete(principal);
  };
  /** A registered system with all that it may do now. */
  const findSender = async (subject: string): Promise<Principal | undefined> => {
    const [, id = ''] = /^client:(.+)$/.exec(subject) ?? [];
    const client = await findClient(db.pool, id);
    return client && findSubscriber(subject, client.scopes);
  };
  const inbox = createInbox({ db: db.as(EVERYTHING), box, clock, newId });
  const accounts = peopleDeps(settings, engine, { units, smart, messages, box, log });
  return { units, smart, messages, accounts, authenticate, findSubscriber, findSender, inbox };
}
