/** Which pathways have forms that patients answer: the ids of one page, newest start first (docs/adr/0020). */
import type { StaffPrincipal } from '../access/principal.ts';
import { typeCode } from '../fhir/resource-types.ts';
import { join, sql, toSql } from '../search/sql.ts';
import { listed, ofModule } from './pathway-list.ts';
import type { Repository } from './repository.ts';

const TASK = typeCode('Task') ?? 0;

export interface PatientFormListQuery {
  /** Of a register with several. */
  readonly module: string | undefined;
  /** Only pathways in which a form waits for an answer. */
  readonly waiting: boolean;
  readonly limit: number;
  readonly offset: number;
}

/** Ids of EpisodeOfCare, of finished and delivered ones, too: patients answer weeks after the last visit. A form is for the patient when its Task says how sending stands. */
export async function patientFormPage(
  repository: Repository,
  principal: StaffPrincipal,
  { module, waiting, limit, offset }: PatientFormListQuery,
): Promise<readonly string[]> {
  const states = waiting ? ['ready', 'in-progress'] : ['ready', 'in-progress', 'completed', 'cancelled'];
  const rows = await repository.readAs(principal).query<{ readonly episode: string }>(
    toSql(sql`select l.episode
      from pathway_list l
      where ${join([listed(principal), ...ofModule(module)], ' and ')}
        and exists (
          select
          from resource t
          where t.episode = l.episode
            and t.type = ${TASK}
            and t.status = any(${states})
            and t.content like '%"businessStatus":{%'
        )
      order by l.started desc, l.episode desc
      limit ${limit}
      offset ${offset}`),
  );
  return rows.map(({ episode }) => episode);
}
