/**
 * A registry of contact data for the demo: everybody with a synthetic number has a mobile number and an address, made from the
 * number, and some have a mailbox. Nobody else is in it.
 */
import { hash } from 'node:crypto';
import { classifyPersonNumber } from '../../fhir/identifiers.ts';
import type { ContactRegistry } from '../../registry/sending/channel.ts';

export const syntheticContacts: ContactRegistry = {
  find(number) {
    const known = classifyPersonNumber(number);
    if (known.kind === 'invalid' || known.synthetic === undefined) {
      return Promise.resolve(undefined);
    }
    const digits = String(Number.parseInt(hash('sha256', number, 'hex').slice(0, 12), 16)).slice(-5);
    return Promise.resolve({
      isReserved: false,
      mobile: `+47400${digits.padStart(5, '0')}`, // not given to anybody
      email: `pasient-${digits}@fjordheim.example`,
      hasMailbox: /[6-8]$/.test(number),
    });
  },
};
