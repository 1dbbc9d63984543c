/** What a form locked in a launch leaves in the EHR, the text for the record, and waiting forms that an EHR can open us by. */
import type { Registered } from '../../../demo/walk/push.ts';
import { browser as walkBrowser, type Browser, type Page } from '../../../demo/walk/browser.ts';
import type { DocumentReference, QuestionnaireResponse, Task } from '../../../src/fhir/types.ts';
import { asSender, b12, startWalkServer, to, type WalkServer } from '../walk/walk-server.ts';
import { ehrFile } from './ehr-file.ts';
import { startEhrServer, type EhrServer } from './ehr-server.ts';

let documents: EhrServer;
let answers: EhrServer;
let server: WalkServer;

beforeAll(async () => {
  [documents, answers] = [await startEhrServer(), await startEhrServer()];
  const file = await ehrFile(
    [documents, { writeBack: 'DocumentReference' }],
    [answers, { writeBack: 'QuestionnaireResponse' }],
  );
  server = await startWalkServer(undefined, { EHRS_FILE: file });
  await documents.connect(server.app.url);
  await answers.connect(server.app.url);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await documents[Symbol.asyncDispose]();
  await answers[Symbol.asyncDispose]();
});

afterEach(() => {
  documents.fault = () => false;
});

/** A patient of the register, admitted at this EHR; B1.2 is open. */
async function admitted(ehr: EhrServer): Promise<Registered> {
  const person = await server.person();
  await server.save(person, 'to', to.included);
  await fetch(`${ehr.url}/innleggelse`, {
    method: 'POST',
    body: new URLSearchParams({ nummer: person.ehrId.replace('pasient-', '') }),
    redirect: 'manual',
  });
  return person;
}

/** Open the register from the patient who was admitted last. */
async function open(ehr: EhrServer, clinician: Browser): Promise<Page> {
  const html = await (await fetch(`${ehr.url}/`)).text();
  const link = [...html.matchAll(/href="([^"]+launch=[^"]+)"/g)].at(-1)![1]!.replaceAll('&amp;', '&');
  const page = await clinician.open(link);
  clinician.stayIn(page);
  return page;
}

/** A clinician in a launch of a patient at this EHR. */
async function launched(ehr: EhrServer): Promise<{ clinician: Browser; person: Registered }> {
  const person = await admitted(ehr);
  const clinician = walkBrowser(server.walk);
  await open(ehr, clinician);
  return { clinician, person };
}

const lock = (clinician: Browser, person: Registered): Promise<{ readonly status: number }> =>
  server.save(person, 'b12', b12('6'), { status: 'completed' }, asSender(clinician));

/** What the EHR answers to what is written to it, instead of itself. */
const answerWrites =
  (status: number): EhrServer['fault'] =>
  (request, response) => {
    const isWrite = request.method === 'POST' && request.url === '/fhir/DocumentReference';
    if (isWrite) {
      response.writeHead(status).end();
    }
    return isWrite;
  };

const runJobs = () => server.app.app.jobs.runOnce();

async function documentsIn(ehr: EhrServer): Promise<string> {
  return (await fetch(`${ehr.url}/dokumenter`)).text();
}

const postsTo = (ehr: EhrServer): number =>
  ehr.requests.filter((line) => line.startsWith('POST /fhir/')).length;

