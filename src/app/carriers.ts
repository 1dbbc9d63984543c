/** What carries messages: the mail server and the SMS gateway of the settings; in demo mode the inbox page stands in for both. */
import type { Carrier, Channel } from '../adapters/message/message.ts';
import { smsGateway } from '../adapters/message/sms-gateway.ts';
import { smtpCarrier } from '../adapters/message/smtp.ts';
import type { Config } from '../config.ts';

export function carriersOf({ mode, smtp, sms }: Config): Readonly<Partial<Record<Channel, Carrier>>> {
  const real = {
    ...(smtp !== undefined && { email: smtpCarrier(smtp) }),
    ...(sms !== undefined && { sms: smsGateway(sms) }),
  };
  return mode === 'demo' ? { email: toInbox, sms: toInbox, ...real } : real;
}

/** Nothing leaves the machine: the text stays where the inbox page reads it. */
const toInbox: Carrier = () => Promise.resolve();
