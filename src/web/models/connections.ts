/** What systems send, as its pages show it. Instants are ISO texts. */
import type { Door, InboxOutcome } from '../../storage/inbox.ts';

/** A source by one way in, counted over the last thirty days. */
export interface SourceLine {
  readonly source: string;
  readonly name: string;
  readonly door: Door;
  readonly lastAt: string;
  readonly lastTakenAt?: string;
  readonly taken: number;
  readonly unchanged: number;
  readonly repeated: number;
  readonly late: number;
  readonly replayed: number;
  /** Refused, and not dealt with. */
  readonly refused: number;
}

export interface MessageLine {
  readonly id: string;
  readonly name: string;
  readonly door: Door;
  /** The sender's own id of it. */
  readonly message?: string;
  readonly lastAt: string;
  readonly times: number;
  /** The first reason, and how many more there are. */
  readonly reason: string;
  readonly more: number;
}

export interface ConnectionsModel {
  readonly sources: readonly SourceLine[];
  readonly refused: readonly MessageLine[];
  /** Where older ones go on. */
  readonly next?: string;
}

export interface MessageModel extends Omit<MessageLine, 'reason' | 'more'> {
  readonly receivedAt: string;
  readonly sentAt?: string;
  readonly outcome: InboxOutcome;
  readonly status?: number;
  readonly issues: readonly {
    readonly diagnostics: string;
    readonly expression?: string;
    readonly rule?: string;
  }[];
  /** What was sent is kept, and can be carried out again. */
  readonly mayReplay: boolean;
  readonly settled?: { readonly by: string; readonly at: string };
}
