/** Sealing the audit trail to its end. */
import { sealTrail } from '../../src/storage/audit-seal.ts';
import type { Db } from '../../src/storage/db.ts';

/**
 * Seal every event that is committed; answers how many. One run may leave some: it waits for the open transactions of the
 * whole cluster, those of other tests' databases too. Not for a test that holds a transaction open itself.
 */
export async function sealAll(db: Db): Promise<number> {
  let sealed = 0;
  do {
    sealed += await sealTrail(db);
  } while (await hasUnsealed(db));
  return sealed;
}

async function hasUnsealed(db: Db): Promise<boolean> {
  const [row] = await db.query<{ unsealed: boolean }>({
    text: `select exists (
        select
        from audit a
        where a.xid >= coalesce((select hi from audit_head order by n desc limit 1), '0')
          and not exists (select from audit_seal s where s.seq = a.seq)
      ) as unsealed`,
  });
  return row?.unsealed ?? false;
}
