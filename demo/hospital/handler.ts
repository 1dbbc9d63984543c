/**
 * The hospital over HTTP: launch page, authorisation server, FHIR. A request handler that stands at any address, so that it is a
 * server of its own or a part of another.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Resource } from '../../src/fhir/types.ts';
import {
  type Authorization,
  authorization,
  type Context,
  OAuthError,
  type RegisteredApp,
} from './smart/authorization.ts';
import { fhirApi, type WrittenBack } from './fhir/api.ts';
import type { HospitalRecord } from './fhir/record.ts';
import { faults, type Faults } from './faults.ts';
import { choicePage, documentPage, launchPage, nameOf, PAGE_POLICY, type Row } from './pages.ts';
import { encounterOf, patientOf } from './fhir/parts.ts';

export interface HospitalOptions {
  /** Absolute address that it stands at, no trailing slash. */
  readonly url: string;
  /** Absolute address of the registry, no trailing slash. */
  readonly registryUrl: string;
  /** What it is called. */
  readonly title: string;
  readonly clock: { now(): Date };
  readonly record: () => HospitalRecord;
  /** Ids of the patients on the page. */
  readonly patients: () => readonly string[];
  /** Who is said to be logged in. */
  readonly clinician?: string;
  /** Why a patient is here, in words. */
  readonly about?: (patient: string) => string;
  /** Admit one more patient; `number` is what the form gave. */
  readonly admit?: (number: string | undefined) => void;
  /** Scopes that are granted at most. */
  readonly grantable?: (scope: string) => boolean;
  /** More that the token response tells of a launch. */
  readonly context?: () => Readonly<Record<string, unknown>>;
  /** Other apps than the registry. */
  readonly apps?: readonly RegisteredApp[];
  readonly faults?: Faults;
}

