/** What a patient sends in waits for staff where the plan says so: imported and locked by them, or discarded (docs/adr/0026). */
import type { Browser, Page } from '../../../demo/walk/browser.ts';
import type {
  Bundle,
  EpisodeOfCare,
  Provenance,
  QuestionnaireResponse,
  Task,
} from '../../../src/fhir/types.ts';
import { responseTo, to } from '../walk/walk-server.ts';
import { asTyped, type PatientServer, startPatientServer, type Waiting } from './patient-server.ts';

let server: PatientServer;

beforeAll(async () => {
  server = await startPatientServer({ isImported: true });
});

afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  await server.app.database.db.pool.query('delete from login_attempt');
});

const FORM = '/pasientskjema/skjema';
const YES = 'https://ryggrad.no/fhir/CodeSystem/answer|yes';

async function codeFor({ task }: Waiting): Promise<string | undefined> {
  const answer = await server.nurse.request(`/skjema/${task}/engangskode`, { method: 'POST' });
  return /one-time-code">([^<]+)</.exec(await answer.text())?.[1];
}

async function enter(person: Waiting): Promise<{ readonly patient: Browser; readonly page: Page }> {
  const patient = server.browser();
  const page = await patient.submit(await patient.open('/pasientskjema'), '/pasientskjema', {
    fodt: asTyped(person.patient.birthDate),
    kode: (await codeFor(person)) ?? 'none',
  });
  return { patient, page };
}

/** [Ferdig], then [Send inn besvarelsen]. */
async function sendIn(person: Waiting): Promise<Browser> {
  const { patient, page } = await enter(person);
  const review = await patient.submit(page, FORM, { 'q/slept': YES, 'q/comment': 'Godt', _action: 'done' });
  expect(review.text).toContain('Du har besvart 2 av 2 spørsmål.');
  const thanks = await patient.submit(review, '/pasientskjema/ferdig', {});
  expect(thanks.text).toContain('Takk for svarene');
  return patient;
}

const taskOf = ({ task }: Waiting): Promise<Task> => server.coordinator.read<Task>(`Task/${task}`);

async function answersOf(person: Waiting): Promise<QuestionnaireResponse> {
  const { output } = await taskOf(person);
  return server.coordinator.read<QuestionnaireResponse>(output?.[0]?.valueReference?.reference ?? '');
}

const stateOf = ({ status, businessStatus }: Task): string =>
  `${status} ${businessStatus?.coding?.[0]?.code ?? ''}`;

const post = (person: Waiting, path: string, who: Browser = server.nurse): Promise<Response> =>
  who.request(`/skjema/${person.task}/${path}`, { method: 'POST' });

const discard = (person: Waiting, reason = 'trial'): Promise<Response> =>
  server.nurse.request(`/skjema/${person.task}/forkast`, {
    method: 'POST',
    body: new URLSearchParams({ arsak: reason }),
  });

const DISCARDED = 'https://ryggrad.no/fhir/StructureDefinition/discarded-answers';

/** Stored by the coordinator over FHIR; the answer's text. */
async function put(resource: QuestionnaireResponse | Task): Promise<string> {
  const answer = await server.coordinator.request(`${resource.resourceType}/${resource.id ?? ''}`, {
    method: 'PUT',
    body: JSON.stringify(resource),
    headers: { 'content-type': 'application/fhir+json', 'if-match': `W/"${resource.meta?.versionId ?? ''}"` },
  });
  return `${answer.status} ${await answer.text()}`;
}

const exists = async (reference: string): Promise<number> => {
  const { rows } = await server.app.database.db.pool.query(
    'select 1 from resource where id = $1 and content is not null',
    [reference.split('/')[1]],
  );
  return rows.length;
};

