/**
 * Channels that carry a one-time link to a form (docs/adr/0018, 0020): e-mail and text messages; and, in demo mode, stand-ins for
 * Helsenorge and Digipost, whose letters lie in the demo's inbox. Whoever opens the link still needs a code by SMS.
 */
import type { Channel as Carried, Message } from '../../adapters/message/message.ts';
import type { Messages } from '../../adapters/message/messages.ts';
import { SYSTEM } from '../../access/principal.ts';
import type { Clock, NewId } from '../../fhir/id.ts';
import type { Addressee, Channel, ChannelKind, FormOrder } from '../../registry/sending/channel.ts';
import type { SecretBox } from '../../storage/secret-box.ts';
import type { ResourceStore } from '../../storage/store.ts';
import type { SecurityLog } from '../ports.ts';
import { sqlOf } from '../transaction-client.ts';
import { insertAccess } from './accesses.ts';
import { orderText } from './messages.ts';
import { hashLink, newLinkToken } from './secrets.ts';
import { sealMobile } from './mobile.ts';

export interface LinkChannelDeps {
  readonly store: ResourceStore;
  readonly messages: Messages;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: SecurityLog;
  readonly publicUrl: string;
}

/** How one of them is: what carries it, and whom it reaches. */
interface Kind {
  readonly kind: ChannelKind;
  readonly isSecure: boolean;
  readonly carriedBy: Carried;
  readonly reaches: (addressee: Addressee) => boolean;
}

const SUBJECT = 'Skjema fra sykehuset';
const LINK_DAYS = 30;

/** What there is to reach people by: links where something carries them, and in demo mode the stand-ins. */
export function linkChannels(deps: LinkChannelDeps, mode: 'demo' | 'production'): readonly Channel[] {
  const kinds = mode === 'demo' ? [...STAND_INS, ...LINKS] : LINKS;
  return kinds
    .filter(({ carriedBy }) => deps.messages.has(carriedBy) && deps.messages.has('sms'))
    .map((kind) => linkChannel(deps, kind));
}

const LINKS: readonly Kind[] = [
  { kind: 'email', isSecure: false, carriedBy: 'email', reaches: ({ email }) => email !== undefined },
  { kind: 'sms', isSecure: false, carriedBy: 'sms', reaches: () => true },
];

/** By the last digit of the number, so that the demo has people of each kind: 0 to 5 use Helsenorge. */
const STAND_INS: readonly Kind[] = [
  {
    kind: 'helsenorge',
    isSecure: true,
    carriedBy: 'sms',
    reaches: ({ number }) => /[0-5]$/.test(number ?? ''),
  },
  { kind: 'digipost', isSecure: true, carriedBy: 'sms', reaches: ({ hasMailbox }) => hasMailbox },
];

function linkChannel(deps: LinkChannelDeps, { kind, isSecure, carriedBy, reaches }: Kind): Channel {
  return {
    kind,
    isSecure,
    // the code that opens the link goes to a mobile number
    reaches: (addressee) => Promise.resolve(addressee.mobile !== undefined && reaches(addressee)),
    async deliver(order) {
      const to = carriedBy === 'sms' ? order.addressee.mobile : order.addressee.email;
      if (to === undefined) {
        return { kind: 'not-reachable', reason: 'Pasienten har ingen adresse her' };
      }
      await sendLink(deps, order, { kind, carriedBy, to });
      return { kind: 'taken', receipt: order.key };
    },
  };
}

interface Road {
  readonly kind: ChannelKind;
  readonly carriedBy: Carried;
  readonly to: string;
}

/** One message for an order, however often it comes: it has the order's key as its id. */
async function sendLink(
  deps: LinkChannelDeps,
  order: FormOrder,
  { kind, carriedBy, to }: Road,
): Promise<void> {
  const { store, messages, box, clock, newId, log, publicUrl } = deps;
  const { key, task, patient, episode, questionnaire, register, unit } = order;
  const token = newLinkToken();
  await store.transaction(async (tx) => {
    await tx.lockText(`form-order|${key}`);
    if ((await tx.query({ text: 'select 1 from message where id = $1', values: [key] })).length > 0) {
      return;
    }
    const now = clock.now();
    const id = newId(now);
    const expiresAt = order.closesAt ?? new Date(now.getTime() + LINK_DAYS * 24 * 3_600_000);
    await insertAccess(sqlOf(tx), {
      id,
      kind: 'link',
      task,
      patient,
      episode,
      questionnaire,
      register,
      unit,
      expiresAt,
      secretHash: hashLink(token),
      created: now,
      createdBy: SYSTEM.subject,
      mobile: sealMobile(box, id, order.addressee.mobile ?? ''),
    });
    const text = orderText(order, kind, `${publicUrl}/skjema-til-deg#${token}`);
    const message: Message = {
      channel: carriedBy,
      to,
      text,
      purpose: 'patient-form',
      ...(carriedBy === 'email' && { subject: SUBJECT }),
    };
    const minutes = Math.max(1, Math.round((expiresAt.getTime() - now.getTime()) / 60_000));
    await messages.queue(tx, message, { minutes, about: `Task/${task}`, register, id: key });
    await log(
      {
        type: 'patient-invited',
        outcome: 'success',
        subject: SYSTEM.subject,
        reason: kind,
        about: `Task/${task}`,
        person: { patient, register, unit },
      },
      tx,
    );
  });
}
