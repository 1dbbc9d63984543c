/** Text messages to patients: no name, no diagnosis, no register; and the number they go to. */
import type { Patient } from '../../fhir/types.ts';

export const inviteText = (link: string): string =>
  `Sykehuset ber deg svare på et skjema. Åpne lenken og følg veiledningen: ${link} Lenken er personlig og gjelder i 30 dager.`;

export const smsCodeText = (code: string): string =>
  `${code} er engangskoden din til skjemaet. Den gjelder i 10 minutter. Ikke gi den til noen.`;

/** The person's mobile number as E.164; undefined when there is none that can be sent to. */
export function mobileOf({ telecom = [] }: Patient): string | undefined {
  const phones = telecom.filter(
    ({ system, use }) => (system === 'phone' || system === 'sms') && use !== 'old',
  );
  const ranked = [...phones.filter(({ system, use }) => system === 'sms' || use === 'mobile'), ...phones];
  return ranked.map(({ value = '' }) => toE164(value)).find((number) => number !== undefined);
}

function toE164(value: string): string | undefined {
  const number = value.replaceAll(/[\s()-]/g, '').replace(/^00/, '+');
  if (/^\+[1-9][0-9]{6,14}$/.test(number)) {
    return number;
  }
  return /^[49][0-9]{7}$/.test(number) ? `+47${number}` : undefined;
}