describe('What a patient has sent in', () => {
  it('is not completed for anybody: a draft that waits, with nothing extracted and no way back in.', async () => {
    const person = await server.person();

    const patient = await sendIn(person);

    const answers = await answersOf(person);
    expect(stateOf(await taskOf(person))).toBe('in-progress submitted');
    expect([answers.status, answers.source?.reference]).toEqual([
      'in-progress',
      `Patient/${person.patient.id}`,
    ]);
    expect(await server.analytics.search(`QuestionnaireResponse?_id=${answers.id ?? ''}`)).toEqual([]);
    expect(
      await server.coordinator.search<QuestionnaireResponse>(
        `QuestionnaireResponse?patient=${person.patient.id}&status=completed`,
      ),
    ).toEqual([]);
    expect((await patient.open(FORM)).url).toMatch(/\/pasientskjema\/ute$/);
    expect(await codeFor(person)).toBeUndefined();
  });

  it('is found by its business status, and leads staff from every link to import and discard.', async () => {
    const person = await server.person();
    await sendIn(person);

    const found = await server.coordinator.search<Task>(
      `Task?patient=${person.patient.id}&business-status=https://ryggrad.no/fhir/CodeSystem/patient-form-state|submitted`,
    );
    const page = await server.nurse.open(`/skjema/${person.task}`);
    const list = await server.nurse.open('/arbeidsliste?vis=to-import');

    expect(found.map(({ id }) => id)).toEqual([person.task]);
    expect(page.url).toMatch(/\/import$/);
    expect(page.text).toContain('2 av 2 spørsmål er besvart.');
    expect(list.html).toContain(`/skjema/${person.task}`);
  });

  it('is not changed by staff before it is imported.', async () => {
    const person = await server.person();
    await sendIn(person);
    const answers = await answersOf(person);

    const saved = await put({ ...answers, status: 'completed' });

    expect(saved).toMatch(/^422 .*form-submitted/);
  });
});

describe('Import', () => {
  it('makes it a draft of staff, who complete it; the patient stays the one who answered.', async () => {
    const person = await server.person();
    await sendIn(person);

    const imported = await post(person, 'importer');
    const opened = await server.nurse.open(`/skjema/${person.task}?status=importert`);
    const before = stateOf(await taskOf(person));
    await server.nurse.submit(opened, `/skjema/${person.task}`, {
      'q/slept': YES,
      'q/comment': 'Godt, sier pasienten',
      _action: 'save',
      _complete: '1',
    });

    const answers = await answersOf(person);
    expect(imported.status).toBe(303);
    expect(opened.text).toContain('Svarene er importert som en kladd.');
    expect(before).toBe('in-progress imported');
    expect((await taskOf(person)).status).toBe('completed');
    expect([answers.status, answers.source?.reference]).toEqual([
      'completed',
      `Patient/${person.patient.id}`,
    ]);
    expect(JSON.stringify(answers.item)).toContain('Godt, sier pasienten');
  });

  it('leaves who did it, and that the patient had answered, in a Provenance.', async () => {
    const person = await server.person();
    await sendIn(person);
    await post(person, 'importer');
    const { id = '' } = await answersOf(person);

    const [stated] = await server.coordinator.search<Provenance>(
      `Provenance?target=QuestionnaireResponse/${id}`,
    );

    expect(stated?.activity?.coding?.[0]?.code).toBe('import');
    expect(
      stated?.agent.map(({ type, who }) => [type?.coding?.[0]?.code, who.reference ?? who.identifier?.value]),
    ).toEqual([
      ['enterer', expect.stringMatching(/^user:/)],
      ['informant', `Patient/${person.patient.id}`],
    ]);
  });

  it('happens once: of four at once one imports, and the others see how it stands.', async () => {
    const person = await server.person();
    await sendIn(person);

    const statuses = await Promise.all(Array.from({ length: 4 }, () => post(person, 'importer')));

    expect(statuses.every(({ status }) => status === 303)).toBe(true);
    expect(stateOf(await taskOf(person))).toBe('in-progress imported');
    const { id = '' } = await answersOf(person);
    expect(
      await server.coordinator.search<Provenance>(`Provenance?target=QuestionnaireResponse/${id}`),
    ).toHaveLength(1);
  });

  it('is not for what nobody has sent in, nor for a national coordinator, who does not see it.', async () => {
    const person = await server.person();
    const early = await put({
      ...(await taskOf(person)),
      businessStatus: {
        coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/patient-form-state', code: 'imported' }],
      },
    });
    await sendIn(person);
    const elsewhere = await server.user('sc-siri');

    const foreign = await post(person, 'importer', elsewhere);

    expect(early).toMatch(/^422 .*form-not-submitted/);
    expect(foreign.status).toBe(404);
    expect(stateOf(await taskOf(person))).toBe('in-progress submitted');
  });
});

