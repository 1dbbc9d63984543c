/** The work list and the ways into it, over HTTP and through the pages (registers.md section 5, rules 1-4). */
import type { Browser } from '../../../demo/walk/browser.ts';
import type { Registered } from '../../../demo/walk/push.ts';
import type { AuditEvent, OperationOutcome, Patient, Task } from '../../../src/fhir/types.ts';
import { content } from '../../content/fill-form.ts';
import { exportAll } from '../operations/exports.ts';
import { asSender, b11, startWalkServer, to, type WalkServer } from '../walk/walk-server.ts';

let server: WalkServer;
let nurse: Browser;
let coordinator: Browser;
let national: Browser;

beforeAll(async () => {
  server = await startWalkServer();
  nurse = await server.user('lu-ane');
  coordinator = await server.user('lc-bjorn');
  national = await server.user('sc-siri');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const locked = { status: 'completed' } as const;
const wardOf = (department: string) => ({ ...b11, admission: { ...b11.admission, department } });

/** The rows of a list, as text, in their order. */
const rowsOf = (html: string): readonly string[] =>
  [...html.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].slice(1).map(([, row = '']) =>
    row
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );

/** The row of one pathway. */
function rowOf(html: string, { patient }: Registered): string {
  const row = [...html.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].find(([text]) =>
    text.includes(`/pasient/${patient}"`),
  );
  return (row?.[1] ?? '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const remove = (who: Browser, { episode }: Registered): Promise<Response> =>
  asSender(who)(`EpisodeOfCare/${episode}`, { method: 'DELETE' });

describe('The work list', () => {
  it('rule 1: shows consent, start, location, department and the state of each form, and is sorted by its heads.', async () => {
    const [first, second] = [await server.person(), await server.person()];
    await server.save(first, 'to', to.consenting);
    await server.save(first, 'b11', wardOf('Ørebroavdelingen'), locked);
    await server.save(second, 'to', to.refusing);
    await server.save(second, 'b11', wardOf('Aktivavdelingen'));

    const page = await nurse.open('/arbeidsliste?sorter=department');
    const turned = await nurse.open('/arbeidsliste?sorter=-consent');

    expect(rowOf(page.html, first)).toMatch(
      /Ja .* Fjordheim sykehus Ørebroavdelingen .*Historikk .*Ferdigstilt/,
    );
    expect(rowOf(page.html, second)).toMatch(
      /Nei .* Fjordheim sykehus Aktivavdelingen .*Historikk .*Under utfylling/,
    );
    const places = rowsOf(page.html).map(
      (row) => row.includes('Ørebroavdelingen') || row.includes('Aktivavdelingen'),
    );
    expect(places.filter(Boolean)).toHaveLength(2);
    expect(page.html.indexOf('Aktivavdelingen')).toBeLessThan(page.html.indexOf('Ørebroavdelingen'));
    expect(turned.html.indexOf('Aktivavdelingen')).toBeLessThan(turned.html.indexOf('Ørebroavdelingen'));
  });

  it('rule 1: counts what each filter shows, and shows as much.', async () => {
    const page = await nurse.open('/arbeidsliste?vis=in-progress');

    const count = /Under utfylling[^0-9]*(\d+)/.exec(page.text)?.[1];
    expect(rowsOf(page.html)).toHaveLength(Number(count));
    expect(Number(count)).toBeGreaterThanOrEqual(1);
  });

  it('rule 3: shows that a form has a comment, and lets the comment of the last form alone be printed.', async () => {
    const person = await server.person();
    const note = async (id: string, text: string): Promise<void> => {
      const task = await server.coordinator.read<Task>(`Task/${id}`);
      await server.coordinator.request(`Task/${id}`, {
        method: 'PUT',
        body: JSON.stringify({ ...task, note: [{ text }] }),
        headers: { 'content-type': 'application/fhir+json' },
      });
    };
    await note(person.tasks['to'] ?? '', 'Ring pårørende');
    await note(person.tasks['b22'] ?? '', 'Følges opp mandag');

    const page = await nurse.open('/arbeidsliste');

    expect(rowOf(page.html, person)).toContain('Har intern kommentar');
    expect(page.html).toContain('<td class="print-only">Følges opp mandag</td>');
    expect(page.html).not.toContain('Ring pårørende');
  });

  it('rule 3: gives no comment to analytics or the national store, in no export and in no table.', async () => {
    const person = await server.person();
    const id = person.tasks['to'] ?? '';
    const task = await server.coordinator.read<Task>(`Task/${id}`);
    await server.coordinator.request(`Task/${id}`, {
      method: 'PUT',
      body: JSON.stringify({ ...task, note: [{ text: 'Bare for oss' }] }),
      headers: { 'content-type': 'application/fhir+json' },
    });
    await server.save(person, 'to', to.consenting, locked);

    const [own, shared] = [
      await exportAll(server.app, await server.app.client('ehr'), '?_type=Task'),
      await exportAll(server.app, await server.app.client('analytics')),
    ];

    expect((await server.coordinator.read<Task>(`Task/${id}`)).note?.[0]?.text).toBe('Bare for oss');
    expect(own.names).toContain(`Task/${id}`);
    expect(own.files['Task']).not.toContain('Bare for oss');
    expect(shared.names).toContain(`EpisodeOfCare/${person.episode}`);
    expect(JSON.stringify(shared.files)).not.toContain('Bare for oss');
    expect(await server.analytics.search<Task>('Task')).toEqual([]);
    expect(await (await asSender(national)('Task')).text()).not.toContain('Bare for oss');
    expect(JSON.stringify(content.registers.map(({ views }) => views))).not.toMatch(/\bnote\b/);
  });
});

describe('The row of a pathway', () => {
  it('is made anew by a job when it was made by other rules, as after an upgrade.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.consenting);
    await server.save(person, 'b11', wardOf('Oppgradert post'));
    const { db } = server.app.database;
    const row = { text: 'select * from pathway_list where episode = $1', values: [person.episode] };
    const [before] = await db.query(row);
    await db.query({
      text: `update pathway_list
        set shape = 0, consent = 2, department = null, department_key = '', location = null, forms = 0
        where episode = $1`,
      values: [person.episode],
    });

    await db.query({ text: `select graphile_worker.add_job('pathway-list')`, values: [] });
    await server.app.app.jobs.runOnce();

    expect(before).toMatchObject({ consent: 0, department: 'Oppgradert post', forms: 2 });
    expect(await db.query(row)).toEqual([before]);
  });
});

describe('Deleting a pathway', () => {
  it('rule 2: takes the pathway with its forms, drafts and tasks, and leaves the person and the trail.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.consenting);

    const page = await coordinator.open(`/forlop/${person.episode}/slett`);
    const done = await coordinator.submit(page, `/forlop/${person.episode}/slett`, {});

    expect(done.text).toContain('Forløpet er slettet');
    const sender = asSender(coordinator);
    expect((await sender(`EpisodeOfCare/${person.episode}`)).status).toBe(410);
    expect((await sender(`Task/${person.tasks['to']}`)).status).toBe(410);
    expect(await server.coordinator.search(`QuestionnaireResponse?patient=${person.patient}`)).toEqual([]);
    expect((await server.ehr.read<Patient>(`Patient/${person.patient}`)).id).toBe(person.patient);
    const trail = await server.coordinator.search<AuditEvent>(
      `AuditEvent?entity=EpisodeOfCare/${person.episode}`,
    );
    expect(trail.some(({ action }) => action === 'D')).toBe(true);
    expect((await nurse.open('/arbeidsliste')).html).not.toContain(person.episode);
  });

  it('rule 2: refuses while a form is locked, and names the form.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.notAttended);
    await server.save(person, 'b11', b11, locked);

    const answer = await remove(coordinator, person);
    const page = await coordinator.open(`/forlop/${person.episode}/slett`);

    const outcome = (await answer.json()) as OperationOutcome;
    expect(answer.status).toBe(409);
    expect(outcome.issue?.[0]?.diagnostics).toContain('Behandlerdel 1.1 (B1.1)');
    expect(page.status).toBe(409);
    expect(page.text).toContain('Forløpet kan ikke slettes. Ferdigstilt: B1.1.');
    expect(page.forms.some(({ action }) => action.endsWith('/slett'))).toBe(false);
  });

  it('rule 2: leaves either a locked form or no pathway, when both are asked for at the same moment.', async () => {
    const outcomes: string[] = [];
    for (let round = 0; round < 5; round++) {
      const person = await server.person();
      await server.save(person, 'to', to.notAttended);
      const [deleted, saved] = await Promise.all([
        remove(coordinator, person),
        server.save(person, 'to', to.notAttended, locked),
      ]);
      const standing = await asSender(coordinator)(`EpisodeOfCare/${person.episode}`);
      outcomes.push([deleted.status, saved.status < 300 ? 'locked' : 'refused', standing.status].join(' '));
    }

    expect(outcomes.filter((one) => !['204 refused 410', '409 locked 200'].includes(one))).toEqual([]);
  });

  it('rule 2: is not for local users, national coordinators or systems.', async () => {
    const person = await server.person();

    const answers = [
      await remove(nurse, person),
      await remove(national, person),
      await server.ehr.request(`EpisodeOfCare/${person.episode}`, { method: 'DELETE' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect((await nurse.open(`/forlop/${person.episode}/slett`)).status).toBe(403);
    expect((await nurse.open('/arbeidsliste')).html).not.toContain('/slett"');
  });
});

/** A synthetic number that nobody has. */
const NUMBER = '13916900028';

async function askFor(who: Browser, type: string, number: string) {
  const page = await who.open('/ny-registrering');
  return who.submit(page, '/ny-registrering', { type, nummer: number });
}

describe('A new registration', () => {
  it('rule 4: checks a Norwegian number of eleven digits.', async () => {
    const [short, wrong] = [
      await askFor(nurse, 'norsk', '1234'),
      await askFor(nurse, 'norsk', '01017012346'),
    ];

    expect([short.status, wrong.status]).toEqual([422, 422]);
    expect(wrong.text).toContain('Nummeret er ikke et gyldig fødselsnummer');
    expect(wrong.url).not.toContain('01017012346');
  });

  it('rule 4: opens a pathway at its first form for somebody who is new here, and not twice.', async () => {
    const page = await askFor(nurse, 'norsk', NUMBER);
    const fields = { fornavn: 'Klar', etternavn: 'Himmel', fodselsdato: '13.11.1969' };
    const opened = await Promise.all([
      nurse.submit(page, '/ny-registrering/opprett', fields),
      coordinator.submit(page, '/ny-registrering/opprett', fields),
    ]);

    expect(page.text).toContain('Ny pasient');
    expect(opened.map(({ status }) => status)).toEqual([200, 200]);
    expect(opened.map(({ text }) => /Tilleggsopplysninger|Personopplysninger/.test(text))).toEqual([
      true,
      true,
    ]);
    const people = await server.coordinator.search<Patient>('Patient?name=Himmel');
    expect(people).toHaveLength(1);
    expect(await server.coordinator.search(`EpisodeOfCare?patient=${people[0]?.id}`)).toHaveLength(1);
  });

  it('rule 4: shows the history of somebody who is known, with the way to a new pathway.', async () => {
    const page = await askFor(nurse, 'norsk', NUMBER);

    expect(page.url).toMatch(/\/pasient\/[^/]+$/);
    expect(page.text).toContain('+ Ny registrering');
    expect(page.text).toContain('Himmel');
  });

  it('rule 4: takes another number, and says before TO is locked that the birth date is missing.', async () => {
    const page = await askFor(nurse, 'annet', 'X-4711');
    await nurse.submit(page, '/ny-registrering/opprett', {
      fornavn: 'Robin',
      etternavn: 'Utland',
      fodselsdato: '',
    });
    const [robin] = await server.coordinator.search<Patient>('Patient?name=Utland');
    const [episode] = await server.coordinator.search(`EpisodeOfCare?patient=${robin?.id}`);
    const tasks = await server.coordinator.search<Task>(`Task?patient=${robin?.id}`);
    const task = tasks.find(({ input }) => input?.[0]?.valueCanonical?.includes('-to|'));
    const person = {
      ehrId: '',
      pathwayNumber: '',
      patient: robin?.id ?? '',
      episode: episode?.id ?? '',
      tasks: { to: task?.id ?? '' },
    };

    const refused = await server.save(person, 'to', to.notIncluded, locked);
    const taken = await server.save(
      person,
      'to',
      { ...to.notIncluded, referral: { ...to.notIncluded.referral, 'birth-date': '1980-05-05' } },
      locked,
    );

    expect(refused.status).toBe(422);
    expect(JSON.stringify(refused.body)).toContain('Fødselsdato');
    expect(taken.status).toBe(201);
    const stored = await server.app.database.db.query<{ content: string }>({
      text: 'select content from resource where type = 103 and id = $1',
      values: [robin?.id],
    });
    expect(stored[0]?.content).not.toContain('X-4711');
  });

  it('rule 4: is not for national coordinators.', async () => {
    expect((await askFor(national, 'norsk', NUMBER)).status).toBe(403);
  });
});

describe('Patient search', () => {
  const ask = async (who: Browser, fields: Readonly<Record<string, string>>) => {
    const answer = await who.request('/pasientsok', { method: 'POST', body: new URLSearchParams(fields) });
    return { status: answer.status, text: await answer.text(), url: answer.url };
  };

  it('finds people of the own department by name, number, PasientID and ForløpsID.', async () => {
    const person = await server.person();
    const patient = await server.coordinator.read<Patient>(`Patient/${person.patient}`);
    const valueOf = (system: string): string =>
      patient.identifier?.find((one) => one.system?.endsWith(system))?.value ?? '';
    const name = patient.name?.[0];

    const answers = await Promise.all(
      [
        { tekst: `${name?.given?.[0]} ${name?.family}` },
        { tekst: valueOf('4.1.4.1') },
        { pasientid: valueOf('pasient-id') },
        { forlopsid: person.pathwayNumber },
      ].map((fields) => ask(nurse, fields as Record<string, string>)),
    );

    expect(answers.map(({ text }) => text.includes(`/pasient/${person.patient}`))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('is answered in words when nobody is found or nothing is asked, and is not for national coordinators.', async () => {
    expect((await ask(nurse, { tekst: 'Finnesikke' })).text).toContain('Ingen pasienter passer med søket');
    expect((await ask(nurse, { tekst: '' })).status).toBe(422);
    expect((await ask(nurse, { tekst: 'a '.repeat(4000) })).status).toBe(200);
    expect((await ask(national, { tekst: 'Himmel' })).status).toBe(403);
  });
});

describe('Delivered registrations', () => {
  it('are the pathways of which everything is completed, found by day, age and place, and as a file.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.notAttended, locked);
    const before = await coordinator.open('/innleverte');
    await server.save(person, 'b11', wardOf('Leveringsposten'), locked);
    const { po } = await server.taskStates(person);

    const [all, other, old, file] = await Promise.all([
      coordinator.open('/innleverte?sted=Leveringsposten'),
      coordinator.open(`/innleverte?til=01.01.2000`),
      coordinator.open('/innleverte?alderfra=120'),
      coordinator.request('/innleverte.csv?sted=Leveringsposten'),
    ]);
    const csv = await file.text();

    expect(po).toBe('ready'); // nobody needs to fill it
    expect(before.html).not.toContain(`/pasient/${person.patient}`);
    expect(all.html).toContain(`/pasient/${person.patient}`);
    expect(all.text).toContain('Antall registreringer: 1');
    expect([other, old].map(({ html }) => html.includes(person.patient))).toEqual([false, false]);
    expect(file.headers.get('content-type')).toContain('text/csv');
    expect(csv).toContain(person.pathwayNumber);
    expect(csv.trim().split('\n')).toHaveLength(2);
    expect((await nurse.open('/innleverte')).status).toBe(403);
  });
});

describe('The file archive', () => {
  const BOUNDARY = 'archive';
  const send = (who: Browser): Promise<Response> =>
    who.request('/filarkiv', {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
      body: [
        `--${BOUNDARY}`,
        'Content-Disposition: form-data; name="tittel"',
        '',
        'Veileder',
        `--${BOUNDARY}`,
        'Content-Disposition: form-data; name="fil"; filename="veileder.txt"',
        'Content-Type: text/html',
        '',
        '<script>alert(1)</script>',
        `--${BOUNDARY}--`,
        '',
      ].join('\r\n'),
    });

  it('gives a file to everybody in the register, to be saved, and nothing of it once it is deleted.', async () => {
    const added = await send(national);
    const href = /\/filarkiv\/fil\/[^"/]+/.exec((await nurse.open('/filarkiv')).html)?.[0] ?? '';
    const file = await nurse.request(href);
    const [held] = await server.app.database.db.query<{ id: string }>({
      text: `select b.id
        from resource d
        join resource b on d.content like '%"Binary/' || b.id || '"%'
        where d.id = $1`,
      values: [href.split('/').at(-1)],
    });
    const before = await asSender(nurse)(`Binary/${held?.id}`);
    await national.request(`${href}/slett`, { method: 'POST' });

    expect(added.status).toBe(303);
    expect(await file.text()).toContain('<script>');
    expect(file.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(file.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(before.status).toBe(200);
    expect((await nurse.request(href)).status).toBe(410);
    expect((await asSender(nurse)(`Binary/${held?.id}`)).status).toBe(410);
  });

  it('takes files from the national coordinator alone.', async () => {
    expect((await send(coordinator)).status).toBe(403);
    expect((await send(nurse)).status).toBe(403);
  });
});
