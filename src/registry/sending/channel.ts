/**
 * The ports by which forms reach patients: a channel for each road (Helsenorge, Digipost, e-mail, text message), and the registry
 * of contact data that says where a person can be reached. Channels are built against this and nothing else (docs/adr/0020).
 */

export type ChannelKind = 'helsenorge' | 'digipost' | 'email' | 'sms';

/** What may be asked for: a secure channel, whichever reaches the person; or a link to an address of the person's. */
export type ContactMethod = 'secure' | 'email' | 'sms';

export const CONTACT_METHODS: readonly ContactMethod[] = ['secure', 'email', 'sms'];

/** Who is to be reached. */
export interface Addressee {
  /** National number; undefined for people who have none. */
  readonly number: string | undefined;
  readonly mobile: string | undefined;
  readonly email: string | undefined;
  /** Has a mailbox for letters from public bodies, by the registry of contact data. */
  readonly hasMailbox: boolean;
}

/** One form to be told of. */
export interface FormOrder {
  /** The same at every attempt: a channel that has it answers as it did before, and sends nothing again. */
  readonly key: string;
  readonly kind: 'send' | 'remind';
  readonly task: string;
  readonly patient: string;
  readonly episode: string;
  readonly questionnaire: string;
  readonly register: string;
  readonly unit: string;
  /** Forms of one dispatch belong together. */
  readonly dispatch: string;
  readonly addressee: Addressee;
  /** When the person is asked to have answered. */
  readonly answerBy: Date | undefined;
  /** When the form is locked unless it is answered. */
  readonly closesAt: Date | undefined;
}

export type Delivery =
  /** Taken; `receipt` names it on the channel's side. */
  | { readonly kind: 'taken'; readonly receipt: string }
  /** This order is not carried, now or ever. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The person is not on this channel after all. */
  | { readonly kind: 'not-reachable'; readonly reason: string };

export interface Channel {
  readonly kind: ChannelKind;
  /** Shows a form to nobody but the person, who has logged in. */
  readonly isSecure: boolean;
  /** Can the person be reached this way? Throws when that cannot be told now. */
  reaches(addressee: Addressee): Promise<boolean>;
  /** Hand over one order. Throws when it should be tried again later. */
  deliver(order: FormOrder): Promise<Delivery>;
}

/** What a channel tells afterwards of something that it has taken (reports.ts). */
export interface DeliveryReport {
  /** The order's key. */
  readonly key: string;
  readonly status: 'received' | 'failed';
  readonly reason?: string;
}

/** A line of the registry of contact data (KRR). */
export interface Contact {
  /** Wants no messages from public bodies by electronic means. */
  readonly isReserved: boolean;
  readonly mobile?: string;
  readonly email?: string;
  readonly hasMailbox: boolean;
}

export interface ContactRegistry {
  /** Throws when it cannot be asked now; undefined when the person is not in it. */
  find(number: string): Promise<Contact | undefined>;
}

/** Where nobody keeps contact data: what the register has itself is all there is. */
export const noContacts: ContactRegistry = { find: () => Promise.resolve(undefined) };

const ORDER: readonly ChannelKind[] = ['helsenorge', 'digipost', 'email', 'sms'];

/** Channels to try for an order, in turn (rule 24): secure ones, Helsenorge first; another one when it was chosen, and no other then. */
export function channelsFor(method: ContactMethod, channels: readonly Channel[]): readonly Channel[] {
  return channels
    .filter(({ kind, isSecure }) => (method === 'secure' ? isSecure : kind === method))
    .toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}
