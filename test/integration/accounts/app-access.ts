/** An app that somebody gives access to, in the whole server: asked, allowed on the page, and the code exchanged. */
import { createHash, randomBytes } from 'node:crypto';
import { saveClient } from '../../../src/smart/clients.ts';
import type { Browser } from '../launch/ehr-server.ts';
import type { AccountServer } from './account-server.ts';

const CALLBACK = 'http://127.0.0.1:9/callback';
const APP = 'kurveapp';
const SCOPES = ['user/Organization.rs', 'offline_access'];

/** What the app has got, and what a request with it is answered. */
export interface AppAccess {
  /** Status of a read. */
  read(): Promise<number>;
  /** Status of asking for a new token. */
  refresh(): Promise<number>;
}

/** Let the app in as the person whom the browser has logged in. */
export async function giveAccess({ url, test }: AccountServer, who: Browser): Promise<AppAccess> {
  await saveClient(test.database.db.pool, {
    id: APP,
    kind: 'app',
    name: 'Kurveappen',
    scopes: SCOPES,
    units: [],
    registers: [],
    jwks: undefined,
    jwksUri: undefined,
    redirectUris: [CALLBACK],
    isPublic: true,
  });
  const verifier = randomBytes(32).toString('base64url');
  const asked = new URLSearchParams({
    response_type: 'code',
    client_id: APP,
    redirect_uri: CALLBACK,
    scope: SCOPES.join(' '),
    state: 'a state',
    aud: `${url}/fhir`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const page = await who.get(`${url}/auth/auth?${asked}`);
  const consent = new URLSearchParams({ handling: 'gi' });
  SCOPES.forEach((scope) => consent.append('omfang', scope));
  const given = await who.post(page.location, consent);
  const back = await who.get(given.location);
  const code = new URL(back.location).searchParams.get('code') ?? '';
  const token = (fields: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${url}/auth/token`, { method: 'POST', body: new URLSearchParams({ client_id: APP, ...fields }) });
  const answer = await token({
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  });
  const got = (await answer.json()) as { readonly access_token?: string; readonly refresh_token?: string };
  return {
    async read() {
      const headers = { authorization: `Bearer ${got.access_token ?? ''}` };
      return (await fetch(`${url}/fhir/Organization/demo-hf`, { headers })).status;
    },
    async refresh() {
      const refreshed = await token({ grant_type: 'refresh_token', refresh_token: got.refresh_token ?? '' });
      return refreshed.status;
    },
  };
}
