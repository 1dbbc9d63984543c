/** Forms that nobody fills: opened, filled, locked, corrected and withdrawn by what arrives. */
import { rm } from 'node:fs/promises';
import type { EhrPrincipal, StaffPrincipal } from '../../../src/access/principal.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import type {
  EpisodeOfCare,
  JsonObject,
  Observation,
  Provenance,
  QuestionnaireResponse,
  Resource,
  Task,
} from '../../../src/fhir/types.ts';
import type { Operation, Result } from '../../../src/repository/operation.ts';
import { openFormPage } from '../../../src/web/data/form-page.ts';
import type { Sources } from '../../../src/web/data/sources.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { clockAt } from '../../support/clock.ts';
import { contentWithRegister, ICD, NCSP } from './prove-register.ts';

const RESH = 'urn:oid:2.16.578.1.12.4.1.4.102';
const LOINC = 'http://loinc.org';
const UNIT = 'demo-ortopedi';
const CHANGE_REASON = 'https://ryggrad.no/fhir/StructureDefinition/change-reason';

const ehr: EhrPrincipal = {
  kind: 'ehr',
  subject: 'client:capture-ehr',
  name: 'Journal',
  scopes: ['system/*.cruds'],
  units: ['demo-hf', 'demo-sykehus', UNIT],
};
const coordinator: StaffPrincipal = {
  kind: 'staff',
  subject: 'user:capture-lc',
  name: 'Koordinator',
  scopes: ['user/*.cruds'],
  role: 'LC',
  register: 'proveregister',
  units: [UNIT],
};

const clock = clockAt('2026-03-10T09:00:00+01:00');
let root: string;
let server: TestApp;