export interface Hospital {
  readonly base: string;
  readonly authorization: Authorization;
  readonly faults: Faults;
  /** What apps have written back, in order. */
  readonly received: readonly WrittenBack[];
  /** How many requests there were. */
  readonly requests: () => number;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** The registry's client id at the hospital. */
export const REGISTRY_CLIENT = 'ryggrad';

/** FHIR base of the hospital at `url`: the `iss` of its launches. */
export const fhirBaseOf = (url: string): string => `${url}/fhir`;

const ROWS = 25;

export async function hospital(options: HospitalOptions): Promise<Hospital> {
  const { url, registryUrl, clock, record } = options;
  const base = fhirBaseOf(url);
  const prefix = new URL(url).pathname.replace(/\/$/, '');
  const own = options.faults ?? faults();
  const auth = await authorization({
    base,
    tokenEndpoint: `${url}/token`,
    apps: [
      {
        clientId: REGISTRY_CLIENT,
        redirectUri: `${registryUrl}/launch/callback`,
        jwksUri: `${registryUrl}/.well-known/jwks.json`,
      },
      ...(options.apps ?? []),
    ],
    clock,
    ...(options.grantable !== undefined && { grantable: options.grantable }),
    ...(options.context !== undefined && { context: options.context }),
  });
  const received: WrittenBack[] = [];
  const fhir = fhirApi({ url, base, clock, record, grantOf: auth.grantOf, received });
  let requests = 0;

  const rowsOf = (patients: readonly string[], hrefOf: (context: Context) => string): readonly Row[] =>
    patients.flatMap((id) => {
      const compartment = record().compartment(id);
      const patient = patientOf(compartment);
      const about = options.about?.(id);
      return patient === undefined
        ? []
        : [{ patient, href: hrefOf(contextOf(id, compartment)), ...(about !== undefined && { about }) }];
    });
  const named = (id: string, name: string): boolean => {
    const patient = patientOf(record().compartment(id));
    return patient !== undefined && nameOf(patient).toLowerCase().includes(name.toLowerCase());
  };

  const routes: Readonly<Record<string, (asked: Asked) => void | Promise<void>>> = {
    'GET /': ({ response, query }) => {
      const name = query.get('navn') ?? '';
      const from = Number(query.get('fra') ?? 0) || 0;
      const all = name === '' ? options.patients() : options.patients().filter((id) => named(id, name));
      const isLong = options.patients().length > ROWS;
      const shown = isLong ? all.slice(from, from + ROWS) : all;
      page(
        response,
        launchPage({
          title: options.title,
          clinician: options.clinician ?? 'Ane Lund',
          rows: rowsOf(shown, (context) => launchAddress(registryUrl, base, auth.launch(context))),
          ...(isLong && { searchUrl: `${url}/`, searched: name }),
          ...(from + shown.length < all.length && {
            next: `${url}/?${new URLSearchParams({ navn: name, fra: String(from + ROWS) })}`,
          }),
          ...(options.admit !== undefined && { admitUrl: `${url}/innleggelse` }),
          documentsUrl: `${url}/dokumenter`,
        }),
      );
    },
    'POST /innleggelse': ({ response, form }) => {
      options.admit?.(form().get('nummer') ?? undefined);
      response.writeHead(303, { location: `${url}/` }).end();
    },
    'GET /authorize': ({ response, query }) => authorize(response, query),
    'POST /authorize': ({ response, form }) => authorize(response, form()),
    'GET /velg': ({ response, query }) => {
      const to = answerOf(query);
      if (to === undefined) {
        plain(response, 400, 'the request is not known, or has been answered');
        return;
      }
      response.writeHead(302, { location: to.href }).end();
    },
    'POST /token': async ({ response, form }) => {
      const [status, body] = await tokenAnswer(auth, form());
      response
        .writeHead(status, {
          'content-type': 'application/json',
          'cache-control': 'no-store',
          pragma: 'no-cache',
        })
        .end(JSON.stringify(body));
    },
    'GET /dokumenter': ({ response }) =>
      page(
        response,
        documentPage(
          options.title,
          received.map(({ resource }) => resource),
        ),
      ),
    'GET /jwks': ({ response }) => json(response, { keys: auth.publicKeys }),
    'GET /fhir/.well-known/smart-configuration': ({ response }) => json(response, configuration(url, base)),
  };

  /** Where the answer to a request for a patient sends the browser; undefined: nobody asks, or about nobody. */
  function answerOf(query: URLSearchParams): URL | undefined {
    const asked = query.get('foresporsel') ?? '';
    const patient = query.get('patient') ?? '';
    if (query.has('nei')) {
      return auth.denied(asked);
    }
    const compartment = record().compartment(patient);
    return compartment.length === 0 ? undefined : auth.chosen(asked, contextOf(patient, compartment));
  }

  function authorize(response: ServerResponse, query: URLSearchParams): void {
    try {
      const result = auth.authorize(query);
      if ('to' in result) {
        response.writeHead(302, { location: result.to.href }).end();
        return;
      }
      const choose = ({ patient }: Context): string =>
        `${url}/velg?${new URLSearchParams({ foresporsel: result.choose, patient })}`;
      page(
        response,
        choicePage(
          options.title,
          rowsOf(options.patients().slice(0, 200), choose),
          `${url}/velg?${new URLSearchParams({ foresporsel: result.choose, nei: '1' })}`,
        ),
      );
    } catch (error) {
      if (!(error instanceof OAuthError)) {
        throw error;
      }
      plain(response, 400, error.message);
    }
  }

  return {
    base,
    authorization: auth,
    faults: own,
    received,
    requests: () => requests,
    async handle(request, response) {
      requests += 1;
      // at once: whoever else listens to the request must not have it for themselves
      const reading = ['POST', 'PUT'].includes(request.method ?? '') ? read(request) : Promise.resolve('');
      const [met, body] = await Promise.all([own.meet(response), reading]);
      if (met === 'answered') {
        return;
      }
      const asked = new URL(request.url ?? '/', url);
      const path = asked.pathname.slice(prefix.length).replace(/\/+$/, '') || '/';
      const route = routes[`${request.method} ${path}`];
      if (route !== undefined) {
        await route({ response, query: asked.searchParams, form: () => new URLSearchParams(body) });
        return;
      }
      if (path.startsWith('/fhir/')) {
        fhir({ request, response, path: path.slice('/fhir/'.length), query: asked.searchParams, body });
        return;
      }
      plain(response, 404, 'there is nothing at this address');
    },
  };
}

interface Asked {
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly form: () => URLSearchParams;
}

/** The patient, the latest stay, and who is responsible there. */
function contextOf(patient: string, compartment: readonly Resource[]): Context {
  const stay = encounterOf([...compartment].reverse());
  const [, practitioner] = (stay?.participant?.[0]?.individual?.reference ?? '').split('/');
  return {
    patient,
    ...(stay?.id !== undefined && { encounter: stay.id }),
    ...(practitioner !== undefined && { practitioner }),
  };
}

const launchAddress = (registryUrl: string, iss: string, launch: string): string =>
  `${registryUrl}/launch?${new URLSearchParams({ iss, launch })}`;

async function tokenAnswer(auth: Authorization, form: URLSearchParams): Promise<readonly [number, unknown]> {
  try {
    return [200, await auth.token(form)];
  } catch (error) {
    if (!(error instanceof OAuthError)) {
      throw error;
    }
    return [
      error.code === 'invalid_client' ? 401 : 400,
      { error: error.code, error_description: error.message },
    ];
  }
}

const configuration = (url: string, base: string) => ({
  issuer: base,
  jwks_uri: `${url}/jwks`,
  authorization_endpoint: `${url}/authorize`,
  token_endpoint: `${url}/token`,
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: ['ES384', 'RS384'],
  grant_types_supported: ['authorization_code', 'client_credentials'],
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
  authorization_response_iss_parameter_supported: true,
  capabilities: [
    'launch-ehr',
    'launch-standalone',
    'authorize-post',
    'client-public',
    'client-confidential-asymmetric',
    'sso-openid-connect',
    'context-ehr-patient',
    'context-ehr-encounter',
    'context-standalone-patient',
    'permission-patient',
    'permission-user',
    'permission-v1',
    'permission-v2',
  ],
});

function page(response: ServerResponse, html: string): void {
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': PAGE_POLICY,
    })
    .end(html);
}

const json = (response: ServerResponse, body: unknown): void => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const plain = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
};

const MOST_BYTES = 2 * 1024 * 1024;

/** The body of a request; what is too large is cut off with the connection. */
export async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) {
      request.destroy();
      break;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
