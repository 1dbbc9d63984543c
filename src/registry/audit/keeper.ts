/**
 * Keeping the audit trail, in the background of the server: events are sealed every few seconds, the head of the chain is
 * written outside of the database every hour and when the server stops, tables of months are made ahead and taken away when
 * they are too old (AU-04, AU-06).
 */
import { SYSTEM } from '../../access/principal.ts';
import type { Clock, NewId } from '../../fhir/id.ts';
import { auditRead } from '../../repository/audit.ts';
import type { AuditLog } from '../../storage/audit-log.ts';
import { makeMonths, oldestKept, retireMonths } from '../../storage/audit-months.ts';
import { sealTrail } from '../../storage/audit-seal.ts';
import type { Db } from '../../storage/db.ts';
import type { HeadKey } from './head-key.ts';
import { publishHead, publishRetirement } from './heads.ts';

export interface KeeperDeps {
  readonly db: Db;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly fhirBase: string;
  /** Folder of the published heads. */
  readonly folder: string;
  readonly key: HeadKey;
  /** How many months events are kept; 0 = for good. */
  readonly months: number;
  /** Told of a round that failed: the next one takes up its work. */
  readonly onFailure: (error: unknown) => void;
}

export interface TrailKeeper {
  /** Begin to seal and to publish. */
  start(): void;
  /** Stop, with everything sealed that is settled, and its head published. */
  stop(): Promise<void>;
  /** Make the next months' tables and take away those that are too old; for an hourly job. */
  tidy(): Promise<void>;
}

const SEAL_EVERY_MS = 5000;
const PUBLISH_EVERY_MS = 60 * 60 * 1000;

export function createTrailKeeper(deps: KeeperDeps): TrailKeeper {
  const { db, folder, key, clock, onFailure } = deps;
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let round: Promise<void> = Promise.resolve();
  let publishedAt = -Infinity;

  const publish = async (): Promise<void> => {
    publishedAt = clock.now().getTime();
    await publishHead(db, { folder, key, now: clock.now() });
  };
  const sealAndPublish = async (): Promise<void> => {
    await sealTrail(db);
    if (clock.now().getTime() - publishedAt >= PUBLISH_EVERY_MS) {
      await publish();
    }
  };
  const plan = (): void => {
    timer = setTimeout(() => {
      round = sealAndPublish()
        .catch(onFailure)
        .then(() => {
          if (isRunning) {
            plan();
          }
        });
    }, SEAL_EVERY_MS).unref();
  };

  return {
    start() {
      if (!isRunning) {
        isRunning = true;
        plan();
      }
    },
    async stop() {
      isRunning = false;
      clearTimeout(timer);
      await round;
      await sealTrail(db);
      await publish();
    },
    async tidy() {
      await makeMonths(db);
      await retireOld(deps);
    },
  };
}

/** Take away what is too old, and say so: in a file of its own, and in the trail itself. */
async function retireOld(deps: KeeperDeps): Promise<void> {
  const { db, folder, key, clock, newId, months } = deps;
  if (months === 0) {
    return;
  }
  const now = clock.now();
  await sealTrail(db);
  let proof = '';
  const retired = await retireMonths(db, oldestKept(now, months), async (record) => {
    proof = await key.sign(record);
    return proof;
  });
  if (retired === undefined) {
    return;
  }
  await publishRetirement(folder, retired, proof);
  await auditRead(
    deps,
    { principal: SYSTEM, requestId: newId(now), interaction: 'trail-retired' },
    { status: 200, query: `before=${retired.before}&events=${retired.events}&n=${retired.n}` },
  );
}