describe('A form locked in a launch', () => {
  it('leaves its text in the EHR as a DocumentReference about the EHR’s own patient, once.', async () => {
    const { clinician, person } = await launched(documents);
    let sent: DocumentReference | undefined;
    documents.fault = (request) => {
      if (request.method === 'POST' && request.url === '/fhir/DocumentReference') {
        request.on('data', (chunk: Buffer) => {
          sent = JSON.parse(chunk.toString()) as DocumentReference;
        });
      }
      return false;
    };

    expect((await lock(clinician, person)).status).toBe(201);
    const waiting = await clinician.open(`/skjema/${person.tasks['b12']}`);
    await runJobs();
    await runJobs();
    const written = await clinician.open(`/skjema/${person.tasks['b12']}`);

    expect(waiting.text).toContain('Skjemaet er på vei til Journal 1.');
    expect(written.text).toContain('Skjemaet er skrevet til Journal 1.');
    expect(sent).toMatchObject({
      status: 'current',
      docStatus: 'final',
      subject: { reference: `Patient/${person.ehrId}` },
      author: [{ reference: 'Practitioner/lege-1' }],
      context: { encounter: [{ reference: `Encounter/${person.ehrId}-opphold` }] },
    });
    const text = Buffer.from(sent!.content[0]!.attachment.data!, 'base64').toString('utf8');
    expect(text).toMatch(/^\p{Lu}.+\n\p{Lu}\S+ \p{Lu}\S+, født \d\d\.\d\d\.\d{4}\n/u);
    expect(text).toMatch(/Ferdigstilt .* av Ane Lund/);
    expect(text).toMatch(/Sterkeste smerte i ro: 6/);
    expect(text).not.toMatch(/urn:|https?:|valueCoding/);
    expect(postsTo(documents)).toBe(1);
    expect(await documentsIn(documents)).toContain('Sterkeste smerte i ro: 6');
  });

  it('leaves the answers as a QuestionnaireResponse, without what is ours, where the settings say so.', async () => {
    const { clinician, person } = await launched(answers);

    await lock(clinician, person);
    await runJobs();

    const html = (await documentsIn(answers)).replaceAll('&quot;', '"');
    const response = JSON.parse(/<pre>([\s\S]*?)<\/pre>/.exec(html)![1]!) as QuestionnaireResponse;
    expect(response).toMatchObject({
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      subject: { reference: `Patient/${person.ehrId}` },
      author: { reference: 'Practitioner/lege-1' },
    });
    expect(JSON.stringify(response.item)).toContain('"linkId"');
    expect(JSON.stringify(response)).not.toMatch(/answer-source|episodeOfCare|EpisodeOfCare\/|meta/);
  });

  it('waits while the EHR is down, says so, and is written when it is back.', async () => {
    const { clinician, person } = await launched(documents);
    documents.fault = answerWrites(503);
    await lock(clinician, person);

    const failures = await runJobs();
    const waiting = await clinician.open(`/skjema/${person.tasks['b12']}/journaltekst`);
    documents.fault = () => false;
    await server.app.database.db.query({
      text: `update graphile_worker._private_jobs set run_at = now() where last_error is not null`,
      values: [],
    });
    await runJobs();
    const written = await clinician.open(`/skjema/${person.tasks['b12']}/journaltekst`);

    expect(failures.map(({ task }) => task)).toEqual(['ehr-write-back']);
    expect(waiting.text).toContain('Journalsystemet svarer ikke. Det prøves igjen av seg selv.');
    expect(waiting.text).toContain('Sterkeste smerte i ro: 6');
    expect(written.text).toContain('Skjemaet er skrevet til Journal 1.');
  });

  it('says that the EHR did not take it, and can be sent again from a new launch.', async () => {
    const { clinician, person } = await launched(documents);
    documents.fault = answerWrites(403);
    await lock(clinician, person);
    await runJobs();
    const address = `/skjema/${person.tasks['b12']}/journaltekst`;
    const refused = await clinician.open(address);
    documents.fault = () => false;

    await open(documents, clinician);
    const again = await clinician.open(address);
    await clinician.submit(again, again.forms.find(({ action }) => action.endsWith(address))!.action, {});
    await runJobs();
    const written = await clinician.open(address);

    expect(refused.text).toContain('Journal 1 tok ikke imot skjemaet. Kopier teksten');
    expect(written.text).toContain('Skjemaet er skrevet til Journal 1.');
  });

  it('leaves nothing in the record of another person, nor of a draft.', async () => {
    const { clinician, person } = await launched(documents);
    const before = postsTo(documents);

    const draft = await server.save(person, 'b12', b12('6'), {}, asSender(clinician));
    const other = await admitted(documents);
    await server.save(other, 'b12', b12('6'), { status: 'completed' });
    await runJobs();

    expect(draft.status).toBe(201);
    expect(postsTo(documents)).toBe(before);
  });
});