beforeAll(async () => {
  root = await contentWithRegister();
  server = await startTestApp({ CONTENT_DIR: root }, clock);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

const callerOf = <P>(principal: P) => ({ principal, requestId: 'capture', interaction: 'test' });

/** What the jobs that are due could not do. */
const failures = async (): Promise<readonly string[]> =>
  (await server.app.jobs.runOnce()).map(({ task, error }) => `${task}: ${String(error)}`);

/** What an EHR sends, and what follows from it. */
async function send(...resources: readonly JsonObject[]): Promise<readonly Result[]> {
  const results = await server.app.repository.commit(
    callerOf(ehr),
    resources.map((resource): Operation => {
      const common = { type: resource['resourceType'] as string, resource };
      return typeof resource['id'] === 'string'
        ? { ...common, kind: 'update', id: resource['id'] }
        : { ...common, kind: 'create' };
    }),
  );
  expect(await failures()).toEqual([]);
  return results;
}

let persons = 0;

/** A new person; the id here. */
async function person(): Promise<string> {
  persons += 1;
  const [result] = await send({
    resourceType: 'Patient',
    identifier: [{ system: 'urn:test', value: `person-${persons}` }],
    birthDate: '1980-01-01',
  });
  return result?.id ?? '';
}

const unit = { identifier: { system: RESH, value: '9990002' } };
const about = (patient: string) => ({ subject: { reference: `Patient/${patient}` } });

const condition = (patient: string, recordedDate: string, recorder: JsonObject = unit): JsonObject => ({
  resourceType: 'Encounter',
  ...about(patient),
  status: 'finished',
  class: { code: 'IMP' },
  serviceProvider: recorder,
  period: { start: recordedDate },
});

/** A diagnosis made at a contact, which says where. */
async function diagnose(patient: string, recordedDate: string): Promise<void> {
  const [contact] = await send(condition(patient, recordedDate));
  await send({
    resourceType: 'Condition',
    ...about(patient),
    code: { coding: [{ system: ICD, code: 'B24' }] },
    encounter: { reference: `Encounter/${contact?.id ?? ''}` },
    recordedDate,
  });
}

const result = (patient: string, effectiveDateTime: string, value: number | undefined): JsonObject => ({
  resourceType: 'Observation',
  ...about(patient),
  status: 'final',
  code: { coding: [{ system: LOINC, code: '20447-9' }] },
  performer: [{ identifier: { system: RESH, value: '7777777' }, display: 'Laboratorium' }],
  effectiveDateTime,
  ...(value !== undefined && { valueQuantity: { value, unit: 'kopier/mL' } }),
});

const examination = (patient: string, performedDateTime: string, code = 'UJF32'): JsonObject => ({
  resourceType: 'Procedure',
  ...about(patient),
  status: 'completed',
  code: { coding: [{ system: NCSP, code }] },
  performer: [{ actor: unit }],
  performedDateTime,
});

const finding = (patient: string, day: string, value: number): JsonObject => ({
  ...result(patient, day, value),
  code: { coding: [{ system: LOINC, code: '8480-6' }] },
});

async function find<T extends Resource>(type: T['resourceType'], patient: string): Promise<readonly T[]> {
  const query = new URLSearchParams({ patient, _count: '200' });
  const { matches } = await server.app.forms.search.search(callerOf(coordinator), type, query, {
    lenient: false,
  });
  return matches.map(({ content }) => parseJson(content) as unknown as T);
}

/** Status of the forms by action, in the order in which they were opened. */
async function forms(patient: string): Promise<readonly string[]> {
  return (await find<Task>('Task', patient))
    .map(({ code, status, statusReason }) =>
      [code?.text, status, statusReason?.text].filter(Boolean).join(' · '),
    )
    .toSorted();
}

const responses = (patient: string) => find<QuestionnaireResponse>('QuestionnaireResponse', patient);
const pathways = (patient: string) => find<EpisodeOfCare>('EpisodeOfCare', patient);

/** Stored values of the marker, which is extracted from each locked result. */
async function facts(patient: string): Promise<readonly (number | undefined)[]> {
  const found = await find<Observation>('Observation', patient);
  return found
    .filter(({ derivedFrom }) => derivedFrom !== undefined)
    .map(({ valueQuantity }) => valueQuantity?.value);
}

const refused = async (change: Promise<unknown>): Promise<readonly (string | undefined)[]> =>
  change.then(
    () => [],
    (cause: unknown) => {
      if (cause instanceof FhirError) {
        return cause.issues.map(({ rule }) => rule);
      }
      throw cause;
    },
  );

describe('A register that people fill nothing in', () => {
  it('opens a pathway when a diagnosis arrives, in the department of its contact, from the day it was recorded.', async () => {
    const kari = await person();
    await diagnose(kari, '2019-05-06');

    const [pathway, ...others] = await pathways(kari);
    expect(others).toEqual([]);
    expect(pathway?.managingOrganization?.reference).toBe(`Organization/${UNIT}`);
    expect(pathway?.period?.start).toBe('2019-05-06');
    expect(await forms(kari)).toEqual(['Skjema base · completed']);
  });

  it('locks a form that is whole, with its source, a device as author and a Provenance to what it came from.', async () => {
    const kari = await person();
    await diagnose(kari, '2019-05-06');

    const [response] = await responses(kari);
    const [answer] = response?.item?.[0]?.answer ?? [];
    expect(response).toMatchObject({ status: 'completed', author: { type: 'Device' } });
    expect(answer?.valueDate).toBe('2019-05-06');
    expect(JSON.stringify(answer?.extension)).toContain('"valueCode":"captured"');
    const { matches } = await server.app.forms.search.search(
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
    const kari = await person();
    const early = result(kari, '2019-06-01', 40_000);
    const [stored] = await send(early);
    expect(await forms(kari)).toEqual([]);
    await diagnose(kari, '2019-05-06');
    await send(result(kari, '2020-01-01', 200));
    await send({ ...early, id: stored?.id ?? '' });
    await diagnose(kari, '2021-05-06');

    expect(await pathways(kari)).toHaveLength(1);
    expect(await forms(kari)).toEqual([
      'Skjema base · completed',
      'Skjema result · completed',
      'Skjema result · completed',
    ]);
    expect((await facts(kari)).toSorted()).toEqual([200, 40_000]);
  });

  it('takes no result from before the pathway began.', async () => {
    const kari = await person();
    await diagnose(kari, '2019-05-06');
    await send(result(kari, '2018-01-01', 200));

    expect(await forms(kari)).toEqual(['Skjema base · completed']);
  });

  it('says what is missing to the department and to the sender, and goes on when it has come.', async () => {
    const kari = await person();
    await diagnose(kari, '2019-05-06');
    const [stored] = await send(result(kari, '2020-01-01', undefined));
    expect(await forms(kari)).toEqual([
      'Skjema base · completed',
      expect.stringMatching(/^Skjema result · ready · .*Virusmengde/),
    ]);

    await send({ ...result(kari, '2020-01-01', 50), id: stored?.id ?? '' });

    expect(await forms(kari)).toEqual(['Skjema base · completed', 'Skjema result · completed']);
  });

  it('corrects a locked form with a reason when its source is corrected.', async () => {
    const kari = await person();
    await diagnose(kari, '2019-05-06');
    const [stored] = await send(result(kari, '2020-01-01', 500));
    await send({ ...result(kari, '2020-01-01', 50), status: 'corrected', id: stored?.id ?? '' });

    const corrected = (await responses(kari)).find(({ status }) => status === 'amended');
    expect(corrected?.extension?.find(({ url }) => url === CHANGE_REASON)?.valueString).toBe(
      'Endret i kilden: Virusmengde.',
    );
    expect(await facts(kari)).toEqual([50]);
  });

  it('withdraws a form whose source was an error, with its facts, and takes it up again when it was none.', async () => {
    const kari = await person();
    await diagnose(kari, '2019-05-06');
    const [stored] = await send(result(kari, '2020-01-01', 500));
    await send({ ...result(kari, '2020-01-01', 500), status: 'entered-in-error', id: stored?.id ?? '' });

    expect(await forms(kari)).toEqual([
      'Skjema base · completed',
      'Skjema result · cancelled · Kilden er slettet eller merket som feil.',
    ]);
    expect(await facts(kari)).toEqual([]);
    await send({ ...result(kari, '2020-01-01', 500), id: stored?.id ?? '' });
    expect(await forms(kari)).toContain('Skjema result · completed');
    expect(await facts(kari)).toEqual([500]);
  });

  it('is filled by nobody in the department; its coordinator withdraws a form, with a reason.', async () => {
    const kari = await person();
    await diagnose(kari, '2019-05-06');
    const [response] = (await responses(kari)) as unknown as readonly JsonObject[];
    const write = (change: JsonObject, principal: StaffPrincipal = coordinator) =>
      server.app.repository.commit(callerOf(principal), [
        {
          kind: 'update',
          type: 'QuestionnaireResponse',
          id: response?.['id'] as string,
          resource: { ...response, ...change },
        },
      ]);
    const because = [
      ...(response?.['extension'] as readonly JsonObject[]),
      { url: CHANGE_REASON, valueString: 'Feil person' },
    ];

    expect(await refused(write({ status: 'amended', extension: because }))).toEqual(['captured-only']);
    expect(await refused(write({ status: 'entered-in-error' }))).toEqual(['change-reason']);
    expect(
      await refused(
        write({ status: 'entered-in-error', extension: because }, { ...coordinator, role: 'LU' }),
      ),
    ).toEqual(['form-locked']);
    expect(await refused(write({ status: 'entered-in-error', extension: because }))).toEqual([]);
    await diagnose(kari, '2019-05-07');
    expect(await forms(kari)).toEqual(['Skjema base · cancelled · Feil person']);
  });

  it('withdraws what is stored, as it is: no other form in its place, no other answers, and not twice.', async () => {
    const kari = await person();
    await diagnose(kari, '2019-05-06');
    const [stored] = (await responses(kari)) as unknown as readonly JsonObject[];
    const { id, ...response } = stored ?? {};
    const withdrawn = {
      ...response,
      status: 'entered-in-error',
      item: [{ linkId: 'diagnosed', answer: [{ valueDate: '2001-01-01' }] }],
      extension: [
        ...(response['extension'] as readonly JsonObject[]),
        { url: CHANGE_REASON, valueString: 'Feil person' },
      ],
    };
    const type = 'QuestionnaireResponse';
    const commit = (operation: Operation) => server.app.repository.commit(callerOf(coordinator), [operation]);
    const update = (): Promise<unknown> =>
      commit({ kind: 'update', type, id: id as string, resource: withdrawn });

    expect(await refused(commit({ kind: 'create', type, resource: withdrawn }))).toEqual(['form-status']);
    expect(await forms(kari)).toEqual(['Skjema base · completed']);
    expect(await refused(update())).toEqual([]);
    const [after] = await responses(kari);
    expect(after).toMatchObject({ status: 'entered-in-error', item: response['item'] });
    expect(await refused(update())).toEqual(['form-status']);
  });

  it('shows staff a form that waits as one that nobody fills in, with what it waits for.', async () => {
    const kari = await person();
    await diagnose(kari, '2019-05-06');
    await send(result(kari, '2020-01-01', undefined));
    const waiting = (await find<Task>('Task', kari)).find(({ status }) => status === 'ready');
    const sources = { ...server.app.forms, newRequestId: () => 'capture' } as unknown as Sources;
    const { form, siblings } = await openFormPage(sources, coordinator, waiting?.id ?? '', undefined);

    expect(form).toMatchObject({ state: 'read-only', mayReopen: false, closed: { why: 'captured' } });
    expect(form.closed?.reason).toContain('Virusmengde');
    expect(siblings.map(({ title, waitsFor }) => [title, waitsFor])).toContainEqual([
      'Skjema result, 01.01.2020',
      form.closed?.reason,
    ]);
  });

  it('opens no pathway by hand.', async () => {
    const kari = await person();
    const byHand = server.app.repository.commit(callerOf(coordinator), [
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
    const kari = await person();
    await diagnose(kari, '2019-05-06');
    const visit = { ...condition(kari, '2020-02-03'), class: { code: 'AMB' } };
    const [stored] = await send(visit);
    const draft = (await responses(kari)).find(({ questionnaire }) => questionnaire?.includes('visit'));

    expect(draft).toMatchObject({
      status: 'in-progress',
      item: [{ linkId: 'day', answer: [{ valueDate: '2020-02-03' }] }],
    });
    const { author: _author, ...own } = draft as unknown as JsonObject;
    await server.app.repository.commit(callerOf(coordinator), [
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
    await send({ ...visit, period: { start: '2020-02-04' }, id: stored?.id ?? '' });

    expect(await forms(kari)).toEqual([
      'Skjema base · completed',
      'Skjema visit · completed · Endret i kilden: Besøksdato.',
    ]);
  });

  it('takes no visit to another department.', async () => {
    const kari = await person();
    await diagnose(kari, '2019-05-06');
    await send({
      ...condition(kari, '2020-02-03', { identifier: { system: RESH, value: '9990000' } }),
      class: { code: 'AMB' },
    });

    expect(await forms(kari)).toEqual(['Skjema base · completed']);
  });

  it('ends for life with death, and takes what was measured before it.', async () => {
    const kari = await person();
    await diagnose(kari, '2019-05-06');
    await send({
      resourceType: 'Patient',
      id: kari,
      birthDate: '1980-01-01',
      deceasedDateTime: '2026-01-02',
      identifier: [{ system: 'urn:test', value: `person-${persons}` }],
    });
    await send(result(kari, '2025-12-01', 40));

    const [pathway] = await pathways(kari);
    expect(pathway).toMatchObject({ status: 'finished', period: { end: '2026-01-02' } });
    expect(await forms(kari)).toContain('Skjema result · completed');
  });

  it('has one pathway for each examination, in whatever order they arrive and however many codes each has.', async () => {
    const ola = await person();
    await send(examination(ola, '2026-02-01T10:00:00+01:00'));
    await send(examination(ola, '2025-02-01T10:00:00+01:00'));
    await send(examination(ola, '2026-02-01T10:00:00+01:00', 'UJF35'));

    expect((await pathways(ola)).map(({ period }) => period?.start).toSorted()).toEqual([
      '2025-02-01T10:00:00+01:00',
      '2026-02-01T10:00:00+01:00',
    ]);
    await send(finding(ola, '2026-02-01', 1));
    expect((await pathways(ola)).map(({ status }) => status).toSorted()).toEqual(['active', 'finished']);
  });

  it('closes a pathway whose examination was an error, and opens one when it was none.', async () => {
    const ola = await person();
    const [stored] = await send(examination(ola, '2026-02-01'), finding(ola, '2026-02-01', 1));
    const again = { ...examination(ola, '2026-02-01'), id: stored?.id ?? '' };
    await send({ ...again, status: 'entered-in-error' });
    expect((await pathways(ola)).map(({ status }) => status)).toEqual(['entered-in-error']);

    await send(again);

    expect((await pathways(ola)).map(({ status }) => status).toSorted()).toEqual([
      'entered-in-error',
      'finished',
    ]);
  });

  it('stays with an examination of which another code stands, and closes with the last one.', async () => {
    const ola = await person();
    const at = '2026-02-01T10:00:00+01:00';
    const [first] = await send(examination(ola, at), finding(ola, '2026-02-01', 1));
    const [second] = await send(examination(ola, '2026-02-01T10:20:00+01:00', 'UJF35'));
    const error = (code: string, stored: Result | undefined): JsonObject => ({
      ...examination(ola, at, code),
      status: 'entered-in-error',
      id: stored?.id ?? '',
    });
    await send(error('UJF32', first));

    const [kept, ...others] = await pathways(ola);
    expect(others).toEqual([]);
    expect(kept).toMatchObject({
      status: 'finished',
      extension: [{ valueReference: { reference: `Procedure/${second?.id ?? ''}` } }],
    });
    expect(await forms(ola)).toEqual(['Skjema exam · completed']);

    await send(error('UJF35', second));

    expect((await pathways(ola)).map(({ status }) => status)).toEqual(['entered-in-error']);
    expect(await forms(ola)).toEqual(['Skjema exam · cancelled · Kilden er slettet eller merket som feil.']);
  });

  it('goes on with what is sent together with the error, or under another id, and not with what another department did.', async () => {
    const ola = await person();
    const number = { identifier: [{ system: 'urn:test:procedure', value: `exam-${persons}` }] };
    const [first] = await send({ ...examination(ola, '2026-02-01'), ...number });
    const wrong = { ...examination(ola, '2026-02-01'), status: 'entered-in-error', id: first?.id ?? '' };
    const right = { ...examination(ola, '2026-02-03'), ...number };
    await send(wrong, right, finding(ola, '2026-02-03', 1));
    expect((await pathways(ola)).map(({ status }) => status)).toEqual(['finished']);
    expect((await responses(ola)).map(({ item }) => item?.[0]?.answer?.[0]?.valueDate)).toEqual([
      '2026-02-03',
    ]);

    const eva = await person();
    const [own] = await send(examination(eva, '2026-02-01'));
    const elsewhere = { performer: [{ actor: { identifier: { system: RESH, value: '9990000' } } }] };
    await send({ ...examination(eva, '2026-02-01'), ...elsewhere });
    await send({ ...examination(eva, '2026-02-01'), status: 'entered-in-error', id: own?.id ?? '' });
    expect((await pathways(eva)).map(({ status }) => status)).toEqual(['entered-in-error']);
  });

  it('closes a pathway whose examination is deleted, and withdraws a form whose result is.', async () => {
    const ola = await person();
    const [exam] = await send(examination(ola, '2026-02-01'), finding(ola, '2026-02-01', 1));
    await diagnose(ola, '2019-05-06');
    const [measured] = await send(result(ola, '2020-01-01', 500));
    const remove = (type: string, stored: Result | undefined): Promise<unknown> =>
      server.app.repository.commit(callerOf(ehr), [{ kind: 'delete', type, id: stored?.id ?? '' }]);
    await remove('Procedure', exam);
    await remove('Observation', measured);
    expect(await failures()).toEqual([]);

    expect((await pathways(ola)).map(({ status }) => status).toSorted()).toEqual([
      'active',
      'entered-in-error',
    ]);
    expect(await forms(ola)).toEqual([
      'Skjema base · completed',
      'Skjema exam · cancelled · Kilden er slettet eller merket som feil.',
      'Skjema result · cancelled · Kilden er slettet eller merket som feil.',
    ]);
    expect(await facts(ola)).toEqual([]);
  });

  it('closes a pathway whose examination is deleted, also when its form has been withdrawn.', async () => {
    const ola = await person();
    const [stored] = await send(examination(ola, '2026-02-01'), finding(ola, '2026-02-01', 1));
    const [response] = (await responses(ola)) as unknown as readonly JsonObject[];
    const because = { url: CHANGE_REASON, valueString: 'Feil person' };
    await server.app.repository.commit(callerOf(coordinator), [
      {
        kind: 'update',
        type: 'QuestionnaireResponse',
        id: response?.['id'] as string,
        resource: {
          ...response,
          status: 'entered-in-error',
          extension: [...(response?.['extension'] as readonly JsonObject[]), because],
        },
      },
    ]);
    await server.app.repository.commit(callerOf(ehr), [
      { kind: 'delete', type: 'Procedure', id: stored?.id ?? '' },
    ]);
    expect(await failures()).toEqual([]);

    expect((await pathways(ola)).map(({ status }) => status)).toEqual(['entered-in-error']);
    expect(await forms(ola)).toEqual(['Skjema exam · cancelled · Feil person']);
  });

  it('opens none for an examination that names no department, and says so.', async () => {
    const ola = await person();
    const { performer: _performer, ...without } = examination(ola, '2026-02-01');
    const elsewhere = {
      ...without,
      performer: [{ actor: { identifier: { system: RESH, value: '7777777' } } }],
    };

    expect(await refused(send(without))).toEqual(['unit-required']);
    expect(await refused(send(elsewhere))).toEqual(['unknown-unit']);
    expect(await refused(send({ ...without, status: 'not-done' }))).toEqual([]);
  });

  it('takes a hundred results of a hundred persons in one message.', async () => {
    const many: string[] = [];
    for (let index = 0; index < 100; index += 1) {
      many.push(await person());
    }
    await send(...many.map((patient) => examination(patient, '2026-02-01')));
    await send(...many.map((patient, index) => finding(patient, '2026-02-01', index)));

    const states = await Promise.all(many.map(async (patient) => (await pathways(patient))[0]?.status));
    expect(new Set(states)).toEqual(new Set(['finished']));
  });
});
