/**
 * An older message that comes later does not overwrite what is newer (IR-05): the time of a sender's version is kept beside the
 * resource, and a version from before it is left out of the write. Its message is kept, with a Provenance that says so.
 */
import { typeCode, typeName } from '../fhir/resource-types.ts';
import { keepSourceVersionsSql, sourceVersionsSql } from '../storage/inbox.ts';
import type { WriteBatch } from './batch.ts';
import type { Pending } from './operation.ts';

/** After current versions are locked, so that two messages about one resource are compared one after the other. */
export async function keepOrder(batch: WriteBatch): Promise<void> {
  const changing = batch.pending().filter((entry) => timeOf(entry, batch) !== undefined && changes(entry));
  if (changing.length === 0) {
    return;
  }
  const rows = await batch.context.tx.query<{ type: number; id: string; at: string }>(
    sourceVersionsSql(
      changing.map(({ type }) => typeCode(type) ?? 0),
      changing.map(({ id }) => id),
    ),
  );
  const known = new Map(rows.map(({ type, id, at }) => [`${typeName(type)}/${id}`, Date.parse(at)]));
  const isLate = (entry: Pending): boolean =>
    changing.includes(entry) &&
    (timeOf(entry, batch)?.getTime() ?? Infinity) < (known.get(`${entry.type}/${entry.id}`) ?? -Infinity);
  batch.set(batch.pending().map((entry) => (isLate(entry) ? asLate(entry) : entry)));
}

/** When the versions of this write are from, for the next to be compared with. */
export function rememberOrder(batch: WriteBatch): void {
  const told = batch
    .pending()
    .filter((entry) => entry.isLate !== true && entry.effect !== 'matched' && entry.id !== '')
    .flatMap((entry) => {
      const at = entry.derived === true ? undefined : timeOf(entry, batch);
      return at === undefined ? [] : [{ type: typeCode(entry.type) ?? 0, id: entry.id, at }];
    });
  if (told.length > 0) {
    batch.context.tx.send(
      keepSourceVersionsSql(
        told.map(({ type }) => type),
        told.map(({ id }) => id),
        told.map(({ at }) => at),
      ),
    );
  }
}

/** The sender's time of one version: its own, or that of the message. Who names the version to be changed has seen it. */
function timeOf({ operation, derived }: Pending, { context }: WriteBatch): Date | undefined {
  const isSure = 'ifMatch' in operation && operation.ifMatch !== undefined;
  return derived === true || isSure ? undefined : (operation.sentAt ?? context.message?.sentAt);
}

const changes = ({ operation, effect, id }: Pending): boolean =>
  operation.kind !== 'create' && effect !== 'matched' && id !== '';

/** What is here is meant; what was sent is not looked at. */
function asLate({ resource: _older, labels: _labels, ...entry }: Pending): Pending {
  return { ...entry, effect: 'matched', isLate: true };
}
