/** SmerteReg's three pathways over HTTP (rules 7-11): which forms open, what the server decides on consent. */
import { SYSTEM } from '../../../src/access/principal.ts';
import type { Registered } from '../../../demo/walk/push.ts';
import type { EpisodeOfCare, QuestionnaireResponse, ServiceRequest, Task } from '../../../src/fhir/types.ts';
import { b11, b12, days, rulesOf, startWalkServer, to, type WalkServer } from './walk-server.ts';

const PATIENT_FORMS_CLOSED = { pasreg: 'draft', hads: 'draft', eval: 'draft', opioid: 'draft' };

let server: WalkServer;

beforeAll(async () => {
  server = await startWalkServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('A referral from an EHR', () => {
  it('opens a pathway with one task per form (FO-01).', async () => {
    const person = await server.person();

    expect(person.pathwayNumber).toMatch(/^\d+$/);
    expect(await server.taskStates(person)).toEqual({
      ...{ po: 'ready', to: 'ready', b11: 'ready', b12: 'draft', b21: 'draft', b22: 'draft' },
      ...PATIENT_FORMS_CLOSED,
    });
  });

  it('reuses the person whom the number tells, and the pathway that is open.', async () => {
    const person = await server.person();
    const { patient } = person;
    const { identifier } = (await server.ehr.read(`Patient/${patient}`)) as { identifier?: object[] };

    const again = await server.ehr.transaction({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: 'urn:uuid:3b1f4f1e-5a07-4f4e-9d5c-0d3c5f6f0001',
          resource: { resourceType: 'Patient', identifier: identifier?.slice(0, 1) } as never,
          request: { method: 'POST', url: 'Patient' },
        },
        {
          resource: {
            resourceType: 'Observation',
            status: 'final',
            code: { text: 'NRS' },
            subject: { reference: 'urn:uuid:3b1f4f1e-5a07-4f4e-9d5c-0d3c5f6f0001' },
            valueInteger: 4,
          },
          request: { method: 'POST', url: 'Observation' },
        },
      ],
    });

    expect(again.entry?.[0]?.response?.location).toContain(`Patient/${patient}/`);
    expect(await server.ehr.search(`EpisodeOfCare?patient=${patient}`)).toHaveLength(1);
  });

  it('is refused as a whole when it names a unit that nobody knows.', async () => {
    const response = await server.ehr.request('', {
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify(referralTo('1234567')),
    });

    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      issue: [
        {
          details: { coding: [{ code: 'unknown-unit' }] },
          expression: [expect.stringContaining('performer')],
        },
      ],
    });
    expect(await server.ehr.search('Patient?identifier=urn:test|unknown-unit')).toEqual([]);
  });
});

describe('Pathway 1: not attended', () => {
  it('keeps B1.2 closed and refuses its answers (rule 8).', async () => {
    const person = await server.person();

    const saved = await server.save(person, 'to', to.notAttended, { status: 'completed' });
    const refused = await server.save(person, 'b12', b12('6'));

    expect(saved.status).toBe(201);
    expect(await server.taskStates(person)).toEqual({
      ...{ po: 'ready', to: 'completed', b11: 'ready', b12: 'draft', b21: 'draft', b22: 'draft' },
      ...PATIENT_FORMS_CLOSED,
    });
    expect([refused.status, rulesOf(refused)]).toEqual([422, ['form-not-open']]);
  });

  it('answers the first visit’s analgesics with “Vet ikke” in B1.1, from TO as it stands (rule 14).', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.notAttended, { status: 'completed' });

    const saved = await server.save(person, 'b11', {
      ...b11,
      analgesics: { 'analgesics-admission': ['none'] },
    });

    expect(codesOf(saved.body as never, 'analgesics-first')).toEqual(['unknown']);
  });

  it('hides consent: an answer to it does not count (rule 10).', async () => {
    const person = await server.person();

    const saved = await server.save(
      person,
      'to',
      { ...to.notAttended, 'consent-group': { consent: 'yes', 'consent-date': '2026-01-01' } },
      { status: 'completed' },
    );

    expect(codesOf(saved.body as never, 'consent')).toEqual([]);
    expect(await server.coordinator.search(`Consent?patient=${person.patient}`)).toEqual([]);
  });
});

describe('Pathway 2: attended, not included', () => {
  it('opens B1.2 and sets consent to “ikke aktuelt” by itself (rule 10).', async () => {
    const person = await server.person();

    const saved = await server.save(person, 'to', to.notIncluded, { status: 'completed' });

    expect(await server.taskStates(person)).toEqual({
      ...{ po: 'ready', to: 'completed', b11: 'ready', b12: 'ready', b21: 'ready', b22: 'ready' },
      ...PATIENT_FORMS_CLOSED,
    });
    expect(codesOf(saved.body as never, 'consent')).toEqual(['no-not-applicable']);
    expect(codesOf(saved.body as never, 'missing-consent-type')).toEqual(['not-applicable']);
  });
});

