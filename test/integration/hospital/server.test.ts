/** The simulated hospital by itself: as a FHIR server, as an authorisation server, and when things go wrong. */
import { createServer } from 'node:http';
import { Client } from 'fhir-kit-client';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { AddressInfo } from 'node:net';
import { type HospitalServer, startHospital } from '../../../demo/hospital/server.ts';
import { drawn, FAULT_RATES } from '../../../demo/hospital/faults.ts';
import type { Bundle, JsonObject, Resource } from '../../../src/fhir/types.ts';
import { clockAt } from '../../support/clock.ts';
import { sharedValidator } from '../../support/validator.ts';

const CLOCK = clockAt('2026-11-20T23:30:00Z');
const APP = 'prøveapp';
const KINDS = [
  'Patient', 'Encounter', 'Condition', 'Procedure', 'Observation', 'MedicationStatement', 'MedicationAdministration',
  'ServiceRequest', 'Consent', 'Practitioner', 'Organization',
]; // prettier-ignore

/** An app with a key whose public half it shows. */
async function startApp() {
  const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'app-1', alg: 'ES384' };
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const assertion = (audience: string, jti: string = crypto.randomUUID()): Promise<string> =>
    new SignJWT({ jti })
      .setProtectedHeader({ alg: 'ES384', kid: 'app-1' })
      .setIssuer(APP)
      .setSubject(APP)
      .setAudience(audience)
      .setExpirationTime('60s')
      .sign(privateKey);
  return { url, assertion, close: () => new Promise((resolve) => server.close(resolve)) };
}