describe('Discard', () => {
  it('takes the answers away, keeps them in the history, and a new code opens an empty form.', async () => {
    const person = await server.person();
    await sendIn(person);
    const { id = '' } = await answersOf(person);

    const answer = await discard(person);
    const { page } = await enter(person);

    const task = await taskOf(person);
    const history = await server.coordinator.read<Bundle>(`QuestionnaireResponse/${id}/_history`);
    expect(answer.headers.get('location')).toBe(`/skjema/${person.task}/til-pasienten?status=forkastet`);
    expect([task.status, task.output]).toEqual(['ready', undefined]);
    expect(await exists(`QuestionnaireResponse/${id}`)).toBe(0);
    expect(history.entry?.[0]?.request?.method).toBe('DELETE');
    expect(page.html).not.toContain('Godt');
    expect(page.text).toContain('Har du sovet godt i natt?');
  });

  it('is in the audit trail with the person’s name on it, as import is.', async () => {
    const person = await server.person();
    await sendIn(person);
    await discard(person);
    await sendIn(person);
    await post(person, 'importer');

    const { rows } = await server.app.database.db.pool.query<{ kind: string }>(
      `select kind from audit where $1 = any(patients) and kind in ('discard-form', 'import-form') and action <> 'R' order by seq`,
      [person.patient.id],
    );

    expect([...new Set(rows.map(({ kind }) => kind))]).toEqual(['discard-form', 'import-form']);
  });
});

describe('Discarding', () => {
  it.each(['', 'because'])('needs a reason of the list, not "%s": nothing is discarded.', async (reason) => {
    const person = await server.person();
    await sendIn(person);

    const answer = await discard(person, reason);

    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('Velg en årsak.');
    expect(stateOf(await taskOf(person))).toBe('in-progress submitted');
  });

  it('says why on the Task and in a Provenance, and on the page who can take it back.', async () => {
    const person = await server.person();
    await sendIn(person);
    const { id = '' } = await answersOf(person);

    await discard(person, 'wrong-person');

    const task = await taskOf(person);
    const kept = task.extension?.find(({ url }) => url === DISCARDED)?.extension ?? [];
    expect(kept.find(({ url }) => url === 'response')?.valueId).toBe(id);
    expect(kept.find(({ url }) => url === 'reason')?.valueCodeableConcept?.coding?.[0]?.code).toBe(
      'wrong-person',
    );
    const [stated] = await server.coordinator.search<Provenance>(`Provenance?target=Task/${person.task}`);
    expect([stated?.activity?.coding?.[0]?.code, stated?.reason?.[0]?.coding?.[0]?.code]).toEqual([
      'discarded',
      'wrong-person',
    ]);
    const page = await server.nurse.open(`/skjema/${person.task}/til-pasienten`);
    expect(page.text).toContain('Årsak: Feil pasient svarte.');
    expect(page.text).toContain('kan en lokal koordinator hente svarene tilbake');
    expect(page.html).not.toContain('angre-forkast');
  });
});

