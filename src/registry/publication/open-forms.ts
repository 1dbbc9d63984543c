/** How many forms are open in the store, by version: counts, and nothing about anybody. */
import { typeCode } from '../../fhir/resource-types.ts';
import type { Db } from '../../storage/db.ts';

export interface OpenForms {
  /** Questionnaire canonical|version. */
  readonly canonical: string;
  /** Begun, and not locked. */
  readonly drafts: number;
  /** Tasks that nobody has begun. */
  readonly waiting: number;
}

const NAMED = `substring(t.content from '"valueCanonical":"([^"]+)"')`;

/** Of all registers. `db` must see everything. */
export async function openForms(db: Db): Promise<readonly OpenForms[]> {
  const rows = await db.query<{ canonical: string | null; drafts: string; waiting: string }>({
    text: `select ${NAMED} as canonical,
        count(*) filter (where t.status = 'in-progress') as drafts,
        count(*) filter (where t.status in ('draft', 'ready')) as waiting
      from resource t
      where t.type = $1
        and t.content is not null
        and t.status in ('draft', 'ready', 'in-progress')
      group by 1
      order by 1`,
    values: [typeCode('Task') ?? 0],
  });
  return rows.flatMap(({ canonical, drafts, waiting }) =>
    canonical === null ? [] : [{ canonical, drafts: Number(drafts), waiting: Number(waiting) }],
  );
}
