/** Saving, locking and correcting forms over HTTP (registers.md section 5, rules 12-17 and 22). */
import type {
  Condition,
  MedicationStatement,
  Observation,
  Provenance,
  Task,
} from '../../../src/fhir/types.ts';
import {
  asSender,
  b11,
  b12,
  rulesOf,
  startWalkServer,
  to,
  type Sender,
  type WalkServer,
} from './walk-server.ts';

let server: WalkServer;
/** LU of the pain clinic. */
let localUser: Sender;

beforeAll(async () => {
  server = await startWalkServer();
  localUser = asSender(await server.user('lu-ane'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const locked = { status: 'completed' } as const;

describe('A response to a form', () => {
  it('must name the version that the pathway takes (FO-02).', async () => {
    const person = await server.person();
    const canonical = 'https://ryggrad.no/fhir/Questionnaire/smertereg-to|0.9.0';

    const refused = await server.save(person, 'to', to.included, { canonical });

    expect([refused.status, rulesOf(refused)]).toEqual([422, ['questionnaire-version']]);
  });

  it('is one per form: a second one is refused, with the first named.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.included);

    const second = await server.coordinator.request('QuestionnaireResponse', {
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify(await draftOf(person.tasks['to'] ?? '')),
    });

    expect(second.status).toBe(422);
    expect(JSON.stringify(await second.json())).toContain('form-started');
  });

  it('must be about the person of the pathway.', async () => {
    const [person, other] = [await server.person(), await server.person()];

    const refused = await server.save(person, 'to', to.included, {
      tamper: (response) => ({ ...response, subject: { reference: `Patient/${other.patient}` } }),
    });

    expect(refused.status).toBe(422);
    expect(rulesOf(refused)).toContain('subject-of-pathway');
  });

  it('keeps its task: in progress as a draft, completed when locked.', async () => {
    const person = await server.person();

    const draft = await server.save(person, 'b11', b11);
    const during = await server.taskStates(person);
    await server.save(person, 'b11', b11, { ...locked, ifMatch: draft.version });

    expect(during['b11']).toBe('in-progress');
    expect((await server.taskStates(person))['b11']).toBe('completed');
  });
});

describe('Two people in one form', () => {
  it('lose nothing: the later save is answered 412 and the first stands (FO-08).', async () => {
    const person = await server.person();
    const first = await server.save(person, 'to', to.included);

    const ane = await server.save(person, 'to', to.consenting, { ifMatch: first.version }, localUser);
    const bjorn = await server.save(person, 'to', to.notAttended, { ifMatch: first.version });

    expect([ane.status, bjorn.status]).toEqual([200, 412]);
    expect(await draftOf(person.tasks['to'] ?? '')).toMatchObject({
      id: ane.body.id,
      meta: { versionId: '2' },
    });
  });
});

describe('B1.1', () => {
  it('is refused when it is registered before the referral, by TO’s date as the server knows it (rule 12).', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.included);

    const refused = await server.save(
      person,
      'b11',
      {
        ...b11,
        admission: {
          ...b11.admission,
          'registration-date': '2020-01-01',
          'to-referral-date': '2019-01-01',
          'to-start-date': '2019-01-01',
        },
      },
      locked,
    );

    expect(refused.status).toBe(422);
    expect(JSON.stringify(refused.body)).toMatch(/henvist dato|startdato/i);
  });

  it('takes “Ingen” with nothing beside it (rule 14).', async () => {
    const person = await server.person();

    const refused = await server.save(person, 'b11', {
      ...b11,
      analgesics: { 'analgesics-admission': ['none', 'opioids'] },
    });

    expect(refused.status).toBe(422);
  });

  it('sets LAR to “Nei” when both questions on abuse are “Nei” (rule 15), and computes the equivalents (rule 16).', async () => {
    const person = await server.person();

    const saved = await server.save(person, 'b11', {
      ...b11,
      analgesics: {
        ...b11.analgesics,
        'opioid-table': { opioid: [{ 'opioid-form': 'buprenorphine-buvidal-monthly', dose: 96, omeq: 1 }] },
      },
    });

    expect(saved.status).toBe(201);
    expect(JSON.stringify(saved.body)).toContain(`"valueDecimal":${14 * 48}`);
    expect(JSON.stringify(saved.body)).toMatch(/"linkId":"lar","answer":\[\{[^\]]*"code":"no"/);
  });

  it('becomes diagnoses, opioids and their total when it is locked (EX-01).', async () => {
    const person = await server.person();

    await server.save(person, 'b11', b11, locked, localUser);

    const ofForm = <T>(type: string) =>
      server.coordinator
        .search(`${type}?patient=${person.patient}`)
        .then((all) => all.filter(isFact)) as Promise<readonly T[]>;
    expect(await ofForm<Condition>('Condition')).toHaveLength(1);
    expect(await ofForm<MedicationStatement>('MedicationStatement')).toHaveLength(1);
    expect(await ofForm<Observation>('Observation')).toMatchObject([
      {
        code: { coding: [{ code: 'omeq-total' }] },
        valueQuantity: { value: 60 },
        derivedFrom: [{ reference: expect.stringMatching(/^QuestionnaireResponse\//) }],
      },
    ]);
  });
});

describe('B1.2', () => {
  it('refuses a weakest pain above the strongest when it is locked (rule 17).', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.included);

    const refused = await server.save(person, 'b12', b12('3', '5'), locked);

    expect(refused.status).toBe(422);
    expect(JSON.stringify(refused.body)).toContain('høyere enn');
  });
});

describe('A locked form (rule 22)', () => {
  it('is closed for the local user.', async () => {
    const person = await server.person();
    await server.save(person, 'b11', b11, locked, localUser);

    const draft = await server.save(person, 'b11', b11, {}, localUser);
    const amended = await server.save(person, 'b11', b11, { status: 'amended', reason: 'Feil' }, localUser);

    expect([draft.status, rulesOf(draft)]).toEqual([422, ['form-locked']]);
    expect([amended.status, rulesOf(amended)]).toEqual([422, ['form-locked']]);
  });

  it('is corrected by the coordinator with a reason, never without.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.included);
    await server.save(person, 'b12', b12('6'), locked);

    const silent = await server.save(person, 'b12', b12('7'), { status: 'amended' });
    const stated = await server.save(person, 'b12', b12('7'), { status: 'amended', reason: 'Lest feil' });

    expect([silent.status, rulesOf(silent)]).toEqual([422, ['change-reason']]);
    expect(stated.status).toBe(200);
  });

  it('gives its facts anew: replaced, added and taken away, with the same ids where the answer is the same (EX-03).', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.included);
    await server.save(person, 'b12', b12('6'), locked);
    const before = await factsOf(person.patient);

    await server.save(person, 'b12', b12('7'), { status: 'amended', reason: 'Lest feil' });
    const after = await factsOf(person.patient);
    await server.save(
      person,
      'b12',
      { ...b12('7'), 'nrs-ability': 'no' },
      { status: 'amended', reason: 'Kunne ikke angi' },
    );

    const value = (facts: readonly Observation[]) =>
      facts.find(({ code }) => JSON.stringify(code).includes('strongest-pain-rest'))?.valueQuantity?.value;
    expect(after.map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
    expect([value(before), value(after)]).toEqual([6, 7]);
    expect(value(await factsOf(person.patient))).toBeUndefined();
  });

  it('keeps every version readable, the reason with it.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.included);
    const first = await server.save(person, 'b12', b12('6'), locked);
    await server.save(person, 'b12', b12('7'), { status: 'amended', reason: 'Lest feil' });

    const old = await server.coordinator.read(`QuestionnaireResponse/${first.body.id ?? ''}/_history/1`);
    const now = await server.coordinator.read(`QuestionnaireResponse/${first.body.id ?? ''}`);

    expect(JSON.stringify(old)).toContain('"code":"6"');
    expect(JSON.stringify(now)).toContain('Lest feil');
  });
});

