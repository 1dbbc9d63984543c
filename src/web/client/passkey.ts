/**
 * Passkeys in the browser: https://www.w3.org/TR/webauthn-3/. The one part of the login that needs a script: it asks the
 * server what to sign, the authenticator to sign it, and goes where the server says.
 */

interface Ceremony {
  readonly options: string;
  readonly answer: string;
  readonly run: (options: never) => Promise<Credential | null>;
  readonly body: (credential: unknown) => unknown;
}

/** Path of the launch that the page belongs to, if it does. */
const ROOT = document.documentElement.dataset['root'] ?? '';

const CEREMONIES: Readonly<Record<string, Ceremony>> = {
  login: {
    options: '/logg-inn/passnokkel/valg',
    answer: '/logg-inn/passnokkel',
    run: (options) =>
      navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
    body: (credential) => credential,
  },
  register: {
    options: '/min-side/passnokkel/valg',
    answer: '/min-side/passnokkel',
    run: (options) =>
      navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
    body: (response) => ({ response, label: '' }),
  },
};

/** Show the button where the browser knows passkeys; on a press, do the whole of it. */
for (const part of document.querySelectorAll<HTMLElement>('[data-passkey]')) {
  const ceremony = CEREMONIES[part.dataset['passkey'] ?? ''];
  if (
    ceremony !== undefined &&
    typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === 'function'
  ) {
    part.hidden = false;
    const status = part.querySelector('[data-passkey-status]');
    part.querySelector('[data-passkey-start]')?.addEventListener('click', () => {
      say(status, 'Venter på passnøkkelen …');
      perform(ceremony).catch(() => say(status, 'Det ble avbrutt. Prøv igjen, eller velg en annen måte.'));
    });
  }
}

async function perform({ options, answer, run, body }: Ceremony): Promise<void> {
  const asked = await fetch(`${ROOT}${options}`, { method: 'POST' });
  if (asked.redirected) {
    window.location.assign(asked.url);
    return;
  }
  const credential = await run((await asked.json()) as never);
  const json = (credential as PublicKeyCredential).toJSON() as unknown;
  const told = await fetch(`${ROOT}${answer}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body(json)),
  });
  const { neste } = (await told.json()) as { readonly neste: string };
  window.location.assign(`${ROOT}${neste}`);
}

function say(status: Element | null, text: string): void {
  if (status !== null) {
    status.textContent = text;
  }
}
