/** Forms that nobody fills: opened, filled, locked and corrected by what arrives. */
import type { JsonObject, Provenance, Task } from '../../../src/fhir/types.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import { openFormPage } from '../../../src/web/data/form-page.ts';
import type { Sources } from '../../../src/web/data/sources.ts';
import { hash64 } from '../../../src/fhir/id.ts';
import type { Result } from '../../../src/repository/operation.ts';
import {
  callerOf,
  type CaptureServer,
  CHANGE_REASON,
  condition,
  coordinator,
  ehr,
  examination,
  finding,
  refused,
  RESH,
  result,
  startCapture,
  UNIT,
} from './capture-server.ts';
import { ICD } from './prove-register.ts';

let capture: CaptureServer;

beforeAll(async () => {
  capture = await startCapture();
});

afterAll(() => capture[Symbol.asyncDispose]());

/** Two writes about a person that are both under way before either is done: they wait where reservations are looked at. */
async function meeting(
  patient: string,
  resources: readonly JsonObject[],
): Promise<readonly (readonly Partial<Result>[])[]> {
  const holder = await capture.database.db.pool.connect();
  try {
    await holder.query('begin');
    await holder.query('select pg_advisory_xact_lock($1)', [hash64(`reservation|${patient}`)]);
    const writes = resources.map((resource) =>
      capture.app.repository.commit(callerOf(ehr), [
        { kind: 'create', type: resource['resourceType'] as string, resource },
      ]),
    );
    const waiting = async (): Promise<number> => {
      const { rows } = await holder.query<{ n: number }>(
        "select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted",
      );
      return rows[0]?.n ?? 0;
    };
    let n = 0;
    while (n < resources.length) {
      n = await waiting();
    }
    await holder.query('rollback');
    return await Promise.all(writes);
  } finally {
    holder.release();
  }
}