describe('Undoing a discard', () => {
  it('brings the answers back as they were sent in, to wait for import, and they are imported.', async () => {
    const person = await server.person();
    await sendIn(person);
    const before = await answersOf(person);
    await discard(person);
    const coordinator = await server.user('lc-bjorn');
    const page = await coordinator.open(`/skjema/${person.task}/til-pasienten`);

    const back = await coordinator.submit(page, `/skjema/${person.task}/angre-forkast`, {});

    const task = await taskOf(person);
    const after = await answersOf(person);
    expect(back.text).toContain('Svarene er hentet tilbake og venter på import.');
    expect([stateOf(task), task.extension?.some(({ url }) => url === DISCARDED) ?? false]).toEqual([
      'in-progress submitted',
      false,
    ]);
    expect([after.id, after.item, after.source, after.authored, after.status]).toEqual([
      before.id,
      before.item,
      before.source,
      before.authored,
      'in-progress',
    ]);
    expect(await codeFor(person)).toBeUndefined();
    expect((await post(person, 'importer')).status).toBe(303);
    expect(stateOf(await taskOf(person))).toBe('in-progress imported');
  });

  it('is in the audit trail and a Provenance.', async () => {
    const person = await server.person();
    await sendIn(person);
    await discard(person);
    await post(person, 'angre-forkast', await server.user('lc-bjorn'));

    const { rows } = await server.app.database.db.pool.query<{ kind: string }>(
      `select distinct kind from audit where $1 = any(patients) and kind = 'undo-discard-form' and action <> 'R'`,
      [person.patient.id],
    );
    const stated = await server.coordinator.search<Provenance>(`Provenance?target=Task/${person.task}`);

    expect(rows).toHaveLength(1);
    expect(stated.map(({ activity }) => activity?.coding?.[0]?.code).toSorted()).toEqual([
      'discarded',
      'submitted',
    ]);
  });

  it('is a coordinator’s: another one of the department is refused.', async () => {
    const person = await server.person();
    await sendIn(person);
    await discard(person);

    const answer = await post(person, 'angre-forkast');

    expect([answer.status, await answer.text()]).toEqual([
      422,
      expect.stringContaining('Bare en lokal koordinator'),
    ]);
    expect((await taskOf(person)).status).toBe('ready');
  });

  it('is refused when the patient has got a new code since, and when somebody has begun the form anew.', async () => {
    const person = await server.person();
    await sendIn(person);
    await discard(person);
    const coordinator = await server.user('lc-bjorn');
    server.clock.advance({ minutes: 1 });
    const { page, patient } = await enter(person);

    const withCode = await post(person, 'angre-forkast', coordinator);
    await patient.submit(page, FORM, { 'q/slept': YES, _action: 'save' });
    const begun = await post(person, 'angre-forkast', coordinator);

    expect([withCode.status, await withCode.text()]).toEqual([
      422,
      expect.stringContaining('Pasienten har fått en ny kode eller lenke.'),
    ]);
    expect([begun.status, await begun.text()]).toEqual([
      422,
      expect.stringContaining('Det er ingenting å hente tilbake'),
    ]);
    expect(stateOf(await taskOf(person))).toMatch(/^in-progress (?!submitted)/);
  });
});

describe('A pathway', () => {
  it('is finished when its forms are locked, but not while what was sent in waits or is half completed.', async () => {
    const person = await server.person();
    await sendIn(person);
    const { id: patient } = person.patient;
    const locked = await server.coordinator.request('QuestionnaireResponse', {
      method: 'POST',
      body: JSON.stringify(
        responseTo(
          { patient, episode: person.episode },
          'to',
          to.consenting,
          { status: 'completed' },
          undefined,
        ),
      ),
      headers: { 'content-type': 'application/fhir+json' },
    });
    const status = async (): Promise<string> =>
      (await server.coordinator.read<EpisodeOfCare>(`EpisodeOfCare/${person.episode}`)).status;

    const waiting = await status();
    await post(person, 'importer');
    const imported = await status();
    await put({ ...(await answersOf(person)), status: 'completed' });

    expect([locked.status, waiting, imported, await status()]).toEqual([201, 'active', 'active', 'finished']);
  });
});
