/**
 * The corridor behind every door: what a system has sent, as writes, is carried out in one transaction, entered in the inbox, and
 * kept when it is refused (docs/adr/0030).
 */
import type { EhrPrincipal } from '../../access/principal.ts';
import type { Operation, Result } from '../../repository/operation.ts';
import type { Once } from '../../repository/once.ts';
import type { CommitOptions, Repository } from '../../repository/repository.ts';
import { hashOfMessage } from '../../storage/inbox.ts';
import { type Inbox, keepingRefused, type Sent } from './inbox.ts';

export interface ReceiveDeps {
  readonly repository: Repository;
  readonly inbox: Pick<Inbox, 'refuse'>;
}

export interface Incoming {
  /** The source: a registered client of its organisation. */
  readonly principal: EhrPrincipal;
  readonly requestId: string;
  /** Name of what is done in the audit trail: `$process-message`, `hl7v2`. */
  readonly interaction: string;
  readonly sent: Sent;
  /** What it asks for. Throws FhirError for what cannot be understood. */
  readonly operations: () => readonly Operation[] | Promise<readonly Operation[]>;
  /** What is kept beside it in the same transaction. */
  readonly next?: CommitOptions['next'];
}

/**
 * Take a message. One that has come before under the same id with the same text is answered as the first time (IR-03).
 * Throws FhirError, when what was sent is in the inbox with the reasons.
 */
export function receive({ repository, inbox }: ReceiveDeps, incoming: Incoming): Promise<readonly Result[]> {
  const { principal, requestId, interaction, sent, next } = incoming;
  const { door, raw, id, sentAt } = sent;
  return keepingRefused(
    inbox,
    principal,
    () => sent,
    async () =>
      repository.commit({ principal, requestId, interaction }, await incoming.operations(), {
        ...(id !== undefined && { once: onceOf(sent, id) }),
        ...(next !== undefined && { next }),
        message: {
          door,
          raw,
          isBundle: true,
          ...(id !== undefined && { id }),
          ...(sentAt !== undefined && { sentAt }),
        },
      }),
  );
}

/** Something else under the same id is a corrected message. */
const onceOf = ({ door, raw }: Sent, id: string): Once => ({
  key: `${door}|${id}`,
  hash: hashOfMessage(raw).toString('base64url'),
  isStrict: false,
});
