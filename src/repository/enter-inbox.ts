/** The line of a message in the inbox, written in the transaction that takes it: nothing is taken without one (docs/adr/0030). */
import { mayHoldDirect } from '../fhir/direct-identifiers.ts';
import { printable } from '../fhir/outcome.ts';
import { cameAgainSql, hashOfMessage, takenSql } from '../storage/inbox.ts';
import type { StoreTransaction } from '../storage/store.ts';
import type { WriteBatch } from './batch.ts';
import type { Message } from './message.ts';
import { type Pending, storesVersion } from './operation.ts';

/** What the write came to, when a system has sent it. */
export function enterInbox(batch: WriteBatch): void {
  const { principal, message, tx } = batch.context;
  if (principal.kind !== 'ehr' || message === undefined) {
    return;
  }
  const entries = batch.pending();
  const asked = entries.filter(({ derived }) => derived !== true);
  tx.send(
    takenSql({
      id: batch.newId(),
      source: principal.subject,
      unit: principal.units[0] ?? null,
      door: message.door,
      message: nameOf(message.id),
      hash: hashOfMessage(message.raw),
      sentAt: message.sentAt ?? null,
      now: batch.now,
      resources: asked.filter(({ effect }) => storesVersion(effect)).length,
      late: asked.filter(({ isLate }) => isLate === true).length,
      binary: entries.find(isRaw)?.id ?? null,
    }),
  );
}

/** It has come before, and is answered with what came of it then. */
export function meetAgain(
  tx: StoreTransaction,
  source: string,
  message: Message | undefined,
  now: Date,
): void {
  if (message !== undefined) {
    tx.send(cameAgainSql(source, hashOfMessage(message.raw), now));
  }
}

/** The copy that the register keeps of it (registry/intake/keep-message.ts). */
const isRaw = ({ type, derived }: Pending): boolean => type === 'Binary' && derived === true;

/** A sender that calls its messages by a national number has them without a name: the inbox is no place for one. */
export const nameOf = (id: string | undefined): string | null =>
  id === undefined || mayHoldDirect(id) ? null : printable(id).slice(0, MOST_LETTERS);

const MOST_LETTERS = 400;