describe('Pathway 3: attended, included', () => {
  it('opens B1.2 as soon as the draft of TO says attended, and closes it again (rule 8).', async () => {
    const person = await server.person();

    const first = await server.save(person, 'to', to.included);
    const opened = await server.taskStates(person);
    await server.save(person, 'to', to.notAttended, { ifMatch: first.version });
    const closed = await server.taskStates(person);

    expect([opened['b12'], closed['b12']]).toEqual(['ready', 'draft']);
  });

  it('takes consent “ikke aktuelt” from the system alone (rule 10).', async () => {
    const person = await server.person();

    const refused = await server.save(person, 'to', {
      ...to.included,
      'consent-group': { consent: 'no-not-applicable' },
    });

    expect(refused.status).toBe(422);
  });

  it('computes age and inclusion whatever was sent (rule 9).', async () => {
    const person = await server.person();

    const saved = await server.save(person, 'to', {
      ...to.included,
      inclusion: { ...to.included.inclusion, age: 7, included: 'no' },
    });

    expect(saved.status).toBe(201);
    expect(codesOf(saved.body as never, 'included')).toEqual(['yes']);
    expect(answersOf(saved.body as never, 'age')).not.toEqual([{ valueInteger: 7 }]);
  });
});

interface Item {
  readonly linkId?: string;
  readonly item?: readonly Item[];
  readonly answer?: readonly { readonly valueCoding?: { readonly code?: string } }[];
}

function answersOf({ item }: QuestionnaireResponse | Item, linkId: string): readonly object[] {
  return ((item ?? []) as readonly Item[]).flatMap((one) =>
    one.linkId === linkId ? (one.answer ?? []) : answersOf(one, linkId),
  );
}

const codesOf = (response: QuestionnaireResponse, linkId: string): readonly (string | undefined)[] =>
  answersOf(response, linkId).map(
    (answer) => (answer as { valueCoding?: { code?: string } }).valueCoding?.code,
  );

/** A referral of a new person to the unit with this RESH id. */
const referralTo = (resh: string) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: 'urn:uuid:3b1f4f1e-5a07-4f4e-9d5c-0d3c5f6f0002',
      resource: { resourceType: 'Patient', identifier: [{ system: 'urn:test', value: 'unknown-unit' }] },
      request: { method: 'POST', url: 'Patient' },
    },
    {
      resource: {
        resourceType: 'ServiceRequest',
        status: 'active',
        intent: 'order',
        code: {
          coding: [
            { system: 'https://ryggrad.no/fhir/CodeSystem/smertereg-service', code: 'tilsyn-smerteteam' },
          ],
        },
        subject: { reference: 'urn:uuid:3b1f4f1e-5a07-4f4e-9d5c-0d3c5f6f0002' },
        performer: [{ identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.102', value: resh } }],
      },
      request: { method: 'POST', url: 'ServiceRequest' },
    },
  ],
});

describe('A pathway that was opened before a form was in the schedule', () => {
  it('gets the form at the next save, open or not as the pathway stands.', async () => {
    const person = await server.person();
    const deleted = ['b12', 'hads'].map((form) => ({
      kind: 'delete' as const,
      type: 'Task',
      id: person.tasks[form] ?? '',
    }));
    await server.app.app.repository.commit(
      { principal: SYSTEM, requestId: 'older', interaction: 'test' },
      deleted,
    );

    await server.save(person, 'to', to.notIncluded);

    const tasks = await server.coordinator.search<Task>(`Task?patient=${person.patient}&_count=50`);
    const states = tasks
      .filter(({ input }) => /-(b12|hads)\|/.test(input?.[0]?.valueCanonical ?? ''))
      .map(({ input, status }) => [input?.[0]?.valueCanonical?.split('/').at(-1), status]);
    expect(tasks).toHaveLength(10);
    expect(states.toSorted()).toEqual([
      ['smertereg-b12|1.0.0', 'ready'],
      ['smertereg-hads|1.0.0', 'draft'],
    ]);
  });

  it('gets none when it is over: a correction asks nobody anew.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.notAttended, { status: 'completed' });
    await server.save(person, 'b11', b11, { status: 'completed' });
    await server.app.app.repository.commit({ principal: SYSTEM, requestId: 'older', interaction: 'test' }, [
      { kind: 'delete', type: 'Task', id: person.tasks['hads'] ?? '' },
    ]);

    const corrected = await server.save(person, 'b11', b11, { status: 'amended', reason: 'Feil dato' });

    expect(corrected.status).toBe(200);
    expect(await server.coordinator.search<Task>(`Task?patient=${person.patient}&_count=50`)).toHaveLength(9);
    const episode = await server.coordinator.read<EpisodeOfCare>(`EpisodeOfCare/${person.episode}`);
    expect(episode.status).toBe('finished');
  });
});

