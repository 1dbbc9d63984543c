/** What we fetch from EHRs ourselves, made from the settings. */
import type { PullConnection } from '../adapters/ehr/connection.ts';
import { createPulling, type Pulling } from '../adapters/ehr/pulling.ts';
import type { Wait } from '../adapters/ehr/pace.ts';
import type { Ehr } from '../smart/ehr.ts';
import { EVERYTHING } from '../storage/row-access.ts';
import type { Engine, EngineOptions } from './engine.ts';
import type { People } from './people.ts';

const sleep: Wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function pullingOf(
  { storage, clock, newId }: EngineOptions,
  { repository, registry }: Engine,
  { inbox, findSender, smart, accounts }: People,
  around: {
    readonly ehrs: readonly Ehr[];
    readonly handOn: () => Promise<unknown>;
    readonly wait?: Wait | undefined;
  },
): Pulling {
  return createPulling({
    ...{ repository, inbox, findSender, clock, newId },
    connections: connectionsOf(around.ehrs),
    db: storage.db.as(EVERYTHING),
    box: accounts.box,
    schedules: registry.schedules,
    handOn: around.handOn,
    ownKey: smart.ehrs.key,
    wait: around.wait ?? sleep,
    newHolder: () => newId(clock.now()),
  });
}

const connectionsOf = (ehrs: readonly Ehr[]): readonly PullConnection[] =>
  ehrs.flatMap(({ id, fhirBase, registers, transport, pull }) =>
    pull === undefined
      ? []
      : [{ ehr: id, fhirBase, registers, ...pull, ...(transport !== undefined && { transport }) }],
  );
