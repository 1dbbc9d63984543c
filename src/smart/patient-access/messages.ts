/** Messages to patients: no name, no diagnosis, no register. */
import type { ChannelKind, FormOrder } from '../../registry/sending/channel.ts';

export const inviteText = (link: string): string =>
  `Sykehuset ber deg svare på et skjema. Åpne lenken og følg veiledningen: ${link} Lenken er personlig og gjelder i 30 dager.`;

export const smsCodeText = (code: string): string =>
  `${code} er engangskoden din til skjemaet. Den gjelder i 10 minutter. Ikke gi den til noen.`;

const DAY = new Intl.DateTimeFormat('nb-NO', { timeZone: 'Europe/Oslo', day: 'numeric', month: 'long' });

/** Stand-ins say where the letter would lie. */
const PLACE: Readonly<Partial<Record<ChannelKind, string>>> = {
  helsenorge: '[Helsenorge] ',
  digipost: '[Digipost] ',
};

/** What a channel says of a form that waits. */
export function orderText({ kind, answerBy }: FormOrder, channel: ChannelKind, link: string): string {
  const ask = kind === 'remind' ? 'Påminnelse: Sykehuset venter på svar fra deg' : 'Sykehuset ber deg svare';
  const by = answerBy === undefined ? '' : ` innen ${DAY.format(answerBy)}`;
  return `${PLACE[channel] ?? ''}${ask} på et skjema${by}. Åpne lenken og følg veiledningen: ${link} Lenken er personlig.`;
}