describe('A new pathway', () => {
  it('may have the consent that an earlier one was refused, and is national by itself (rule 11).', async () => {
    const person = await server.person();
    const locked = { status: 'completed' } as const;
    await server.save(person, 'to', to.refusing, locked);
    await server.save(person, 'b11', b11, locked);
    await server.save(person, 'b12', b12('6'), locked);
    await server.save(person, 'b21', b12('3'), locked);
    const b22 = {
      visits: {
        'end-date': days.today,
        practitioner: ['nurse'],
        'visits-nurse': 2,
        'patient-visits': 5,
        'total-hours': 2,
      },
      treatment: { 'drug-treatment': 'no', 'non-drug-treatment': 'no' },
      blocks: { 'central-block': 'no', 'peripheral-block': 'no' },
      'follow-up': { 'should-follow-up': 'no' },
    };
    const last = await server.save(person, 'b22', b22, locked);
    expect([last.status, rulesOf(last)]).toEqual([201, []]);

    await referAgain(person);
    const episodes = await server.coordinator.search<EpisodeOfCare>(
      `EpisodeOfCare?patient=${person.patient}`,
    );
    const next = episodes.find(({ status }) => status === 'active')?.id ?? '';
    const tasks = await server.coordinator.search<Task>(`Task?patient=${person.patient}&_count=50`);
    const ofNext = tasks.filter(({ basedOn }) => basedOn?.[0]?.reference === `EpisodeOfCare/${next}`);
    const task = ofNext.find(({ input }) => input?.[0]?.valueCanonical?.includes('smertereg-to|') === true);
    const again = { ...person, episode: next, tasks: { to: task?.id ?? '' } };
    const consenting = await server.save(again, 'to', to.consenting, locked);

    expect([consenting.status, rulesOf(consenting)]).toEqual([201, []]);
    const national = await server.analytics.search<EpisodeOfCare>(`EpisodeOfCare?patient=${person.patient}`);
    expect(national.map(({ id }) => id)).toEqual([next]);
  });
});

/** The same referral of another day, sent by the EHR. */
async function referAgain({ patient }: Registered): Promise<void> {
  const [first] = await server.ehr.search<ServiceRequest>(`ServiceRequest?patient=${patient}`);
  const { id: _id, meta: _meta, identifier: _identifier, ...referral } = first!;
  const response = await server.ehr.request('ServiceRequest', {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ ...referral, authoredOn: new Date().toISOString() }),
  });
  expect(response.status).toBe(201);
}

describe('The end of a pathway', () => {
  const locked = { status: 'completed' } as const;
  const episodesOf = ({ patient }: Registered): Promise<readonly EpisodeOfCare[]> =>
    server.coordinator.search<EpisodeOfCare>(`EpisodeOfCare?patient=${patient}`);
  const statesOf = async (person: Registered): Promise<readonly unknown[]> =>
    (await episodesOf(person)).map(({ status, period }) => [status, period?.end !== undefined]);

  it('comes when all that staff must fill is locked; a form that is optional does not hold it up.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.notAttended, locked);
    expect(await statesOf(person)).toEqual([['active', false]]);

    await server.save(person, 'b11', b11, locked);

    expect(await statesOf(person)).toEqual([['finished', true]]);
    expect(await server.taskStates(person)).toMatchObject({ po: 'ready', to: 'completed', b12: 'draft' });
  });

  it('is taken back by a correction that opens another form.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.notAttended, locked);
    await server.save(person, 'b11', b11, locked);

    const corrected = await server.save(person, 'to', to.included, {
      status: 'amended',
      reason: 'Tilsett likevel',
    });

    expect(corrected.status).toBe(200);
    expect(await statesOf(person)).toEqual([['active', false]]);
  });

  it('lets the next referral open a new one, and the same referral sent again open none.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.notAttended, locked);
    await server.save(person, 'b11', b11, locked);
    const [first] = await server.ehr.search<ServiceRequest>(`ServiceRequest?patient=${person.patient}`);
    const { id: _id, meta: _meta, identifier: _identifier, ...referral } = first!;
    const send = async (authoredOn: string | undefined): Promise<number> => {
      const response = await server.ehr.request('ServiceRequest', {
        method: 'POST',
        headers: { 'content-type': 'application/fhir+json' },
        body: JSON.stringify({ ...referral, ...(authoredOn !== undefined && { authoredOn }) }),
      });
      return response.status;
    };

    expect(await send(referral.authoredOn)).toBe(201);
    expect(await statesOf(person)).toEqual([['finished', true]]);

    expect(await send(new Date().toISOString())).toBe(201);
    expect((await statesOf(person)).toSorted()).toEqual([
      ['active', false],
      ['finished', true],
    ]);
  });
});