describe('A register that people fill nothing in', () => {
  it('opens a pathway when a diagnosis arrives, in the department of its contact, from the day it was recorded.', async () => {
    const kari = await capture.person();
    await capture.diagnose(kari, '2019-05-06');

    const [pathway, ...others] = await capture.pathways(kari);
    expect(others).toEqual([]);
    expect(pathway?.managingOrganization?.reference).toBe(`Organization/${UNIT}`);
    expect(pathway?.period?.start).toBe('2019-05-06');
    expect(await capture.forms(kari)).toEqual(['Skjema base · completed']);
  });

  it('locks a form that is whole, with its source, a device as author and a Provenance to what it came from.', async () => {
    const kari = await capture.person();
    await capture.diagnose(kari, '2019-05-06');

    const [response] = await capture.responses(kari);
    const [answer] = response?.item?.[0]?.answer ?? [];
    expect(response).toMatchObject({ status: 'completed', author: { type: 'Device' } });
    expect(answer?.valueDate).toBe('2019-05-06');
    expect(JSON.stringify(answer?.extension)).toContain('"valueCode":"captured"');
    const { matches } = await capture.app.forms.search.search(
      callerOf(coordinator),
      'Provenance',
      new URLSearchParams({ target: `QuestionnaireResponse/${response?.id ?? ''}` }),
      { lenient: false },
    );
    const provenance = parseJson(matches[0]?.content ?? '{}') as unknown as Provenance;
    expect(provenance.agent[0]?.who).toMatchObject({
      type: 'Device',
      identifier: { value: 'system:capture' },
    });
    expect(provenance.entity?.[0]?.what.reference).toMatch(/^Condition\//);
  });

  it('has a form for each result, also for one that came before the diagnosis, and none twice.', async () => {
    const kari = await capture.person();
    const early = result(kari, '2019-06-01', 40_000);
    const [stored] = await capture.send(early);
    expect(await capture.forms(kari)).toEqual([]);
    await capture.diagnose(kari, '2019-05-06');
    await capture.send(result(kari, '2020-01-01', 200));
    await capture.send({ ...early, id: stored?.id ?? '' });
    await capture.diagnose(kari, '2021-05-06');

    expect(await capture.pathways(kari)).toHaveLength(1);
    expect(await capture.forms(kari)).toEqual([
      'Skjema base · completed',
      'Skjema result · completed',
      'Skjema result · completed',
    ]);
    expect((await capture.facts(kari)).toSorted()).toEqual([200, 40_000]);
  });

  it('has a form for a result that arrives at the very moment when the diagnosis does.', async () => {
    const kari = await capture.person();
    const [contact] = await capture.send(condition(kari, '2019-05-06'));
    const both = await meeting(kari, [
      {
        resourceType: 'Condition',
        subject: { reference: `Patient/${kari}` },
        code: { coding: [{ system: ICD, code: 'B24' }] },
        encounter: { reference: `Encounter/${contact?.id ?? ''}` },
        recordedDate: '2019-05-06',
      },
      result(kari, '2020-01-01', 200),
    ]);

    expect(both.map(([{ effect } = {}]) => effect)).toEqual(['created', 'created']);
    expect(await capture.failures()).toEqual([]);
    expect(await capture.forms(kari)).toEqual(['Skjema base · completed', 'Skjema result · completed']);
  });

  it('takes no result from before the pathway began.', async () => {
    const kari = await capture.person();
    await capture.diagnose(kari, '2019-05-06');
    await capture.send(result(kari, '2018-01-01', 200));

    expect(await capture.forms(kari)).toEqual(['Skjema base · completed']);
  });

  it('says what is missing to the department and to the sender, and goes on when it has come.', async () => {
    const kari = await capture.person();
    await capture.diagnose(kari, '2019-05-06');
    const [stored] = await capture.send(result(kari, '2020-01-01', undefined));
    expect(await capture.forms(kari)).toEqual([
      'Skjema base · completed',
      expect.stringMatching(/^Skjema result · ready · .*Virusmengde/),
    ]);

    await capture.send({ ...result(kari, '2020-01-01', 50), id: stored?.id ?? '' });

    expect(await capture.forms(kari)).toEqual(['Skjema base · completed', 'Skjema result · completed']);
  });

  it('corrects a locked form with a reason when its source is corrected.', async () => {
    const kari = await capture.person();
    await capture.diagnose(kari, '2019-05-06');
    const [stored] = await capture.send(result(kari, '2020-01-01', 500));
    await capture.send({ ...result(kari, '2020-01-01', 50), status: 'corrected', id: stored?.id ?? '' });

    const corrected = (await capture.responses(kari)).find(({ status }) => status === 'amended');
    expect(corrected?.extension?.find(({ url }) => url === CHANGE_REASON)?.valueString).toBe(
      'Endret i kilden: Virusmengde.',
    );
    expect(await capture.facts(kari)).toEqual([50]);
  });

  it('shows staff a form that waits as one that nobody fills in, with what it waits for.', async () => {
    const kari = await capture.person();
    await capture.diagnose(kari, '2019-05-06');
    await capture.send(result(kari, '2020-01-01', undefined));
    const waiting = (await capture.find<Task>('Task', kari)).find(({ status }) => status === 'ready');
    const sources = { ...capture.app.forms, newRequestId: () => 'capture' } as unknown as Sources;
    const { form, siblings } = await openFormPage(sources, coordinator, waiting?.id ?? '', undefined);

    expect(form).toMatchObject({ state: 'read-only', mayReopen: false, closed: { why: 'captured' } });
    expect(form.closed?.reason).toContain('Virusmengde');
    expect(siblings.map(({ title, waitsFor }) => [title, waitsFor])).toContainEqual([
      'Skjema result, 01.01.2020',
      form.closed?.reason,
    ]);
  });

  it('opens no pathway by hand.', async () => {
    const kari = await capture.person();
    const byHand = capture.app.repository.commit(callerOf(coordinator), [
      {
        kind: 'create',
        type: 'EpisodeOfCare',
        resource: {
          resourceType: 'EpisodeOfCare',
          status: 'active',
          type: [
            { coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/proveregister-type', code: 'exam' }] },
          ],
          patient: { reference: `Patient/${kari}` },
          managingOrganization: { reference: `Organization/${UNIT}` },
        },
      },
    ]);

    expect(await refused(byHand)).toContain('captured-register');
  });

  it('leaves a form that a clinician verifies as a draft, and what is locked by one to that one.', async () => {
    const kari = await capture.person();
    await capture.diagnose(kari, '2019-05-06');
    const visit = { ...condition(kari, '2020-02-03'), class: { code: 'AMB' } };
    const [stored] = await capture.send(visit);
    const draft = (await capture.responses(kari)).find(({ questionnaire }) =>
      questionnaire?.includes('visit'),
    );

    expect(draft).toMatchObject({
      status: 'in-progress',
      item: [{ linkId: 'day', answer: [{ valueDate: '2020-02-03' }] }],
    });
    const { author: _author, ...own } = draft as unknown as JsonObject;
    await capture.app.repository.commit(callerOf(coordinator), [
      {
        kind: 'update',
        type: 'QuestionnaireResponse',
        id: draft?.id ?? '',
        resource: {
          ...own,
          status: 'completed',
          item: [
            ...(own['item'] as readonly JsonObject[]),
            { linkId: 'well', answer: [{ valueBoolean: true }] },
          ],
        },
      },
    ]);
    await capture.send({ ...visit, period: { start: '2020-02-04' }, id: stored?.id ?? '' });

    expect(await capture.forms(kari)).toEqual([
      'Skjema base · completed',
      'Skjema visit · completed · Endret i kilden: Besøksdato.',
    ]);
  });

  it('takes no visit to another department.', async () => {
    const kari = await capture.person();
    await capture.diagnose(kari, '2019-05-06');
    await capture.send({
      ...condition(kari, '2020-02-03', { identifier: { system: RESH, value: '9990000' } }),
      class: { code: 'AMB' },
    });

    expect(await capture.forms(kari)).toEqual(['Skjema base · completed']);
  });

  it('ends for life with death, and takes what was measured before it.', async () => {
    const kari = await capture.person();
    await capture.diagnose(kari, '2019-05-06');
    const { content } = await capture.app.repository.read(callerOf(coordinator), {
      type: 'Patient',
      id: kari,
    });
    await capture.send({ ...(parseJson(content) as JsonObject), deceasedDateTime: '2026-01-02' });
    await capture.send(result(kari, '2025-12-01', 40));

    const [pathway] = await capture.pathways(kari);
    expect(pathway).toMatchObject({ status: 'finished', period: { end: '2026-01-02' } });
    expect(await capture.forms(kari)).toContain('Skjema result · completed');
  });

  it('has one pathway for each examination, in whatever order they arrive and however many codes each has.', async () => {
    const ola = await capture.person();
    await capture.send(examination(ola, '2026-02-01T10:00:00+01:00'));
    await capture.send(examination(ola, '2025-02-01T10:00:00+01:00'));
    await capture.send(examination(ola, '2026-02-01T10:00:00+01:00', 'UJF35'));

    expect((await capture.pathways(ola)).map(({ period }) => period?.start).toSorted()).toEqual([
      '2025-02-01T10:00:00+01:00',
      '2026-02-01T10:00:00+01:00',
    ]);
    await capture.send(finding(ola, '2026-02-01', 1));
    expect((await capture.pathways(ola)).map(({ status }) => status).toSorted()).toEqual([
      'active',
      'finished',
    ]);
  });

  it('opens none for an examination that names no department, and says so.', async () => {
    const ola = await capture.person();
    const { performer: _performer, ...without } = examination(ola, '2026-02-01');
    const elsewhere = {
      ...without,
      performer: [{ actor: { identifier: { system: RESH, value: '7777777' } } }],
    };

    expect(await refused(capture.send(without))).toEqual(['unit-required']);
    expect(await refused(capture.send(elsewhere))).toEqual(['unknown-unit']);
    expect(await refused(capture.send({ ...without, status: 'not-done' }))).toEqual([]);
  });

  it('takes a hundred results of a hundred persons in one message.', async () => {
    const many: string[] = [];
    for (let index = 0; index < 100; index += 1) {
      many.push(await capture.person());
    }
    await capture.send(...many.map((patient) => examination(patient, '2026-02-01')));
    await capture.send(...many.map((patient, index) => finding(patient, '2026-02-01', index)));

    const states = await Promise.all(
      many.map(async (patient) => (await capture.pathways(patient))[0]?.status),
    );
    expect(new Set(states)).toEqual(new Set(['finished']));
  });
});
