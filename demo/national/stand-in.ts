/**
 * National registries on the loopback address, for development and tests: HelseID's and Maskinporten's token endpoints, the
 * population registry (Persontjenesten) and the registry of contact data (KRR), in the shapes that they document, over HTTP.
 * As strict as the real ones about what they are strict about: client assertions, DPoP, scopes, at most 100 and 1000 numbers.
 * Faults are asked for: `faults.next` answers are given in order before the true ones.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, type JWK, jwtVerify } from 'jose';

/** Somebody in the registries; synthetic numbers alone. */
export interface StandInPerson {
  /** The number in use first. */
  readonly numbers: readonly string[];
  readonly given: string;
  readonly middle?: string;
  readonly family: string;
  readonly birthDate: string;
  readonly gender: 'Female' | 'Male';
  readonly deceased?: string;
  readonly street?: { readonly name: string; readonly number: string; readonly letter?: string };
  readonly postalCode?: string;
  readonly city?: string;
  readonly municipality?: string;
  readonly urbanDistrict?: string;
  readonly confidentiality?: 'Unclassified' | 'ClientAddress' | 'Confidential' | 'StrictlyConfidential';
  readonly contact?: {
    readonly email?: string;
    readonly mobile?: string;
    readonly mailbox?: string;
    readonly isReserved?: boolean;
    /** Not confirmed for too long. */
    readonly isStale?: boolean;
  };
}

export type Fault =
  /** This status, without a body. */
  | { readonly status: number }
  /** The connection is cut. */
  | 'cut'
  /** Something that is no JSON, with 200. */
  | 'garbage';

export interface NationalStandIn extends AsyncDisposable {
  readonly url: string;
  persons: StandInPerson[];
  /** Given out one for one question to the population registry or KRR, before true answers. */
  readonly faults: Fault[];
  /** What was asked: the operation, and how many numbers. */
  readonly asked: { readonly operation: string; readonly numbers: number }[];
  /** Tokens that were given out. */
  readonly tokens: number;
  /** Tokens that are out are no longer taken. */
  revoke(): void;
}

export interface StandInClient {
  readonly id: string;
  readonly jwk: JWK;
  readonly scopes: readonly string[];
}

const POPULATION_SCOPE = 'nhn:hgd-persontjenesten-api/read-with-legal-basis';
const CONTACT_SCOPE = 'krr:global/kontaktinformasjon.read';
const MOST_PERSONS = 100;
const MOST_CONTACTS = 1000;
const TOKEN_SECONDS = 60;

interface Token {
  readonly scopes: readonly string[];
  /** Thumbprint of the DPoP key that it is bound to. */
  readonly boundTo?: string;
}

class Refused extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

