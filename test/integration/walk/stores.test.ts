/** Who sees what of a pathway: the local and the national store, other organisations, other departments, launched sessions. */
import { randomUUID } from 'node:crypto';
import { fhirClient, type FhirClient } from '../../../demo/walk/fhir-client.ts';
import { launchFromEhr } from '../../../demo/walk/launch.ts';
import type { Consent, EpisodeOfCare, Patient, Resource } from '../../../src/fhir/types.ts';
import type { Registered } from '../../../demo/walk/push.ts';
import { type StaffPrincipal, SYSTEM } from '../../../src/access/principal.ts';
import { NO_LABELS } from '../../../src/repository/batch.ts';
import { saveAccount } from '../../../src/smart/accounts.ts';
import { saveClient } from '../../../src/smart/clients.ts';
import { makeKey, publicJwk } from '../../../src/smart/signing-keys.ts';
import type { Answers } from '../../content/case.ts';
import { requestToken } from '../smart/client-assertions.ts';
import {
  asSender,
  b11,
  b12,
  responseTo,
  startWalkServer,
  to,
  type Sender,
  type WalkServer,
} from './walk-server.ts';

let server: WalkServer;

beforeAll(async () => {
  server = await startWalkServer();
  await server.app.app.jobs.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const locked = { status: 'completed' } as const;
const TYPES = [
  'EpisodeOfCare',
  'QuestionnaireResponse',
  'Observation',
  'Condition',
  'Consent',
  'Task',
] as const;

/** How many resources of the pathway's person a client finds, by type. */
async function seen(
  client: Pick<FhirClient, 'search'>,
  { patient }: Registered,
): Promise<Readonly<Record<string, number>>> {
  const counts = TYPES.map(
    async (type) => [type, (await client.search(`${type}?patient=${patient}`)).length] as const,
  );
  return Object.fromEntries((await Promise.all(counts)).filter(([, count]) => count > 0));
}

async function pathway(answers: (typeof to)[keyof typeof to]): Promise<Registered> {
  const person = await server.person();
  await server.save(person, 'to', answers);
  await server.save(person, 'b11', b11, locked);
  await server.save(person, 'b12', b12('6'), locked);
  return person;
}

describe('The national store', () => {
  it('has nothing of a pathway while TO is a draft, and all locked parts once it is locked with consent (CO-02).', async () => {
    const person = await pathway(to.consenting);
    const before = await seen(server.analytics, person);

    const locking = await server.save(person, 'to', to.consenting, locked);

    expect(before).toEqual({});
    expect(locking.status).toBe(200);
    expect(await seen(server.analytics, person)).toEqual({
      EpisodeOfCare: 1,
      QuestionnaireResponse: 3,
      Observation: 6,
      Condition: 1,
      Consent: 1,
    });
  });

  it.each(['refusing', 'included', 'notIncluded', 'notAttended'] as const)(
    'has nothing of a locked pathway that is %s.',
    async (which) => {
      const person = await server.person();
      await server.save(person, 'to', to[which], locked);
      await server.save(person, 'b11', b11, locked);

      expect(await seen(server.analytics, person)).toEqual({});
      expect(await server.analytics.search(`Patient?_id=${person.patient}`)).toEqual([]);
      expect((await server.analytics.request(`Task/${person.tasks['to'] ?? ''}`)).status).toBe(404);
    },
  );

  it('loses a pathway when the correction of TO takes the consent away, and gets it back.', async () => {
    const person = await pathway(to.consenting);
    await server.save(person, 'to', to.consenting, locked);

    const reason = 'Samtykket var ført på feil person';
    await server.save(person, 'to', to.refusing, { status: 'amended', reason });
    const without = await seen(server.analytics, person);
    await server.save(person, 'to', to.consenting, { status: 'amended', reason });

    expect(without).toEqual({});
    expect(await seen(server.analytics, person)).toHaveProperty('Observation', 6);
  });

  it('shows persons without name and number, forms without internal comments (BK-10).', async () => {
    const person = await pathway(to.consenting);
    await server.save(person, 'to', to.consenting, locked);

    const [patient] = await server.analytics.search<Patient>(`Patient?_id=${person.patient}`);
    const all = await server.analytics.search(`QuestionnaireResponse?patient=${person.patient}`);

    expect(patient).not.toHaveProperty('name');
    expect(patient?.birthDate).toMatch(/^\d{4}$/);
    expect(patient?.identifier).toEqual([
      { system: 'https://ryggrad.no/fhir/NamingSystem/pasient-id', value: expect.any(String) },
    ]);
    expect(JSON.stringify(all)).not.toMatch(/lu-ane|(?<![0-9a-f-])\d{11}(?![0-9a-f-])/);
  });

  it('keeps consent as a dated Consent of the person, replaced by what the newest lock says.', async () => {
    const person = await pathway(to.refusing);
    await server.save(person, 'to', to.refusing, locked);
    const refused = await server.coordinator.search<Consent>(`Consent?patient=${person.patient}`);

    await server.save(person, 'to', to.consenting, { status: 'amended', reason: 'Samtykket senere' });
    const given = await server.coordinator.search<Consent>(`Consent?patient=${person.patient}`);

    expect(refused).toMatchObject([{ status: 'active', provision: { type: 'deny' } }]);
    expect(given).toMatchObject([
      {
        id: refused[0]?.id,
        provision: { type: 'permit' },
        patient: { reference: `Patient/${person.patient}` },
      },
    ]);
  });
});

describe('A bulk export', () => {
  it('is asynchronous NDJSON of what is national, and of nothing else (BK-01, BK-10).', async () => {
    const national = await pathway(to.consenting);
    await server.save(national, 'to', to.consenting, locked);
    const local = await pathway(to.refusing);
    await server.save(local, 'to', to.refusing, locked);

    const text = await exported(server.analytics);

    expect(text).toContain(`Patient/${national.patient}`);
    expect(text).not.toContain(local.patient);
    expect(text).not.toContain(local.episode);
    expect(text).not.toMatch(/"family"|urn:oid:2\.16\.578\.1\.12\.4\.1\.4\.1"/);
  });
});

describe('An EHR', () => {
  it('of another organisation sees nothing of the person, and cannot tell that it is there.', async () => {
    const person = await pathway(to.consenting);
    await server.save(person, 'to', to.consenting, locked);
    const other = await otherEhr();

    expect(await seen(other, person)).toEqual({});
    expect((await other.request(`Patient/${person.patient}`)).status).toBe(404);
    expect((await other.request('Patient/never-was')).status).toBe(404);
    expect((await other.request(`EpisodeOfCare/${person.episode}/_history`)).status).toBe(404);
  });

  it('of the own organisation follows its patients’ pathways.', async () => {
    const person = await pathway(to.refusing);

    expect(await seen(server.ehr, person)).toMatchObject({ EpisodeOfCare: 1, Task: 10 });
  });
});

describe('Staff of another department', () => {
  it('see nothing of the pathway: not on the work list, not by its address, not over the API.', async () => {
    const person = await pathway(to.consenting);
    const user = await colleagueOf('demo-ortopedi');
    const list = await user.open('/arbeidsliste');
    const page = await user.open(`/pasient/${person.patient}`);
    const form = await user.open(`/skjema/${person.tasks['to'] ?? ''}`);

    expect(list.status).toBe(200);
    expect(list.html).not.toContain(person.patient);
    expect([page.status, form.status]).toEqual([404, 404]);
    expect(await statusOf(asSender(user), `EpisodeOfCare/${person.episode}`)).toBe(404);
  });
});

describe('A session that an EHR launched', () => {
  it('sees its patient alone (AP-04).', async () => {
    const [mine, other] = [await server.person(), await server.person()];
    const { browser: clinician } = await launchFromEhr(server.walk, mine.ehrId);
    const ask = asSender(clinician);

    expect(await statusOf(ask, `Patient/${mine.patient}`)).toBe(200);
    expect(await statusOf(ask, `Patient/${other.patient}`)).toBe(404);
    expect(await statusOf(ask, `EpisodeOfCare/${other.episode}`)).toBe(404);
    expect((await clinician.open(`/skjema/${other.tasks['to'] ?? ''}`)).status).toBe(404);
    expect((await clinician.open('/arbeidsliste')).html).not.toContain(other.patient);
  });

  it('cannot write to another patient’s form.', async () => {
    const [mine, other] = [await server.person(), await server.person()];
    const { browser: clinician } = await launchFromEhr(server.walk, mine.ehrId);

    const refused = await server.save(other, 'to', to.included, {}, asSender(clinician));
    const stored = await server.save(mine, 'to', to.included, {}, asSender(clinician));

    expect(stored.status).toBe(201);
    expect([403, 404, 422]).toContain(refused.status);
    expect(await server.taskStates(other)).toMatchObject({ to: 'ready' });
  });
});

const statusOf = async (ask: Sender, path: string): Promise<number> => (await ask(path)).status;

async function exported(client: FhirClient): Promise<string> {
  const started = await client.request('$export', { headers: { prefer: 'respond-async' } });
  const address = started.headers.get('content-location') ?? '';
  let answer = await client.request(address);
  while (answer.status === 202 || answer.status === 429) {
    answer = await client.request(address);
  }
  const { output } = (await answer.json()) as { output: readonly { url: string }[] };
  const files = output.map(async ({ url }) =>
    (await client.request(url, { headers: { accept: 'application/fhir+ndjson' } })).text(),
  );
  return (await Promise.all(files)).join('');
}

/** A second EHR, of a trust that has nothing to do with the first. */
async function otherEhr(): Promise<FhirClient> {
  await load([
    {
      resourceType: 'Organization',
      id: 'annet-hf',
      name: 'Et annet HF',
      identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.102', value: '9990099' }],
    },
  ]);
  const id = `ehr-${randomUUID()}`;
  const key = await makeKey('ES384', id);
  await saveClient(server.app.database.db.pool, {
    id,
    name: 'En annen journal',
    kind: 'ehr',
    scopes: ['system/*.cruds'],
    units: ['annet-hf'],
    registers: [],
    jwks: { keys: [publicJwk(key)] },
    jwksUri: undefined,
  });
  const { body } = await requestToken(server.app.url, id, key, 'system/*.cruds');
  return fhirClient(server.walk, String(body.access_token));
}

/** A local user of another department of the same hospital. */
async function colleagueOf(unit: string) {
  const id = randomUUID();
  await load([
    { resourceType: 'Practitioner', id: `kollega-${id}`, name: [{ family: 'Kollega' }] },
    {
      resourceType: 'PractitionerRole',
      id,
      active: true,
      practitioner: { reference: `Practitioner/kollega-${id}` },
      organization: { reference: `Organization/${unit}` },
      code: [
        { coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/register-role', code: 'LU' }] },
        { coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/register', code: 'smertereg' }] },
      ],
    },
  ]);
  const password = 'Rett-passord-1';
  const username = `lu-${id}`;
  await saveAccount(
    server.app.database.db.pool,
    { username, name: 'En kollega', practitionerRoles: [id] },
    password,
  );
  server.app.hints.accounts = [...server.app.hints.accounts, { username, password, about: '' }];
  return server.user(username);
}

async function load(resources: readonly Resource[]): Promise<void> {
  await server.app.app.repository.commit(
    { principal: SYSTEM, requestId: 'test', interaction: 'load-content' },
    resources.map((resource) => ({
      kind: 'update' as const,
      type: resource.resourceType,
      id: resource.id ?? '',
      resource: resource as never,
      labels: NO_LABELS,
    })),
  );
}

const COORDINATOR: StaffPrincipal = {
  kind: 'staff',
  subject: 'user:work-list-LC',
  name: 'Koordinator',
  scopes: ['user/*.cruds'],
  role: 'LC',
  register: 'smertereg',
  units: ['demo-smerteklinikk'],
};

describe('Forms of one pathway that are locked at the same moment', () => {
  it('finish it, and deliver it, whichever is first.', async () => {
    const person = await server.person();
    const { repository } = server.app.app;
    const { pool } = server.app.database.db;
    const caller = { principal: COORDINATOR, requestId: 'together', interaction: 'test' };
    const lock = (form: 'to' | 'b11', answers: Answers, also?: () => Promise<void>) =>
      repository.commit(
        caller,
        [
          {
            kind: 'create',
            type: 'QuestionnaireResponse',
            resource: responseTo(person, form, answers, { status: 'completed' }, undefined) as never,
          },
        ],
        also && { also },
      );
    let second: Promise<unknown> = Promise.resolve();

    await lock('to', to.notAttended, async () => {
      let isOver = false;
      second = lock('b11', b11).finally(() => (isOver = true));
      for (let isWaiting = false; !isWaiting && !isOver;) {
        const { rows } = await pool.query('select from pg_locks where not granted');
        isWaiting = rows.length > 0;
      }
    });
    await second;

    const episode = await server.coordinator.read<EpisodeOfCare>(`EpisodeOfCare/${person.episode}`);
    const [row] = await server.app.database.db.query<{ active: boolean; completed: Date | null }>({
      text: 'select active, completed from pathway_list where episode = $1',
      values: [person.episode],
    });
    expect(episode.status).toBe('finished');
    expect([row?.active, row?.completed === null]).toEqual([false, false]);
  });
});