describe('The simulated hospital', () => {
  let app: Awaited<ReturnType<typeof startApp>>;
  let hospital: HospitalServer;

  beforeAll(async () => {
    app = await startApp();
    hospital = await startHospital({
      registryUrl: 'http://127.0.0.1:9',
      clock: CLOCK,
      patients: 120,
      apps: [{ clientId: APP, redirectUri: `${app.url}/callback`, jwksUri: `${app.url}/jwks` }],
    });
  });

  afterAll(async () => {
    await hospital[Symbol.asyncDispose]();
    await app.close();
  });

  const ask = async (form: Record<string, string>): Promise<Response> =>
    fetch(`${hospital.url}/token`, { method: 'POST', body: new URLSearchParams(form) });
  const signed = async (): Promise<Record<string, string>> => ({
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await app.assertion(`${hospital.url}/token`),
  });
  const systemToken = async (scope = 'system/*.rs'): Promise<string> => {
    const answer = await ask({ grant_type: 'client_credentials', scope, ...(await signed()) });
    return ((await answer.json()) as { readonly access_token: string }).access_token;
  };
  const kit = async (scope?: string): Promise<Client> =>
    new Client({ baseUrl: hospital.hospital.base, bearerToken: await systemToken(scope) });
  const get = (path: string, token: string): Promise<Response> =>
    fetch(`${hospital.hospital.base}/${path}`, { headers: { authorization: `Bearer ${token}` } });

  it('tells a third party’s client where it gives tokens, and what it can.', async () => {
    const client = new Client({ baseUrl: hospital.hospital.base });

    const { tokenUrl, authorizeUrl } = await client.smartAuthMetadata();
    const statement = (await client.capabilityStatement()) as unknown as JsonObject;

    expect([tokenUrl?.href, authorizeUrl?.href]).toEqual([
      `${hospital.url}/token`,
      `${hospital.url}/authorize`,
    ]);
    expect(
      sharedValidator()
        .validate(statement)
        .filter(({ severity }) => severity === 'error'),
    ).toEqual([]);
  });

  it.each(KINDS)('serves every %s so that it stands the check.', async (type) => {
    const client = await kit();
    const resources: Resource[] = [];
    let page = await client.search({ resourceType: type, searchParams: { _count: '100' } });
    for (let pages = 0; pages < 20; pages++) {
      resources.push(...((page as unknown as Bundle).entry ?? []).flatMap(({ resource }) => resource ?? []));
      const next = await client.nextPage({ bundle: page as never });
      if (next === undefined) {
        break;
      }
      page = next;
    }
    const validator = sharedValidator();

    const faulty = resources.flatMap((resource) =>
      validator.validate(resource as unknown as JsonObject).filter(({ severity }) => severity === 'error'),
    );

    expect(resources.length).toBeGreaterThan(2);
    expect(new Set(resources.map(({ id }) => id)).size).toBe(resources.length);
    expect(faulty).toEqual([]);
  });

  it('finds what has changed since, a page at a time.', async () => {
    const client = await kit();
    const since = '2026-11-20T15:00:00Z';

    const page = (await client.search({
      resourceType: 'Observation',
      searchParams: { _lastUpdated: `gt${since}`, _count: '5', _sort: '_lastUpdated' },
    })) as unknown as Bundle;

    const times = (page.entry ?? []).map(({ resource }) => resource?.meta?.lastUpdated ?? '');
    expect(times).toHaveLength(5);
    expect(times.every((time) => time > since)).toBe(true);
    expect(times).toEqual([...times].sort());
    expect(page.link?.some(({ relation }) => relation === 'next')).toBe(true);
  });

  it('refuses a parameter that it does not know, a type that it does not have, and what is not there.', async () => {
    const token = await systemToken();

    const answers = await Promise.all(
      ['Condition?severity=x', 'Appointment', 'Patient/nobody'].map((path) => get(path, token)),
    );

    expect(answers.map(({ status }) => status)).toEqual([400, 404, 404]);
    for (const answer of answers) {
      expect(await answer.json()).toMatchObject({ resourceType: 'OperationOutcome' });
    }
  });

  it('gives nothing without a token, and nothing beyond its scopes.', async () => {
    const token = await systemToken('system/Patient.r');

    expect((await get('Patient/p1', 'nothing')).status).toBe(401);
    expect((await get('Patient/p1', token)).status).toBe(200);
    expect((await get('Patient?name=a', token)).status).toBe(403);
    expect((await get('Condition?patient=p1', token)).status).toBe(403);
  });

  it('gives a system no token for a person’s scopes, nor for an assertion that was used or is not signed.', async () => {
    const used = await signed();

    const answers = [
      await ask({ grant_type: 'client_credentials', scope: 'patient/*.rs', ...(await signed()) }),
      await ask({ grant_type: 'client_credentials', scope: 'system/*.rs', ...used }),
      await ask({ grant_type: 'client_credentials', scope: 'system/*.rs', ...used }),
      await ask({ grant_type: 'client_credentials', scope: 'system/*.rs' }),
      await ask({ grant_type: 'password' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 200, 401, 401, 400]);
  });

  it('lets an app that is opened by itself ask for a patient, who is chosen on a page.', async () => {
    const verifier = 'v'.repeat(50);
    const challenge = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(verifier))).toString(
      'base64url',
    );
    const authorize = new URL(`${hospital.url}/authorize`);
    authorize.search = new URLSearchParams({
      response_type: 'code',
      client_id: APP,
      redirect_uri: `${app.url}/callback`,
      scope:
        'openid fhirUser launch/patient patient/Patient.r patient/Condition.rs patient/DocumentReference.c',
      state: 's1',
      aud: hospital.hospital.base,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    }).toString();

    const choice = await (await fetch(authorize)).text();
    const [, href = ''] = /href="([^"]+patient=p3)"/.exec(choice) ?? [];
    const back = await fetch(href.replaceAll('&amp;', '&'), { redirect: 'manual' });
    const callback = new URL(back.headers.get('location') ?? '');
    const answer = await ask({
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: `${app.url}/callback`,
      code_verifier: verifier,
      ...(await signed()),
    });
    const grant = (await answer.json()) as {
      readonly access_token: string;
      readonly patient: string;
      readonly id_token: string;
    };

    expect(callback.searchParams.get('state')).toBe('s1');
    expect(grant.patient).toBe('p3');
    expect(grant.id_token.split('.')).toHaveLength(3);
    expect((await get('Patient/p3', grant.access_token)).status).toBe(200);
    expect((await get('Patient/p4', grant.access_token)).status).toBe(404);
    expect((await get('Condition?patient=p4', grant.access_token)).status).toBe(403);
  });

  it('lets nobody in when the person says no.', async () => {
    const authorize = new URL(`${hospital.url}/authorize`);
    authorize.search = new URLSearchParams({
      response_type: 'code',
      client_id: APP,
      redirect_uri: `${app.url}/callback`,
      scope: 'launch/patient patient/Patient.r',
      aud: hospital.hospital.base,
      code_challenge: 'c',
      code_challenge_method: 'S256',
    }).toString();

    const choice = await (await fetch(authorize)).text();
    const [, href = ''] = /href="([^"]+nei=1)"/.exec(choice) ?? [];
    const back = await fetch(href.replaceAll('&amp;', '&'), { redirect: 'manual' });
    const again = await fetch(href.replaceAll('&amp;', '&'), { redirect: 'manual' });

    expect(new URL(back.headers.get('location') ?? '').searchParams.get('error')).toBe('access_denied');
    expect(again.status).toBe(400);
  });

  it('takes back what an app writes, and shows it to who asks on this machine.', async () => {
    const client = await kit('system/DocumentReference.cr');
    const document = {
      resourceType: 'DocumentReference',
      status: 'current',
      subject: { reference: 'Patient/p1' },
      content: [{ attachment: { contentType: 'text/plain', data: 'VGVrc3Q=' } }],
    };

    const created = (await client.create({
      resourceType: 'DocumentReference',
      body: document as never,
    })) as unknown as Resource;
    const received = await (await fetch(`${hospital.url}/admin/received`)).json();
    const fromPage = await fetch(`${hospital.url}/admin/received`, {
      headers: { origin: 'http://evil.example' },
    });

    expect(created.id).toMatch(/^skrevet-/);
    expect(await (await fetch(`${hospital.url}/dokumenter`)).text()).toContain('<pre>Tekst</pre>');
    expect(received).toMatchObject([{ clientId: APP, resource: { resourceType: 'DocumentReference' } }]);
    expect(fromPage.status).toBe(403);
  });

  it('keeps once what an app sends twice (If-None-Exist).', async () => {
    const token = await systemToken('system/QuestionnaireResponse.c');
    const create = (value: string): Promise<Response> =>
      fetch(`${hospital.hospital.base}/QuestionnaireResponse`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/fhir+json',
          'if-none-exist': `identifier=urn:app|${value}`,
        },
        body: JSON.stringify({
          resourceType: 'QuestionnaireResponse',
          identifier: { system: 'urn:app', value },
          status: 'completed',
          subject: { reference: 'Patient/p2' },
        }),
      });

    const answers = [await create('1'), await create('1'), await create('2')];
    const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as Resource).id));

    expect(answers.map(({ status }) => status)).toEqual([201, 200, 201]);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('lists its patients in Norwegian, each with a button, a page at a time and by name.', async () => {
    const html = await (await fetch(`${hospital.url}/`)).text();
    const nobody = await (await fetch(`${hospital.url}/?navn=zzzz`)).text();

    expect(html).toContain('<html lang="nb">');
    expect(html.match(/>Åpne registerskjema</g)).toHaveLength(25);
    expect(html).toContain('Flere pasienter');
    expect(html).not.toMatch(/\d{11}/);
    expect(nobody).not.toContain('Åpne registerskjema</a>');
  });

  it('is away as ordered, for as many requests as ordered, and is back.', async () => {
    const order = (outage: object): Promise<Response> =>
      fetch(`${hospital.url}/admin/outage`, { method: 'POST', body: JSON.stringify(outage) });
    const token = await systemToken();

    await order({ kind: 'unavailable', requests: 2 });
    const statuses = [
      await get('Patient/p1', token),
      await get('Patient/p1', token),
      await get('Patient/p1', token),
    ];
    await order({ kind: 'cut', requests: 1 });
    const cut = await get('Patient/p1', token).catch(() => 'cut');
    const wrong = await order({ kind: 'fire' });

    expect(statuses.map(({ status }) => status)).toEqual([503, 503, 200]);
    expect(cut).toBe('cut');
    expect(wrong.status).toBe(400);
  });

  it('hangs until the outage is lifted.', async () => {
    const token = await systemToken();
    hospital.hospital.faults.set({ kind: 'hang' });
    const before = hospital.hospital.requests();
    const waiting = get('Patient/p1', token).then(
      () => 'answered',
      () => 'never answered',
    );
    while (hospital.hospital.requests() === before) {
      await new Promise((resolve) => setImmediate(resolve));
    }

    await fetch(`${hospital.url}/admin/outage`, { method: 'DELETE' });

    expect(await waiting).toBe('never answered');
    expect((await get('Patient/p1', token)).status).toBe(200);
  });

  it('ends tokens when it is told to.', async () => {
    const token = await systemToken();

    const answer = await fetch(`${hospital.url}/admin/expire-tokens`, { method: 'POST' });

    expect(await answer.json()).toMatchObject({ expired: expect.any(Number) as number });
    expect((await get('Patient/p1', token)).status).toBe(401);
  });

  it('tells its state.', async () => {
    const state: unknown = await (await fetch(`${hospital.url}/admin/state`)).json();

    expect(state).toMatchObject({ outage: null, resources: { Patient: 120 } });
  });
});

describe('Faults that come by themselves', () => {
  it('are the same for the same seed, and as often as is written.', () => {
    const kinds = Array.from({ length: 5000 }, (_, request) => drawn(3, request)?.kind);

    expect(kinds).toEqual(Array.from({ length: 5000 }, (_, request) => drawn(3, request)?.kind));
    for (const [kind, rate] of Object.entries(FAULT_RATES)) {
      const share = (100 * kinds.filter((one) => one === kind).length) / kinds.length;
      expect(Math.abs(share - rate)).toBeLessThan(0.3 + rate / 4);
    }
  });
});