export async function startNationalStandIn(
  clients: readonly StandInClient[],
  persons: readonly StandInPerson[] = [],
): Promise<NationalStandIn> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tokens = new Map<string, Token>();
  let given = 0;
  const standIn: NationalStandIn = {
    url,
    persons: [...persons],
    faults: [],
    asked: [],
    get tokens() {
      return given;
    },
    revoke: () => tokens.clear(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await read(request);
      const { pathname } = new URL(request.url ?? '', url);
      const route = ROUTES[`${request.method} ${pathname}`];
      if (route === undefined) {
        throw new Refused(404, 'Not found');
      }
      await route(request, response, body);
    } catch (cause) {
      const { status, message, headers } = cause instanceof Refused ? cause : new Refused(500, String(cause));
      json(
        response,
        status,
        { error: status === 401 ? 'invalid_token' : 'invalid_request', title: message },
        headers,
      );
    }
  }

  type Route = (request: IncomingMessage, response: ServerResponse, body: string) => Promise<void>;
  const ROUTES: Readonly<Record<string, Route>> = {
    'GET /helseid/.well-known/openid-configuration': async (_request, response) => {
      json(response, 200, {
        issuer: `${url}/helseid`,
        token_endpoint: `${url}/helseid/connect/token`,
        jwks_uri: `${url}/helseid/jwks`,
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
        dpop_signing_alg_values_supported: ['ES256', 'PS256'],
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['PS256'],
      });
      return Promise.resolve();
    },
    'POST /helseid/connect/token': async (request, response, body) => {
      const form = new URLSearchParams(body);
      await checkAssertion(form.get('client_assertion') ?? '', `${url}/helseid`, 60);
      if (form.get('grant_type') !== 'client_credentials') {
        throw new Refused(400, 'grant_type');
      }
      const boundTo = await checkProof(request, `${url}/helseid/connect/token`, undefined);
      give(response, form.get('scope') ?? '', form.get('client_id') ?? undefined, boundTo);
    },
    'POST /maskinporten/token': async (_request, response, body) => {
      const form = new URLSearchParams(body);
      if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') {
        throw new Refused(400, 'grant_type');
      }
      const claims = await checkAssertion(form.get('assertion') ?? '', `${url}/maskinporten/`, 120);
      give(response, String(claims['scope']), String(claims['iss']), undefined);
    },
    'POST /api/legal-basis/person/get-by-nin': async (request, response, body) => {
      await authorised(request, POPULATION_SCOPE);
      requireVersion(request);
      const nin = new URLSearchParams(body).get('nin') ?? '';
      if (!fault(response, 'get-by-nin', 1)) {
        const person = standIn.persons.find(({ numbers }) => numbers.includes(nin));
        json(response, person === undefined ? 404 : 200, person === undefined ? {} : toPerson(person));
      }
    },
    'POST /api/legal-basis/person/bulk-by-nin': async (request, response, body) => {
      await authorised(request, POPULATION_SCOPE);
      requireVersion(request);
      const nins = new URLSearchParams(body).getAll('nins');
      if (nins.length === 0 || nins.length > MOST_PERSONS) {
        throw new Refused(400, 'nins');
      }
      if (!fault(response, 'bulk-by-nin', nins.length)) {
        const found = standIn.persons.filter(({ numbers }) => numbers.some((one) => nins.includes(one)));
        json(response, 200, found.map(toPerson));
      }
    },
    'POST /rest/v1/personer': async (request, response, body) => {
      await authorised(request, CONTACT_SCOPE);
      const { personidentifikatorer: numbers = [] } = JSON.parse(body) as {
        personidentifikatorer?: string[];
      };
      if (numbers.length === 0 || numbers.length > MOST_CONTACTS) {
        throw new Refused(400, 'personidentifikatorer');
      }
      if (!fault(response, 'personer', numbers.length)) {
        json(response, 200, { personer: numbers.map((number) => toContact(number, standIn.persons)) });
      }
    },
  };

  server.on('request', (request, response) => {
    void answer(request, response);
  });
  return standIn;

  function give(
    response: ServerResponse,
    scope: string,
    client: string | undefined,
    boundTo: string | undefined,
  ) {
    const wanted = scope.split(' ');
    const own = clients.find(({ id }) => id === client) ?? clients[0];
    if (own === undefined || wanted.some((one) => !own.scopes.includes(one))) {
      throw new Refused(400, 'invalid_scope');
    }
    const token = randomUUID();
    given += 1;
    tokens.set(token, { scopes: wanted, ...(boundTo !== undefined && { boundTo }) });
    const type = boundTo === undefined ? 'Bearer' : 'DPoP';
    json(response, 200, { access_token: token, token_type: type, expires_in: TOKEN_SECONDS, scope });
  }

  async function checkAssertion(jwt: string, audience: string, longest: number) {
    const kid = jwt === '' ? undefined : decodeProtectedHeader(jwt).kid;
    const client = clients.find(({ jwk }) => jwk.kid === kid);
    if (client === undefined) {
      throw new Refused(400, 'invalid_client');
    }
    const { payload } = await jwtVerify(jwt, await importJWK(client.jwk, 'ES256'), {
      audience,
      requiredClaims: ['iss', 'iat', 'exp', 'jti'],
    }).catch((cause: unknown) => {
      throw new Refused(400, String(cause));
    });
    if (Number(payload.exp) - Number(payload.iat) > longest || payload.iss !== client.id) {
      throw new Refused(400, 'assertion');
    }
    return payload;
  }

  async function checkProof(
    request: IncomingMessage,
    htu: string,
    token: string | undefined,
  ): Promise<string> {
    const proof = String(request.headers['dpop'] ?? '');
    const { jwk } = proof === '' ? {} : decodeProtectedHeader(proof);
    if (jwk === undefined) {
      throw new Refused(401, 'DPoP is missing', { 'www-authenticate': 'DPoP error="invalid_dpop_proof"' });
    }
    const { payload } = await jwtVerify(proof, await importJWK(jwk, 'ES256'), { typ: 'dpop+jwt' });
    const ath = token === undefined ? undefined : createHash('sha256').update(token).digest('base64url');
    if (payload['htu'] !== htu || payload['htm'] !== request.method || payload['ath'] !== ath) {
      throw new Refused(401, 'DPoP is for something else', {
        'www-authenticate': 'DPoP error="invalid_dpop_proof"',
      });
    }
    return calculateJwkThumbprint(jwk);
  }

  async function authorised(request: IncomingMessage, scope: string): Promise<void> {
    const [kind = '', value = ''] = (request.headers.authorization ?? '').split(' ');
    const token = tokens.get(value);
    if (token === undefined || !token.scopes.includes(scope)) {
      throw new Refused(401, 'token', { 'www-authenticate': `${kind || 'Bearer'} error="invalid_token"` });
    }
    if (token.boundTo !== undefined) {
      const htu = `${url}${new URL(request.url ?? '', url).pathname}`;
      if (kind !== 'DPoP' || (await checkProof(request, htu, value)) !== token.boundTo) {
        throw new Refused(401, 'DPoP', { 'www-authenticate': 'DPoP error="invalid_token"' });
      }
    }
  }

  /** Answers itself when a fault was asked for. */
  function fault(response: ServerResponse, operation: string, numbers: number): boolean {
    standIn.asked.push({ operation, numbers });
    const next = standIn.faults.shift();
    if (next === 'cut') {
      response.destroy();
    } else if (next === 'garbage') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('<html>');
    } else if (next !== undefined) {
      response.writeHead(next.status).end();
    }
    return next !== undefined;
  }
}

