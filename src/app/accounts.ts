/** The pages about people's own accounts, with all that they need. */
import type { Router } from 'express';
import type { Messages } from '../adapters/message/messages.ts';
import { findRolesSince } from '../registry/person/roles.ts';
import { dayInOslo } from '../sdc/expression.ts';
import { relyingParty } from '../smart/login/passkeys.ts';
import type { Smart } from '../smart/smart.ts';
import { SHARED } from '../storage/row-access.ts';
import type { PeopleDeps } from '../smart/people/deps.ts';
import { accountRouter } from '../web/account/account-router.tsx';
import type { WebDeps } from '../web/deps.ts';
import type { Engine, EngineOptions } from './engine.ts';

/** What the parts about accounts work with. */
export function peopleDeps(
  { config, storage: { db, store }, clock, newId }: EngineOptions,
  { repository, registry }: Engine,
  parts: Pick<PeopleDeps, 'units' | 'messages' | 'box' | 'log'> & { readonly smart: Smart },
): PeopleDeps {
  const { units, smart, messages, box, log } = parts;
  const shared = store.as(SHARED);
  return {
    db: db.pool,
    store,
    repository,
    units,
    messages,
    box,
    sessions: smart.login.sessions,
    apps: smart.apps,
    limits: smart.login.limits,
    party: relyingParty(config.publicUrl),
    log,
    clock,
    newId,
    publicUrl: config.publicUrl,
    registers: new Map(
      registry.content.registers.map(({ id, texts }) => [id, texts?.['nb']?.name ?? id] as const),
    ),
    findRolesSince: (ids, day) => findRolesSince(shared, ids, day),
    today: () => dayInOslo(clock.now()),
  };
}

const RECENT = 10;

export interface AccountParts {
  readonly smart: Smart;
  readonly messages: Messages;
  readonly accounts: PeopleDeps;
}

/** The routes, to be asked before the other pages. The inbox exists in demo mode alone. */
export function accountPages(
  { config }: EngineOptions,
  { audit }: Pick<Engine, 'audit'>,
  { smart, messages, accounts }: AccountParts,
  web: WebDeps,
): Router {
  return accountRouter({
    web,
    people: accounts,
    smart,
    recentLogins: async (username) =>
      (await audit.search({ agent: `user:${username}`, kind: 'login', count: RECENT })).map(
        ({ recorded, outcome, content }) => ({
          at: recorded,
          isSuccess: outcome < 400,
          reason: (JSON.parse(content) as { readonly outcomeDesc?: string }).outcomeDesc ?? '',
        }),
      ),
    inbox: config.mode === 'demo' ? () => messages.inbox() : undefined,
  });
}
