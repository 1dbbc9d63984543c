/**
 * What a system has sent, on its way through a write: it is kept as it came, entered in the inbox with what became of it, and
 * an older one does not overwrite what is newer (IR-05, docs/adr/0030).
 */
import type { Door } from '../storage/inbox.ts';

export interface Message {
  readonly door: Door;
  /** As it came. */
  readonly raw: string;
  /** Of several resources: then it is kept as a Binary too. A single resource is its own copy. */
  readonly isBundle: boolean;
  /** The sender's own id of it: `Bundle.identifier`, `MessageHeader.id`, MSH-10. */
  readonly id?: string;
  /** When it was made, as the sender says; of the resources in it that say nothing else. */
  readonly sentAt?: Date;
}