describe('What staff may write on a task', () => {
  const put = async (task: Task): Promise<number> =>
    (
      await localUser(`Task/${task.id ?? ''}`, {
        method: 'PUT',
        body: JSON.stringify(task),
        headers: { 'content-type': 'application/fhir+json' },
      })
    ).status;

  it('is its comment, and nothing else of it (rule 3).', async () => {
    const person = await server.person();
    const task = await server.coordinator.read<Task>(`Task/${person.tasks['to'] ?? ''}`);

    const noted = await put({ ...task, note: [{ text: 'Ring avdelingen' }] });
    const cheated = await put({ ...task, status: 'completed' });

    expect([noted, cheated]).toEqual([200, 422]);
    expect(await server.coordinator.read<Task>(`Task/${task.id ?? ''}`)).toMatchObject({
      status: 'ready',
      note: [{ text: 'Ring avdelingen' }],
    });
  });
});

describe('Fetched answers', () => {
  it('leave a Provenance from the locked form to what they came from (AP-05).', async () => {
    const person = await server.person();
    const [source] = await server.ehr.search(`ServiceRequest?patient=${person.patient}`);
    const fetched = {
      url: 'https://ryggrad.no/fhir/StructureDefinition/answer-source',
      extension: [
        {
          url: 'resource',
          valueReference: { reference: `ServiceRequest/${source?.id ?? ''}`, display: 'Tilsyn' },
        },
        { url: 'adopted', valueCode: 'confirmed' },
      ],
    };

    const saved = await server.save(person, 'to', to.refusing, {
      ...locked,
      tamper: (response) => ({
        ...response,
        item: JSON.parse(
          JSON.stringify(response.item).replace(
            '"linkId":"referral-date","answer":[{',
            `"linkId":"referral-date","answer":[{"extension":[${JSON.stringify(fetched)}],`,
          ),
        ) as never,
      }),
    });

    const [provenance] = await server.coordinator.search<Provenance>(
      `Provenance?target=QuestionnaireResponse/${saved.body.id ?? ''}`,
    );
    expect(provenance?.entity).toEqual([
      { role: 'source', what: { reference: `ServiceRequest/${source?.id ?? ''}`, display: 'Tilsyn' } },
    ]);
  });
});

const isFact = ({ meta }: { readonly meta?: { readonly source?: string } }): boolean =>
  meta?.source?.startsWith('urn:ryggrad:form:') === true;

const factsOf = async (patient: string): Promise<readonly Observation[]> =>
  (await server.coordinator.search<Observation>(`Observation?patient=${patient}`)).filter(isFact);

/** The stored response of a task. */
async function draftOf(task: string): Promise<object> {
  const { output } = await server.coordinator.read<Task>(`Task/${task}`);
  return server.coordinator.read(output?.[0]?.valueReference?.reference ?? '');
}
