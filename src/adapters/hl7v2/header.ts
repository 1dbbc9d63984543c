/** What a message says of itself: https://www.hl7.eu/HL7v2x/v251/std251/ch02.html#Heading117 */
import { error, FhirError, type Issue } from '../../fhir/outcome.ts';
import { place, type Message } from './message.ts';
import type { Connection } from './settings.ts';
import { momentOf, readTime } from './time.ts';

export interface Header {
  /** `ADT^A01`: what has happened. */
  readonly type: string;
  readonly event: string;
  /** With who sent it, since others count from one too. */
  readonly id: string;
  readonly sentAt: Date | undefined;
}

const MINUTES_AHEAD = 15;
const VERSIONS = /^2\.[1-8](?:\.\d)?$/;

/** As far as it can be told, also of a message that will be refused. */
export function headerOf({ header }: Message): Header {
  const [type, event, structure] = [header.value(9, 1), header.value(9, 2), header.value(9, 3)];
  const time = readTime(header.value(7));
  return {
    type,
    event: event === '' ? (structure.split('_')[1] ?? '') : event,
    id: [header.value(3), header.value(4), header.value(10)].join('|').replaceAll(/[\u0000-\u001f]/g, ''),
    sentAt: time === undefined ? undefined : momentOf(time),
  };
}

/** Throws 422 with everything in the header that keeps the message out. */
export function checkHeader(message: Message, connection: Connection, now: Date): void {
  const { header } = message;
  const { sentAt } = headerOf(message);
  const faults: Issue[] = [];
  const refuse = (code: Issue['code'], text: string, field: number, rule: string): void => {
    faults.push(error(code, text, place(header, field), rule));
  };
  const [application, facility] = [header.value(3), header.value(4)];
  const { senders } = connection;
  if (!senders.some((one) => one.application === application && one.facility === facility)) {
    refuse(
      'forbidden',
      'This sending application and facility (MSH-3, MSH-4) are not registered for this connection.',
      3,
      'hl7-sender',
    );
  }
  if (header.value(10) === '') {
    refuse('required', 'A message has an id (MSH-10), so that it can be sent again.', 10, 'hl7-required');
  }
  if (!VERSIONS.test(header.value(12))) {
    refuse('not-supported', 'Versions 2.1 to 2.8 are taken here (MSH-12).', 12, 'hl7-version');
  }
  if (!connection.processing.includes(header.value(11))) {
    refuse(
      'not-supported',
      `Messages of the processing ids ${connection.processing.join(', ')} are taken here (MSH-11).`,
      11,
      'hl7-processing',
    );
  }
  if (sentAt === undefined) {
    refuse(
      'required',
      'A message says when it was made (MSH-7: YYYYMMDDHHMMSS+ZZZZ), so that an older one overwrites nothing.',
      7,
      'hl7-time',
    );
  } else if (sentAt.getTime() > now.getTime() + MINUTES_AHEAD * 60_000) {
    refuse(
      'value',
      `MSH-7 is more than ${MINUTES_AHEAD} minutes ahead of this server's clock. Correct the sender's clock and send it again.`,
      7,
      'message-time',
    );
  }
  if (faults.length > 0) {
    throw new FhirError(422, faults);
  }
}
