/**
 * Work lists are right when the write that changes them is acknowledged: the last of the rules makes the rows of the pathways
 * that it touches (docs/adr/0021). And a job makes those anew that were made by other rules.
 */
import type { JsonObject } from '../../fhir/types.ts';
import { parseJson } from '../../fhir/json.ts';
import { storesVersion } from '../../repository/operation.ts';
import { rowsOfEpisodeSql } from '../../repository/rows.ts';
import type { EpisodeRow, WriteRule } from '../../repository/rules.ts';
import { type RowRecord, toRow } from '../../storage/row.ts';
import {
  dropListedSql,
  keepListedSql,
  type ListEntry,
  lockListedSql,
  staleListedSql,
} from '../../storage/pathway-list.ts';
import type { ResourceStore } from '../../storage/store.ts';
import { listEntry, type ListRules } from './list-entry.ts';

/** Types that a row of the list is made from. */
const LISTED: ReadonlySet<string> = new Set(['EpisodeOfCare', 'Task', 'QuestionnaireResponse', 'Consent']);

export function keepList(rules: ListRules): WriteRule {
  return {
    name: 'pathway-list',
    async apply(scope) {
      const touched = scope
        .pending()
        .filter(({ type, effect, labels }) => LISTED.has(type) && storesVersion(effect) && labels != null);
      const owners = new Map(
        touched.flatMap(({ labels }) =>
          labels?.episode == null || labels.register === null
            ? []
            : [[labels.episode, { register: labels.register, unit: labels.unit }] as const],
        ),
      );
      if (owners.size > 0) {
        await scope.query(lockListedSql([...owners.keys()]));
      }
      for (const [episode, owner] of owners) {
        const rows = await scope.rowsOfEpisode(episode);
        scope.list(episode, listEntry(rules, episode, rows, owner, scope.now));
      }
      return [];
    },
  };
}

const BATCH = 100;

/** The job that makes rows anew. */
export const REFRESH_LIST = 'pathway-list';

/** Make anew what other rules have made, batch after batch; ends early, between two, when `signal` says so. */
export async function refreshList(
  { store, now, ...rules }: ListRules & { readonly store: ResourceStore; readonly now: () => Date },
  signal?: AbortSignal,
): Promise<void> {
  let isLeft = true;
  while (isLeft && signal?.aborted !== true) {
    isLeft = await store.transaction(async (tx) => {
      const stale = await tx.query<{ episode: string }>(staleListedSql(rules.shape, BATCH));
      const entries: ListEntry[] = [];
      const gone: string[] = [];
      for (const { episode } of stale) {
        const rows = (await tx.query<RowRecord>(rowsOfEpisodeSql(episode))).map(toRow);
        const labels = rows.find(({ type, id }) => type === 'EpisodeOfCare' && id === episode)?.labels;
        const owner = { register: labels?.register ?? '', unit: labels?.unit ?? null };
        const entry = listEntry(rules, episode, rows.map(asEpisodeRow), owner, now());
        if (entry === undefined) {
          gone.push(episode);
        } else {
          entries.push(entry);
        }
      }
      await tx.query(keepListedSql(entries));
      await tx.query(dropListedSql(gone));
      return stale.length === BATCH;
    });
  }
}

const asEpisodeRow = ({ type, id, content }: ReturnType<typeof toRow>): EpisodeRow => ({
  type,
  id,
  resource: parseJson(content ?? '{}') as JsonObject,
});
