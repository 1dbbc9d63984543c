/**
 * Reservation in a register that runs by it (registers.md section 3; CO-03): the person's data are deleted, and who has reserved is
 * not registered again.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IMPORT, SYSTEM } from '../../../src/access/principal.ts';
import { loadContent } from '../../../src/content/load.ts';
import { typeCode } from '../../../src/fhir/resource-types.ts';
import type { Bundle, Consent, OperationOutcome } from '../../../src/fhir/types.ts';
import { writeDumpFolder } from '../../../src/operations/dump/files.ts';
import { loadDump } from '../../../src/operations/dump/load-dump.ts';
import type { RowReport } from '../../../src/operations/dump/report.ts';
import { dumpLayout } from '../../../src/operations/dump/tables.ts';
import { writeDump } from '../../../src/operations/dump/write-dump.ts';
import { readRegistry } from '../../../src/registry/registry.ts';
import { asSender, responseTo, type Sender, to } from '../walk/walk-server.ts';
import { type PatientServer, startPatientServer, type Waiting } from '../patient-access/patient-server.ts';

let server: PatientServer;
let national: Sender;

beforeAll(async () => {
  server = await startPatientServer({ mode: 'reservation' });
  await server.app.app.jobs.start();
  national = asSender(await server.user('sc-siri'));
});

afterAll(() => server[Symbol.asyncDispose]());

const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';
const json = { 'content-type': 'application/fhir+json' };

const post = (sender: Sender, path: string, body: object): Promise<Response> =>
  sender(path, { method: 'POST', body: JSON.stringify(body), headers: json });

const reservationOf = (reference: string): Consent => ({
  resourceType: 'Consent',
  extension: [
    {
      url: 'https://ryggrad.no/fhir/StructureDefinition/missing-consent-type',
      valueCodeableConcept: {
        coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/missing-consent-type', code: 'reserved' }],
      },
    },
  ],
  status: 'active',
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference },
  dateTime: server.clock.now().toISOString(),
  policy: [{ uri: 'https://ryggrad.no/fhir/ImplementationGuide/smertereg' }],
  provision: { type: 'deny' },
});

/** The reservation of somebody who is named by number. */
const byNumber = (number: string): Bundle => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: 'urn:uuid:5b6e8b7e-7a6d-4d53-9d9b-0d3f3a7e9c11',
      resource: { resourceType: 'Patient', identifier: [{ system: FNR, value: number }] },
      request: { method: 'POST', url: 'Patient' },
    },
    {
      resource: reservationOf('urn:uuid:5b6e8b7e-7a6d-4d53-9d9b-0d3f3a7e9c11'),
      request: { method: 'POST', url: 'Consent' },
    },
  ],
});

const numberOf = ({ patient }: Waiting): string =>
  patient.identifier?.find(({ system }) => system === FNR)?.value ?? 'none';

/** Locked TO: the pathway is in the national store. */
async function registered(): Promise<Waiting> {
  const person = await server.withMobile();
  const about = { patient: person.patient.id, episode: person.episode };
  const form = responseTo(about, 'to', to.consenting, { status: 'completed' }, undefined);
  expect((await post(server.coordinator.request, 'QuestionnaireResponse', form)).status).toBe(201);
  return person;
}

const rulesIn = async (response: Response): Promise<readonly (string | undefined)[]> =>
  ((await response.json()) as OperationOutcome).issue.map(({ details }) => details?.coding?.[0]?.code);

const rows = async <T extends object>(text: string, values: unknown[]): Promise<readonly T[]> =>
  (await server.app.database.db.pool.query<T>(text, values)).rows;

/** Types of what is stored about a person. */
const storedOf = async ({ patient }: Waiting): Promise<readonly string[]> =>
  (
    await rows<{ content: string }>(
      'select content from resource where patient = $1 and content is not null order by type',
      [patient.id],
    )
  ).map(({ content }) => (JSON.parse(content) as { resourceType: string }).resourceType);

