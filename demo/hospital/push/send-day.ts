/**
 * Sends the messages of a day: each system its own, in their order, the systems side by side as in life.
 */
import type { HospitalMessage } from '../day/day.ts';
import { SENDERS, type SenderId } from '../organisation.ts';
import type { Answer, RegistryClient } from './registry-client.ts';

export interface Delivered {
  readonly message: HospitalMessage;
  /** Absent: nobody answered, however often it was sent. */
  readonly answer?: Answer;
  /** Is the answer one that was expected? */
  readonly isAsExpected: boolean;
}

export interface SendOptions {
  readonly clients: Readonly<Record<SenderId, RegistryClient>>;
  /** Told of each message when it is answered. */
  readonly onDelivered?: (delivered: Delivered) => void;
  /** Asked before each message; false ends the sending. */
  readonly goOn?: () => boolean;
  /** How many messages of a system are under way at a time; 1: each waits for the one before. */
  readonly atOnce?: number;
}

/** Send them; answers what became of each, in the order of the messages. */
export async function sendDay(
  messages: readonly HospitalMessage[],
  { clients, onDelivered, goOn = () => true, atOnce = 1 }: SendOptions,
): Promise<readonly Delivered[]> {
  const delivered = new Map<HospitalMessage, Delivered>();
  const lane = async (queue: HospitalMessage[], client: RegistryClient): Promise<void> => {
    for (let message = queue.shift(); message !== undefined && goOn(); message = queue.shift()) {
      const done = await deliver(message, client);
      delivered.set(message, done);
      onDelivered?.(done);
    }
  };
  await Promise.all(
    (Object.keys(SENDERS) as SenderId[]).flatMap((sender) => {
      const queue = messages.filter((message) => message.sender === sender);
      return Array.from({ length: atOnce }, () => lane(queue, clients[sender]));
    }),
  );
  return messages.flatMap((message) => delivered.get(message) ?? []);
}

async function deliver(message: HospitalMessage, client: RegistryClient): Promise<Delivered> {
  try {
    const answer = await client.send(message, keyOf(message));
    return { message, answer, isAsExpected: message.expectation.status.includes(answer.status) };
  } catch {
    return { message, isAsExpected: false };
  }
}

/** A repeated message has the key of the first; each other one its own. */
const keyOf = ({ id }: HospitalMessage): string => id;
