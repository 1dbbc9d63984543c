/**
 * The registry of contact data [Kontakt- og reservasjonsregisteret, KRR]: where people want messages from public bodies.
 * https://docs.digdir.no/docs/Kontaktregisteret/oppslagstjenesten_rest
 */
import type { Contact, ContactRegistry } from '../../registry/sending/channel.ts';
import type { AuthorizedFetch } from './authorization.ts';

export interface KrrOptions {
  /** Address of the service, without `/rest`. */
  readonly url: string;
  readonly ask: AuthorizedFetch;
}

/** Throws what says why the registry cannot be asked now; never an error text of the registry's own. */
export const krr = ({ url, ask }: KrrOptions): ContactRegistry => ({
  async find(number) {
    const answer = await ask(new URL(`${url.replace(/\/$/, '')}/rest/v1/personer`), {
      method: 'POST',
      body: JSON.stringify({ personidentifikatorer: [number] }),
      headers: { 'content-type': 'application/json', accept: 'application/json' },
    });
    if (!answer.ok) {
      throw new Error(`The registry of contact data answered ${answer.status}`);
    }
    const { personer = [] } = (await answer.json()) as { readonly personer?: readonly Person[] };
    const person = personer.find(({ personidentifikator }) => personidentifikator === number);
    return person?.status === 'AKTIV' ? toContact(person) : undefined;
  },
});

interface Person {
  readonly personidentifikator?: string;
  readonly status?: 'AKTIV' | 'SLETTET' | 'IKKE_REGISTRERT';
  readonly reservasjon?: 'JA' | 'NEI';
  readonly varslingsstatus?: 'KAN_VARSLES' | 'KAN_IKKE_VARSLES';
  readonly kontaktinformasjon?: {
    readonly epostadresse?: string;
    readonly mobiltelefonnummer?: string;
  };
  readonly digital_post?: { readonly postkasseadresse?: string };
}

/** Addresses that have not been confirmed for too long (KAN_IKKE_VARSLES) are not used (eForvaltningsforskriften § 32). */
function toContact({ reservasjon, varslingsstatus, kontaktinformasjon, digital_post }: Person): Contact {
  const { epostadresse: email, mobiltelefonnummer: mobile } =
    varslingsstatus === 'KAN_IKKE_VARSLES' ? {} : (kontaktinformasjon ?? {});
  return {
    isReserved: reservasjon === 'JA',
    hasMailbox: (digital_post?.postkasseadresse ?? '') !== '',
    ...(mobile !== undefined && { mobile }),
    ...(email !== undefined && { email }),
  };
}