describe('A reservation by SC', () => {
  it('deletes what the register has on the person, for everybody, and leaves a marker without data (CO-03).', async () => {
    const person = await registered();
    const before = await storedOf(person);

    const answer = await post(national, 'Consent', reservationOf(`Patient/${person.patient.id}`));

    expect(before).toEqual(expect.arrayContaining(['EpisodeOfCare', 'QuestionnaireResponse', 'Task']));
    expect(answer.status).toBe(201);
    expect(await storedOf(person)).toEqual(['Consent', 'Patient']);
    const [left] = await rows<{ content: string }>(
      'select content from resource where id = $1 and type = $2',
      [person.patient.id, typeCode('Patient')],
    );
    expect(Object.keys(JSON.parse(left?.content ?? '{}') as object).sort()).toEqual([
      'id',
      'identifier',
      'meta',
      'resourceType',
    ]);
    for (const client of [server.ehr, server.coordinator, server.analytics]) {
      expect((await client.request(`Patient/${person.patient.id}`)).status).toBe(404);
      expect(await client.search(`Consent?patient=${person.patient.id}`)).toEqual([]);
      expect((await client.request(`EpisodeOfCare/${person.episode}`)).status).not.toBe(200);
    }
  });

  it('erases earlier versions and the raw message.', async () => {
    const person = await registered();
    const sent = await rows<{ id: string; ref: string }>(
      `select r.id, substring(r.content from '~i.-([A-Za-z0-9_-]{22})~') as ref from resource r
       where r.type = $1 and r.content is not null and r.lu = (select max(lu) from resource where type = $1)`,
      [typeCode('Binary')],
    );

    await post(national, 'Consent', reservationOf(`Patient/${person.patient.id}`));
    await jobsDone();

    const [kept] = await rows<{ count: number }>(
      `select count(*)::int as count from history h
       where h.content is not null
         and (h.id = $1 or h.content like '%' || $1 || '%' or h.content like '%' || $2 || '%')`,
      [person.patient.id, person.episode],
    );
    const [files] = await rows<{ count: number }>(
      `select count(*)::int as count from direct_identifier where ref = any ($1)`,
      [sent.map(({ ref }) => ref)],
    );
    expect(sent.length).toBeGreaterThan(0);
    expect([kept?.count, files?.count]).toEqual([0, 0]);
  });

  it('refuses what an EHR sends about the person from then on, with the reason (CO-03).', async () => {
    const person = await registered();
    await post(national, 'Consent', reservationOf(`Patient/${person.patient.id}`));

    const again = await post(server.ehr.request, '', person.message);

    expect(again.status).toBe(422);
    expect(await rulesIn(again)).toEqual(['person-reserved']);
    expect(await storedOf(person)).toEqual(['Consent', 'Patient']);
  });

  it('keeps the person out of what is read in from an old dump, and the others in it are read in.', async () => {
    const [person, other] = [await registered(), await registered()];
    const layout = dumpLayout(readRegistry(await loadContent([server.app.config.contentRoot])), 'smertereg');
    const { repository } = server.app.app;
    const asking = { principal: SYSTEM, requestId: 'test', interaction: 'dump' };
    const folder = await mkdtemp(join(tmpdir(), 'ryggrad-reserved-'));
    const dump = join(folder, 'dump');
    await writeDumpFolder(dump, layout, writeDump(repository, asking, layout, { numbers: 'as-table' }));
    await post(national, 'Consent', reservationOf(`Patient/${person.patient.id}`));
    const told: RowReport[] = [];

    const report = await loadDump(repository, { ...asking, principal: IMPORT }, layout, dump, {
      report: {
        write: (row) => Promise.resolve(void told.push(row)),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
    });
    await rm(folder, { recursive: true });

    const refusedFor = told.filter(({ findings }) => findings.some(({ rule }) => rule === 'person-reserved'));
    expect(refusedFor).toMatchObject([{ table: 'mce', outcome: 'refused' }]);
    expect(report.refused).toContainEqual({
      pathway: refusedFor[0]?.key,
      problems: [expect.stringContaining('reserved')],
    });
    expect(JSON.stringify(told)).not.toContain(numberOf(person));
    expect(await storedOf(person)).toEqual(['Consent', 'Patient']);
    expect(await storedOf(other)).toContain('EpisodeOfCare');
    expect(report.known).toBeGreaterThan(0);
  });

  it('rule 23: leaves nothing that falls due with the forms of the person, and no line in a work list.', async () => {
    const person = await registered();
    const left = async (): Promise<readonly number[]> =>
      Promise.all(
        ['patient_form_timer', 'pathway_list'].map(async (table) => {
          const [row] = await rows<{ n: number }>(
            `select count(*)::int as n from ${table} where patient = $1`,
            [person.patient.id],
          );
          return row?.n ?? -1;
        }),
      );
    const before = await left();

    await post(national, 'Consent', reservationOf(`Patient/${person.patient.id}`));

    expect(before[0]).toBeGreaterThan(0);
    expect(before[1]).toBe(1);
    expect(await left()).toEqual([0, 0]);
  });

  it('shuts the codes and links of the person, and no message leaves.', async () => {
    const person = await registered();
    await server.app.app.jobs.stop(); // what is written waits
    await server.nurse.request(`/skjema/${person.task}/lenke`, { method: 'POST' });
    const made = await server.nurse.request(`/skjema/${person.task}/engangskode`, { method: 'POST' });

    await post(national, 'Consent', reservationOf(`Patient/${person.patient.id}`));

    const open = await rows('select id from patient_access where patient = $1 and revoked_at is null', [
      person.patient.id,
    ]);
    const [waiting] = await rows<{ count: number }>(
      'select count(*)::int as count from message where about = $1 and (failed is null or sealed is not null)',
      [`Task/${person.task}`],
    );
    await server.app.app.jobs.start();
    expect(made.status).toBe(200);
    expect([open.length, waiting?.count]).toEqual([0, 0]);
  });

  it('by number alone concerns somebody who is not in the register, and stops the first message about them.', async () => {
    const [known, template] = [await registered(), await server.person()];
    await post(national, '', byNumber(numberOf(template)));

    const first = await post(national, '', byNumber(numberOf(known)));
    const twice = await post(national, '', byNumber(numberOf(known)));
    const again = await post(server.ehr.request, '', template.message);

    expect(first.status).toBe(200);
    expect(await rulesIn(twice)).toEqual(['reservation-stated']);
    expect(await storedOf(known)).toEqual(['Consent', 'Patient']);
    expect(await storedOf(template)).toEqual(['Consent', 'Patient']);
    expect(await rulesIn(again)).toEqual(['person-reserved']);
  });

  it('rule 4: refuses somebody who has reserved on the page of a new registration, in words.', async () => {
    const person = await registered();
    const number = numberOf(person);
    await post(national, 'Consent', reservationOf(`Patient/${person.patient.id}`));

    const asked = await server.nurse.open('/ny-registrering');
    const page = await server.nurse.submit(asked, '/ny-registrering', { type: 'norsk', nummer: number });
    const refused = await server.nurse.submit(page, '/ny-registrering/opprett', {
      fornavn: 'Ny',
      etternavn: 'Prøve',
      fodselsdato: '01.01.1970',
    });

    expect(page.text).toContain('Ny pasient');
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Personen har reservert seg');
  });

  it('is listed as deletions in the next export, and leaves no line in a file that waits to be fetched.', async () => {
    const person = await registered();
    const since = new Date(server.clock.now().getTime() - 1000).toISOString();
    server.clock.advance({ seconds: 1 });
    const earlier = await exported('$export');
    const before = await contents(earlier.output);
    server.clock.advance({ seconds: 1 });
    await post(national, 'Consent', reservationOf(`Patient/${person.patient.id}`));
    server.clock.advance({ seconds: 1 });

    const late = await contents(earlier.output);
    const next = await exported(`$export?_since=${since}`);

    expect(before).toContain(person.patient.id);
    expect(late).not.toContain(person.patient.id);
    expect(late).not.toContain(person.episode);
    expect(await contents(next.deleted)).toContain(`EpisodeOfCare/${person.episode}`);
    expect(await contents(next.output)).not.toContain(person.patient.id);
  });

  it('is in no export of the coordinators themselves.', async () => {
    const [person, stays] = [await registered(), await registered()];
    const stated = await post(national, 'Consent', reservationOf(`Patient/${person.patient.id}`));
    server.clock.advance({ seconds: 1 });
    const found = await national(`Consent?_id=${stated.headers.get('location')?.split('/').at(-3) ?? ''}`);
    const bySession: Sender = (path, init) =>
      path.startsWith('http')
        ? national(path.replace(`${server.url}/fhir/`, ''), init)
        : national(path, init);

    const { output } = await exported('$export', bySession);

    expect((await found.json()) as Bundle).toMatchObject({ total: 1 });
    const text = await contents(output, bySession);
    expect(text).toContain(stays.patient.id);
    expect(text).not.toContain(person.patient.id);
  });

  it('is one event of the trail, which names the person and what was deleted (AU-01).', async () => {
    const person = await registered();
    await post(national, 'Consent', reservationOf(`Patient/${person.patient.id}`));

    const [event] = await rows<{ kind: string; role: string; content: string }>(
      `select kind, role, content from audit where agent = 'user:sc-siri' and $1 = any (patients) and action = 'C' order by seq desc limit 1`,
      [person.patient.id],
    );

    expect([event?.kind, event?.role]).toEqual(['create', 'SC']);
    expect(event?.content).toContain(`EpisodeOfCare/${person.episode}`);
    expect(event?.content).not.toContain(numberOf(person));
  });
});

describe('At the same time', () => {
  it('a reservation and messages about the person leave no pathway, whoever comes first (CO-03).', async () => {
    const people = [await registered(), await registered(), await registered()];

    await Promise.all(
      people.flatMap((person) => [
        post(server.ehr.request, '', person.message),
        post(national, '', byNumber(numberOf(person))),
        post(server.ehr.request, '', person.message),
      ]),
    );

    for (const person of people) {
      expect(await storedOf(person)).toEqual(['Consent', 'Patient']);
    }
  });
});

describe('A reservation that is taken back', () => {
  it('leaves nothing behind, and the person is registered as anybody.', async () => {
    const person = await registered();
    const stated = await post(national, 'Consent', reservationOf(`Patient/${person.patient.id}`));
    const id = stated.headers.get('location')?.split('/').at(-3) ?? '';

    const found = await national(`Consent?status=active&_id=${id}`);
    const deleted = await national(`Consent/${id}`, { method: 'DELETE' });
    const again = await post(server.ehr.request, '', person.message);

    expect((await found.json()) as Bundle).toMatchObject({ total: 1 });
    expect([deleted.status, again.status]).toEqual([204, 200]);
    expect(await storedOf(person)).toEqual([]);
  });
});

describe('What is refused', () => {
  it.each<[string, (consent: Consent) => Consent, string]>([
    [
      'a Yes',
      ({ extension: _type, ...consent }) => ({ ...consent, provision: { type: 'permit' } }),
      'consent-reservation',
    ],
    ['a day to come', (consent) => ({ ...consent, dateTime: '2099-01-01' }), 'reservation-date'],
    [
      'somebody whom SC does not see',
      (consent) => ({ ...consent, patient: { reference: 'Patient/unknown' } }),
      'dangling-reference',
    ],
  ])('%s.', async (_what, change, rule) => {
    const person = await registered();

    const refused = await post(national, 'Consent', change(reservationOf(`Patient/${person.patient.id}`)));

    expect(refused.status).toBe(422);
    expect(await rulesIn(refused)).toContain(rule);
    expect(await storedOf(person)).toContain('EpisodeOfCare');
  });

  it('a reservation by others than SC; a person whom SC only wants to bring in; the deletion of a consent.', async () => {
    const person = await registered();
    const stated = reservationOf(`Patient/${person.patient.id}`);
    const local = asSender(await server.user('lu-ane'));
    const [given] = await server.coordinator.search<Consent>(`Consent?patient=${person.patient.id}`);

    const byOthers = [
      await post(local, 'Consent', stated),
      await post(server.coordinator.request, 'Consent', stated),
      await post(server.analytics.request, 'Consent', stated),
    ];
    const alone = await post(national, 'Patient', {
      resourceType: 'Patient',
      identifier: [{ system: FNR, value: numberOf(person) }],
    });
    const kept = await national(`Consent/${given?.id ?? ''}`, { method: 'DELETE' });

    expect(byOthers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(await rulesIn(alone)).toEqual(['person-by-department']);
    expect(await rulesIn(kept)).toEqual(['consent-kept']);
    expect(await storedOf(person)).toContain('EpisodeOfCare');
  });
});

async function exported(
  path: string,
  sender: Sender = server.analytics.request,
): Promise<Record<'output' | 'deleted', { url: string }[]>> {
  const started = await sender(path, { headers: { prefer: 'respond-async' } });
  const address = started.headers.get('content-location') ?? '';
  let answer = await sender(address);
  while (answer.status === 202 || answer.status === 429) {
    answer = await sender(address);
  }
  return (await answer.json()) as Record<'output' | 'deleted', { url: string }[]>;
}

async function contents(
  files: readonly { readonly url: string }[],
  sender: Sender = server.analytics.request,
): Promise<string> {
  const texts = files.map(async ({ url }) =>
    (await sender(url, { headers: { accept: 'application/fhir+ndjson' } })).text(),
  );
  return (await Promise.all(texts)).join('');
}

/** Until no job waits any more. */
async function jobsDone(): Promise<void> {
  for (;;) {
    const [left] = await rows<{ count: number }>(
      `select count(*)::int as count from graphile_worker._private_jobs j
       join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'erase'`,
      [],
    );
    if (left?.count === 0) {
      return;
    }
  }
}