describe('The text for the record', () => {
  it('is there for every locked form, as a page and as plain text, and for no draft.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.included);
    const nurse = await server.user('lu-ane');
    const address = `/skjema/${person.tasks['b12']}/journaltekst`;

    const before = await nurse.open(address);
    await server.save(person, 'b12', b12('4'), { status: 'completed' });
    const page = await nurse.open(address);
    const file = await nurse.request(`${address}.txt`);

    expect(before.status).toBe(409);
    expect([page.status, page.text.includes('Kopier teksten')]).toEqual([200, true]);
    expect(file.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await file.text()).toMatch(
      /^\p{Lu}.+: .*\(B1\.2\)\n.+, født \d\d\.\d\d\.\d{4}\nFerdigstilt .+\n\n/u,
    );
  });
});

describe('A launch of somebody who is not here', () => {
  it('stores nothing before [Opprett registrering] is pressed (AP-05).', async () => {
    await fetch(`${documents.url}/innleggelse`, {
      method: 'POST',
      body: new URLSearchParams({ nummer: '999000' }),
      redirect: 'manual',
    });
    const count = async (): Promise<number> => {
      const { pool } = server.app.database.db;
      const { rows } = await pool.query<{ n: number }>('select count(*)::int as n from resource');
      return rows[0]!.n;
    };
    const clinician = walkBrowser(server.walk);
    const before = await count();

    const page = await open(documents, clinician);
    const afterLaunch = await count();
    const form = await clinician.submit(page, '/skjema/launch', {});

    expect(page.text).toContain('Opprett registrering');
    expect(afterLaunch).toBe(before);
    expect(form.url).toMatch(/\/skjema\/[\w-]+$/);
    expect(await count()).toBeGreaterThan(before);
  });
});

describe('A waiting form', () => {
  it('is a Task that an EHR’s backend finds and can launch: codes, our address, its id (TK-01).', async () => {
    const person = await server.person();

    const found = await server.ehr.search<Task>(
      `Task?patient=${person.patient}&status=ready&code=http://hl7.org/fhir/smart-app-launch/CodeSystem/smart-codes|launch-app-ehr`,
    );

    expect(found.length).toBeGreaterThan(0);
    for (const task of found) {
      const input = (code: string) =>
        task.input?.find(({ type }) => type.coding?.some((coding) => coding.code === code));
      expect(task.code?.coding?.map(({ code }) => code)).toEqual(['launch-app-ehr', 'launch-app-standalone']);
      expect(input('smartonfhir-application')?.valueUrl).toBe(`${server.app.url}/launch`);
      expect(input('smartonfhir-appcontext')?.valueString).toBe(task.id);
    }
  });

  it('is not one while it is not open.', async () => {
    const person = await server.person();

    const drafts = await server.ehr.search<Task>(`Task?patient=${person.patient}&status=draft`);

    expect(drafts.length).toBeGreaterThan(0);
    expect(drafts.flatMap(({ code }) => code?.coding ?? [])).toEqual([]);
  });

  it.each([
    ['appContext', (task: string) => ({ appContext: task })],
    ['JSON in appContext', (task: string) => ({ appContext: JSON.stringify({ task }) })],
    ['fhirContext', (task: string) => ({ fhirContext: [{ reference: `http://x/fhir/Task/${task}` }] })],
  ])('is what a launch opens that names it in %s (TK-01).', async (_about, context) => {
    const person = await admitted(documents);
    const task = person.tasks['b12']!;
    documents.context = context(task);

    const page = await open(documents, walkBrowser(server.walk));

    documents.context = {};
    expect(page.url).toMatch(new RegExp(`/oppstart/journal-1/[\\w-]+/skjema/${task}$`));
  });

  it('of another person is not opened by a launch: the page says so.', async () => {
    const other = await server.person();
    documents.context = { appContext: other.tasks['b12']! };
    await admitted(documents);

    const page = await open(documents, walkBrowser(server.walk));

    documents.context = {};
    expect(page.url).toMatch(/\/skjema\/launch$/);
    expect(page.text).toContain('Skjemaet som journalen ville åpne, er ikke åpent for denne pasienten.');
  });
});
