/**
 * An app's request in a person's browser, from the page's side: what is asked for, and what the person says to it.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#step-4-authorization-code
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { saveGrant } from './app-grants.ts';
import { LAUNCH_SCOPES } from './authorization-scopes.ts';
import {
  ACCESS_TOKEN_SECONDS,
  CONSENT_PAGE,
  OFFLINE_SECONDS,
  ONLINE_SECONDS,
} from './authorization-server.ts';
import { findClient } from './clients.ts';
import type { SecurityLog, SqlClient } from './ports.ts';

/** What an app asks for. */
export interface AccessRequest {
  readonly clientId: string;
  readonly clientName: string;
  /** Where the browser is sent afterwards: origin, or scheme of an app on this device. */
  readonly returnsTo: string;
  /** Scopes that may be given, as they were granted by the client's registration. */
  readonly scopes: readonly string[];
  /** Must a patient be chosen? */
  readonly needsPatient: boolean;
  /** The person must have shown who they are since (`prompt=login`, `max_age`). */
  readonly authenticatedAfter?: Date;
}

/** What the person gives. */
export interface GivenAccess {
  /** Account.username */
  readonly account: string;
  /** PractitionerRole id of the role that the person acts in. */
  readonly practitionerRole: string;
  /** Patient id; the caller has made sure that the person may see the patient. */
  readonly patient: string | undefined;
  /** Of the scopes asked for, those that are given. */
  readonly scopes: readonly string[];
  /** When the person last showed who they are, as an instant; `auth_time` of the id_token. */
  readonly authenticated: string | undefined;
}

export interface AppConsent {
  /** The request that this browser has under way at this address; undefined when it has ended, or is another's. */
  request(request: IncomingMessage, response: ServerResponse): Promise<AccessRequest | undefined>;
  /** Give access; answers where the browser goes on: back to the page, when the person must show first who they are. */
  give(request: IncomingMessage, response: ServerResponse, given: GivenAccess): Promise<string>;
  /** Give none; answers where the browser goes on. */
  refuse(request: IncomingMessage, response: ServerResponse, account: string): Promise<string>;
}

export interface AppConsentOptions {
  readonly db: SqlClient;
  readonly provider: () => Provider;
  readonly fhirBase: string;
  readonly log: SecurityLog;
}

const needsPatient = (scopes: readonly string[]): boolean =>
  scopes.some((scope) => scope === 'launch/patient' || scope.startsWith('patient/'));

export function appConsent({ db, provider, fhirBase, log }: AppConsentOptions): AppConsent {
  const pending = async (
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Pending | undefined> => {
    try {
      const { uid, params, iat } = await provider().interactionDetails(request, response);
      const { client_id: clientId, scope = '', redirect_uri: redirectUri } = params as Record<string, string>;
      const isHere = (request.url ?? '').split(/[/?]/).includes(uid);
      const client = clientId === undefined || !isHere ? undefined : await findClient(db, clientId);
      return client === undefined || redirectUri === undefined
        ? undefined
        : {
            uid,
            client,
            redirectUri,
            scopes: scope.split(' ').filter((text) => text !== ''),
            authenticatedAfter: authenticatedAfter(params, iat),
          };
    } catch {
      return undefined;
    }
  };

  return {
    async request(request, response) {
      const found = await pending(request, response);
      return found === undefined
        ? undefined
        : {
            clientId: found.client.id,
            clientName: found.client.name,
            returnsTo: originOf(found.redirectUri),
            scopes: found.scopes,
            needsPatient: needsPatient(found.scopes),
            ...(found.authenticatedAfter !== undefined && { authenticatedAfter: found.authenticatedAfter }),
          };
    },
    async give(request, response, { account, practitionerRole, patient, scopes: given, authenticated }) {
      const found = await pending(request, response);
      if (found === undefined) {
        return CONSENT_PAGE;
      }
      if (!isRecent(authenticated, found.authenticatedAfter)) {
        return `${CONSENT_PAGE}/${found.uid}`;
      }
      const { client, scopes } = found;
      const mayGive = (scope: string): boolean => patient !== undefined || !needsPatient([scope]);
      const granted = scopes.filter((scope) => given.includes(scope) && mayGive(scope));
      const refused = scopes.filter((scope) => !granted.includes(scope));

      const grant = new (provider().Grant)({ accountId: account, clientId: client.id });
      grant.addOIDCScope(granted.filter(isLaunchScope).join(' '));
      grant.addResourceScope(fhirBase, granted.filter((scope) => !isLaunchScope(scope)).join(' '));
      grant.rejectOIDCScope(refused.filter(isLaunchScope).join(' '));
      grant.rejectResourceScope(fhirBase, refused.filter((scope) => !isLaunchScope(scope)).join(' '));
      const id = await grant.save();
      await saveGrant(
        db,
        { id, account, clientId: client.id, practitionerRole, patient, scopes: granted },
        new Date(Date.now() + secondsOf(granted) * 1000),
      );
      await log({
        type: 'app-allowed',
        outcome: 'success',
        subject: `user:${account}`,
        reason: granted.join(' '),
        about: `client:${client.id}`,
      });
      const login = {
        accountId: account,
        remember: false,
        ...(authenticated && { ts: secondsAt(authenticated) }),
      };
      const result = { login, consent: { grantId: id } };
      return provider().interactionResult(request, response, result);
    },
    async refuse(request, response, account) {
      const found = await pending(request, response);
      if (found === undefined) {
        return CONSENT_PAGE;
      }
      await log({
        type: 'app-refused',
        outcome: 'success',
        subject: `user:${account}`,
        reason: 'the person said no',
        about: `client:${found.client.id}`,
      });
      const result = { error: 'access_denied', error_description: 'the person gave no access' };
      return provider().interactionResult(request, response, result);
    },
  };
}

/** Counted from when the app asked: whoever logs in on the way has done what was asked for. */
function authenticatedAfter(
  { prompt, max_age: maxAge }: { readonly prompt?: unknown; readonly max_age?: unknown },
  askedAt: number,
): Date | undefined {
  if (typeof prompt === 'string' && prompt.split(' ').includes('login')) {
    return new Date(askedAt * 1000);
  }
  const seconds = maxAge === undefined ? Number.NaN : Number(maxAge);
  return Number.isNaN(seconds) ? undefined : new Date((askedAt - seconds) * 1000);
}

/** Has the person shown who they are since? */
export const isRecent = (authenticated: string | undefined, after: Date | undefined): boolean =>
  after === undefined || (authenticated !== undefined && Date.parse(authenticated) >= after.getTime());

const secondsAt = (instant: string): number => Math.floor(Date.parse(instant) / 1000);

interface Pending {
  readonly uid: string;
  readonly authenticatedAfter: Date | undefined;
  readonly client: NonNullable<Awaited<ReturnType<typeof findClient>>>;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
}

const isLaunchScope = (scope: string): boolean => (LAUNCH_SCOPES as readonly string[]).includes(scope);

/** How long the app may come back for more; without a refresh token not beyond code and token. */
function secondsOf(scopes: readonly string[]): number {
  if (scopes.includes('offline_access')) {
    return OFFLINE_SECONDS;
  }
  return scopes.includes('online_access') ? ONLINE_SECONDS : ACCESS_TOKEN_SECONDS + 60;
}

function originOf(address: string): string {
  const { origin, protocol } = new URL(address);
  return /^https?:$/.test(protocol) ? origin : protocol;
}