function requireVersion(request: IncomingMessage): void {
  const parts = new URL(request.url ?? '', 'http://x').searchParams.getAll('informationParts');
  if (request.headers['api-version'] !== '2' || parts.length === 0) {
    throw new Refused(400, 'api-version and informationParts are needed');
  }
}

/** As Persontjenesten writes a person: lists with what was before, `isValid` on what holds. */
function toPerson(person: StandInPerson): object {
  const {
    numbers,
    given,
    middle,
    family,
    birthDate,
    gender,
    deceased,
    confidentiality = 'Unclassified',
  } = person;
  const now = { isValid: true, registeredAt: `${birthDate}T00:00:00` };
  return {
    id: createHash('sha256')
      .update(numbers[0] ?? '')
      .digest('hex'),
    norwegianIdentificationNumber: numbers.map((identificationNumber, at) => ({
      ...now,
      isValid: at === 0,
      identificationNumber,
      identificationNumberType: identificationNumber >= '4' ? 'DNumber' : 'NationalIdentityNumber',
      status: at === 0 ? 'InUse' : 'Discontinued',
    })),
    name: [
      { ...now, isValid: false, givenName: 'Tidligere', middleName: null, familyName: 'Navn' },
      { ...now, givenName: given, middleName: middle ?? null, familyName: family },
    ],
    birth: [{ ...now, birthDate: `${birthDate}T00:00:00` }],
    gender: [{ ...now, gender }],
    death: deceased === undefined ? [] : [{ ...now, deceasedDate: `${deceased}T00:00:00` }],
    addressProtection: [{ ...now, protectionLevel: confidentiality }],
    residentialAddress: [
      {
        ...now,
        addressConfidentiality: confidentiality,
        urbanDistrictCode: person.urbanDistrict ?? null,
        streetAddress: {
          addressName: person.street?.name ?? null,
          addressNumber: {
            houseNumber: person.street?.number ?? null,
            houseLetter: person.street?.letter ?? null,
          },
          municipalityNumber: person.municipality ?? null,
          city: { cityName: person.city ?? null, postalCode: person.postalCode ?? null },
        },
        cadastralAddress: null,
        unknownResidence: null,
      },
    ],
  };
}

function toContact(number: string, persons: readonly StandInPerson[]): object {
  const contact = persons.find(({ numbers }) => numbers.includes(number))?.contact;
  if (contact === undefined) {
    return { personidentifikator: number, status: 'IKKE_REGISTRERT' };
  }
  const { email, mobile, mailbox, isReserved, isStale } = contact;
  return {
    personidentifikator: number,
    status: 'AKTIV',
    reservasjon: isReserved === true ? 'JA' : 'NEI',
    varslingsstatus: isStale === true ? 'KAN_IKKE_VARSLES' : 'KAN_VARSLES',
    kontaktinformasjon: {
      ...(email !== undefined && { epostadresse: email }),
      ...(mobile !== undefined && { mobiltelefonnummer: mobile }),
    },
    ...(mailbox !== undefined && {
      digital_post: { postkasseadresse: mailbox, postkasseleverandoeradresse: '984661185' },
    }),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
