/**
 * Work lists are right when the write that changes them is acknowledged: the last of the rules makes the rows of the pathways
 * that it touches (docs/adr/0021). And a job makes those anew that were made by other rules.
 */
import type { JsonObject } from '../../fhir/types.ts';
import { parseJson } from '../../fhir/json.ts';
import { type Pending, storesVersion } from '../../repository/operation.ts';
import { rowsOfEpisodeSql } from '../../repository/rows.ts';
import type { EpisodeRow, WriteRule, WriteScope } from '../../repository/rules.ts';
import { type RowRecord, toRow } from '../../storage/row.ts';
import {
  dropListedSql,
  keepListedSql,
  type ListEntry,
  lockListedSql,
  staleListedSql,
} from '../../storage/pathway-list.ts';
import type { ResourceStore, Row } from '../../storage/store.ts';
import { consentsOutside, isShared, otherConsents } from '../consent/held-consent.ts';
import { personOfResource, type PersonRow, personRows } from '../consent/person-rows.ts';
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
      const consents = await sharedConsents(scope, rules, touched);
      for (const { id, labels } of consents.flatMap(({ pathways }) => pathways)) {
        owners.set(id, { register: labels.register ?? '', unit: labels.unit });
      }
      if (owners.size > 0) {
        await scope.query(lockListedSql([...owners.keys()]));
      }
      for (const [episode, owner] of owners) {
        const rows = await scope.rowsOfEpisode(episode);
        const person = personOfResource(rows.find(({ type }) => type === 'EpisodeOfCare')?.resource ?? {});
        const known = consents.find(
          ({ register, patient }) => register === owner.register && patient === person,
        );
        const others = known === undefined ? [] : consentsOutside(known.rows, episode);
        scope.list(episode, listEntry(rules, episode, rows, owner, scope.now, others));
      }
      return [];
    },
  };
}

interface SharedConsents {
  readonly register: string;
  readonly patient: string;
  readonly rows: readonly PersonRow[];
  /** Whose rows the write changes besides those that it touches. */
  readonly pathways: readonly PersonRow[];
}

/** Where one consent is for the whole register: the person's, and when one of them is written, all of their pathways. */
async function sharedConsents(
  scope: WriteScope,
  { schedules }: ListRules,
  touched: readonly Pending[],
): Promise<readonly SharedConsents[]> {
  const shared = new Set(schedules.flatMap(({ register: { id, access } }) => (isShared(access) ? [id] : [])));
  const found: SharedConsents[] = [];
  for (const register of shared) {
    const own = touched.filter(({ labels }) => labels?.register === register);
    for (const [patient, entries] of Map.groupBy(own, personOfEntry)) {
      const rows = await personRows(scope, { patient, register }, ['EpisodeOfCare', 'Consent']);
      const isStated = entries.some(({ type }) => type === 'Consent');
      const pathways = isStated ? rows.filter(({ type }) => type === 'EpisodeOfCare') : [];
      found.push({ register, patient, rows, pathways });
    }
  }
  return found;
}

/** A Task names its person in `for`. */
function personOfEntry({ resource, previous }: Pending): string {
  const own = resource ?? (parseJson(previous?.content ?? '{}') as JsonObject);
  return personOfResource({ ...own, subject: own['subject'] ?? own['for'] ?? null }) ?? '';
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
        const others = await storedConsents(tx, rules, episode, rows);
        const entry = listEntry(rules, episode, rows.map(asEpisodeRow), owner, now(), others);
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

/** Of the person's other pathways, where one consent is for the whole register. */
async function storedConsents(
  tx: Pick<WriteScope, 'query'>,
  { schedules }: Pick<ListRules, 'schedules'>,
  episode: string,
  rows: readonly Row[],
): Promise<readonly JsonObject[]> {
  const own = rows.find(({ type, id }) => type === 'EpisodeOfCare' && id === episode);
  const register = schedules.find(({ register: { id } }) => id === own?.labels.register)?.register;
  const patient = personOfResource(parseJson(own?.content ?? '{}') as JsonObject);
  return register === undefined || patient === undefined
    ? []
    : otherConsents({ query: tx.query.bind(tx), pending: () => [] }, register, patient, episode);
}

const asEpisodeRow = ({ type, id, content }: ReturnType<typeof toRow>): EpisodeRow => ({
  type,
  id,
  resource: parseJson(content ?? '{}') as JsonObject,
});
