/** A message at rest, table `message`: receiver and text under the key file, bound to the row that they lie in. */
import type { SecretBox } from '../../storage/secret-box.ts';
import type { Message } from './message.ts';

const placeOf = (id: string): string => `message/sealed/${id}`;

/** What is sealed; the rest of a message is columns. */
export type Sealed = Pick<Message, 'to' | 'subject' | 'text'>;

export const sealMessage = (box: SecretBox, id: string, { to, subject, text }: Sealed): string =>
  box.seal(JSON.stringify({ to, subject, text }), placeOf(id));

export function openMessage(
  box: SecretBox,
  id: string,
  { channel, purpose }: Pick<Message, 'channel' | 'purpose'>,
  sealed: string,
): Message {
  return { channel, purpose, ...(JSON.parse(box.open(sealed, placeOf(id))) as Sealed) };
}
