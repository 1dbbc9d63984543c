/** Fetching from the simulated hospital: pages, pathways, an outage in the middle, what is newer, older and taken out. */
import { USUAL_DAY } from '../../../demo/hospital/day/day.ts';
import type { Encounter, Resource, ServiceRequest } from '../../../src/fhir/types.ts';
import { replay } from '../../../src/operations/inbox/replay.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { type PulledHospital, startPulledHospital } from './pull-hospital.ts';

const PATIENTS = 60;

const rows = <T extends object>(app: TestApp, text: string): Promise<readonly T[]> =>
  app.database.app.as(EVERYTHING).query<T>({ text });

const numberOf = async (app: TestApp, text: string): Promise<number> =>
  Number((await rows<{ n: string }>(app, `select count(*) as n from ${text}`))[0]?.n);

/** Stored versions, messages, kept texts: what another run must not add to. */
const stored = (app: TestApp) =>
  Promise.all([numberOf(app, 'resource'), numberOf(app, 'inbox'), numberOf(app, 'history')]);

const statusOf = async (app: TestApp, { url }: PulledHospital, address: string): Promise<unknown> => {
  const { body } = await (
    await app.client('ehr')
  ).get(`fhir/${address.split('/')[0]}?identifier=urn:ietf:rfc:3986|${url}/fhir/${address}`);
  const { entry = [] } = body as { entry?: readonly { resource: { status?: string } }[] };
  return entry.map(({ resource }) => resource.status);
};

/** The search for what opens pathways, of whomever. */
const isOpening = (request: string): boolean =>
  request.includes('/fhir/ServiceRequest?code') && !request.includes('patient=');

const referrals = ({ record }: PulledHospital): readonly ServiceRequest[] =>
  (record.all('ServiceRequest') as readonly ServiceRequest[]).filter(
    ({ code, status }) =>
      status === 'active' && code?.coding?.some((one) => one.code === 'tilsyn-smerteteam') === true,
  );

describe('Fetching from an EHR', () => {
  let ehr: PulledHospital;
  let app: TestApp;

  beforeAll(async () => {
    ehr = await startPulledHospital(PATIENTS);
    ehr.at('12:00:00');
    app = await startTestApp({ EHRS_FILE: ehr.ehrsFile, RATE_LIMITS: 'off' });
  });

  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await ehr[Symbol.asyncDispose]();
  });

  const pull = (asked: object = { changes: true }) => app.app.pulling.pull('fjord', { now: true, ...asked });

  it('goes on after an outage where it was, and has then fetched everything.', async () => {
    let count = 0;
    ehr.fault = (request, response) => {
      count += /\/fhir\/[A-Z]/.test(request.url ?? '') ? 1 : 0;
      const isOut = count > 12;
      if (isOut) {
        response.writeHead(503, { 'retry-after': '120' }).end('p1 Prøve Prøvesen');
      }
      return isOut;
    };
    const first = await pull();
    const [state] = await app.app.pulling.standings();
    ehr.fault = () => false;
    const before = ehr.requests.length;

    const early = await app.app.pulling.pull('fjord', {});
    const second = await pull({});

    expect(first).toEqual({ kind: 'away', failure: 'unavailable' });
    expect(state).toMatchObject({ failure: 'unavailable', failures: 1 });
    expect(Date.parse(state?.notBefore ?? '') - Date.parse(state?.failedAt ?? '')).toBe(120_000);
    expect((state?.persons ?? 0) + (state?.queries ?? 0)).toBeGreaterThan(0);
    expect(early?.kind).toBe('waiting');
    expect(second?.kind).toBe('done');
    expect(ehr.requests.slice(before).some((one) => isOpening(one))).toBe(false);
    expect(await app.app.pulling.standings()).toMatchObject([
      { failure: null, persons: 0, queries: 0, problems: [] },
    ]);
  });

  it('opens a pathway for each referral, and brings what the register needs about the person.', async () => {
    const active = referrals(ehr);

    const pathways = await numberOf(app, `pathway_list where reg = 'smertereg' and active`);
    const refused = await rows(app, `select issues from inbox where outcome = 'refused'`);

    expect(active.length).toBeGreaterThan(2);
    expect(refused).toEqual([]);
    expect(pathways).toBe(active.length);
    expect(await numberOf(app, `pull_known where type = 'MedicationStatement'`)).toBeGreaterThan(2);
    expect(await numberOf(app, `pull_known where type = 'Condition'`)).toBeGreaterThan(2);
  });

  it('stores nothing about persons without a pathway, and has no national number in an address.', async () => {
    const persons = new Set(referrals(ehr).map(({ subject }) => subject.reference?.split('/')[1]));

    const known = await rows<{ person: string }>(app, 'select distinct person from pull_known');

    expect(known.map(({ person }) => person).filter((person) => !persons.has(person))).toEqual([]);
    expect(ehr.requests.filter((one) => /\d{11}/.test(one))).toEqual([]);
  });

  it('changes nothing when nothing has changed (IR-03).', async () => {
    const before = await stored(app);

    const again = await pull();

    expect(again).toEqual({ kind: 'done', counts: { taken: 0, removed: 0, refused: 0 } });
    expect(await stored(app)).toEqual(before);
  });

  it('takes what is newer, with a token that it must renew.', async () => {
    ehr.expireTokens();
    ehr.at('23:59:59');

    const later = await pull({ changes: true, since: new Date(`${USUAL_DAY}T00:00:00Z`) });

    expect(later).toMatchObject({ kind: 'done', counts: { refused: 0 } });
    expect((later as { counts: { taken: number } }).counts.taken).toBeGreaterThan(0);
    expect(await numberOf(app, `pathway_list where reg = 'smertereg'`)).toBe(referrals(ehr).length);
    expect(ehr.requests.filter((one) => one === 'POST /token').length).toBe(2);
  });

  it('takes nothing that is older than what is here (IR-05).', async () => {
    const ended = `select k.id from pull_known k where k.type = 'Encounter' order by k.id`;
    const known = new Set((await rows<{ id: string }>(app, ended)).map(({ id }) => id));
    const finished = (ehr.record.all('Encounter') as readonly Encounter[]).filter(
      ({ id, status }) => status === 'finished' && known.has(id ?? ''),
    );
    ehr.at('12:00:00');
    const changed = finished.filter(
      ({ id }) => (ehr.record.read('Encounter', id ?? '') as Encounter | undefined)?.status === 'in-progress',
    );
    const address = `Encounter/${changed[0]?.id ?? ''}`;
    const before = await statusOf(app, ehr, address);

    await pull();
    const late = await numberOf(app, `inbox where late > 0 and door = 'pull'`);
    const after = await statusOf(app, ehr, address);
    ehr.at('23:59:59');
    await pull();

    expect(before).toEqual(['finished']);
    expect(late).toBeGreaterThan(0);
    expect(after).toEqual(['finished']);
  });

  it('takes out what the EHR has taken out.', async () => {
    const [first] = await rows<{ id: string }>(
      app,
      `select id from pull_known where type = 'MedicationStatement' order by id`,
    );
    const address = `MedicationStatement/${first?.id ?? ''}`;
    const { record } = ehr;
    const before = await statusOf(app, ehr, address);
    ehr.record = {
      ...record,
      read: (type, id) => (`${type}/${id}` === address ? undefined : record.read(type, id)),
      isGone: (type, id) => `${type}/${id}` === address || record.isGone(type, id),
      all: (type) => record.all(type).filter(({ id }) => `${type}/${id ?? ''}` !== address),
    };

    const result = await pull();
    ehr.record = record;

    expect(before).toHaveLength(1);
    expect(result).toMatchObject({ kind: 'done', counts: { removed: 1 } });
    expect(await statusOf(app, ehr, address)).toEqual([]);
  });

  it('leaves a query that the EHR does not allow, says so, and asks the others.', async () => {
    ehr.fault = (request, response) => {
      const isRefused = /\/fhir\/Condition\?/.test(request.url ?? '');
      if (isRefused) {
        response.writeHead(403).end('{}');
      }
      return isRefused;
    };

    const result = await pull();
    ehr.fault = () => false;
    const [state] = await app.app.pulling.standings();

    expect(result?.kind).toBe('done');
    expect(state?.problems.map(({ problem }) => problem)).toEqual(['status 403']);
    expect(state?.problems[0]?.query).toMatch(/^follow:Condition\?/);
  });

  it('follows no page outside the EHR’s base.', async () => {
    const asked: string[] = [];
    ehr.fault = (request, response) => {
      const isSearch = isOpening(request.url ?? '');
      if (isSearch) {
        const link = [{ relation: 'next', url: `${ehr.url}/elsewhere?page=2` }];
        response
          .writeHead(200, { 'content-type': 'application/fhir+json' })
          .end(JSON.stringify({ resourceType: 'Bundle', type: 'searchset', link }));
      }
      asked.push(request.url ?? '');
      return isSearch;
    };

    await pull();
    ehr.fault = () => false;
    const [state] = await app.app.pulling.standings();

    expect(asked.filter((url) => url.includes('elsewhere'))).toEqual([]);
    expect(state?.problems.map(({ problem }) => problem)).toContain('next-outside');
  });
});

describe('Fetching what is not as it should be', () => {
  let ehr: PulledHospital;
  let app: TestApp;

  beforeAll(async () => {
    ehr = await startPulledHospital(30, { scopes: ['system/ServiceRequest.rs', 'system/Patient.rs'] });
    app = await startTestApp({ EHRS_FILE: ehr.ehrsFile, RATE_LIMITS: 'off' });
  });

  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await ehr[Symbol.asyncDispose]();
  });

  const pull = (asked: object = { changes: true }) => app.app.pulling.pull('fjord', { now: true, ...asked });

  it('says that a token is refused in our words, and keeps nothing of the EHR’s.', async () => {
    ehr.fault = (request, response) => {
      const isToken = request.url === '/token';
      if (isToken) {
        response.writeHead(400).end('{"error":"invalid_client","error_description":"Prøve Prøvesen"}');
      }
      return isToken;
    };

    const result = await pull();
    ehr.fault = () => false;

    expect(result).toEqual({ kind: 'away', failure: 'token-refused' });
    expect(JSON.stringify(await rows(app, 'select * from pull_state'))).not.toContain('Prøve');
  });

  it('keeps back what is refused alone, takes the others, and it too when it has been mended there.', async () => {
    const [first, second] = referrals(ehr);
    const { record } = ehr;
    const broken = (one: Resource): Resource =>
      one.id === first?.id ? ({ ...one, priority: 'snarest' } as unknown as Resource) : one;
    ehr.record = { ...record, all: (type) => record.all(type).map(broken) };

    const result = await pull();
    const refused = await app.app.received.inbox.list({ outcome: 'refused', limit: 10 });
    ehr.record = record;
    const replayed = await replay(app.app.received, refused[0]?.id ?? '', 'operator');
    const mended = await pull({ changes: true, since: new Date(`${USUAL_DAY}T00:00:00Z`) });

    expect(result).toMatchObject({ kind: 'done', counts: { refused: 1 } });
    expect(refused).toMatchObject([{ door: 'pull', source: 'client:hospital-journal', isKept: true }]);
    expect(await statusOf(app, ehr, `ServiceRequest/${second?.id ?? ''}`)).toEqual(['active']);
    expect(replayed?.outcome).toBe('refused');
    expect(mended).toMatchObject({ kind: 'done', counts: { refused: 0 } });
    expect(await statusOf(app, ehr, `ServiceRequest/${first?.id ?? ''}`)).toEqual(['active']);
  });

  it('fetches what its scopes let through, and names the queries that they do not.', async () => {
    const [state] = await app.app.pulling.standings();

    expect(await numberOf(app, `pathway_list where reg = 'smertereg'`)).toBe(referrals(ehr).length);
    expect(state?.problems.map(({ query }) => query.split('?')[0])).toEqual([
      ...['follow:Condition', 'follow:Encounter', 'follow:MedicationStatement', 'follow:Procedure'],
    ]);
    expect(new Set(state?.problems.map(({ problem }) => problem))).toEqual(new Set(['status 403']));
  });

  it('fetches everything about one person when it is told to, and nothing twice at a time.', async () => {
    const [known] = await rows<{ patient: string }>(
      app,
      `select patient from pull_known where type = 'Patient'`,
    );
    const before = ehr.requests.length;

    const both = await Promise.all([pull({ patient: known?.patient }), pull({ patient: known?.patient })]);

    expect(both.map((one) => one?.kind).sort()).toEqual(['busy', 'done']);
    expect(ehr.requests.slice(before).filter((one) => one.includes('_lastUpdated'))).toEqual([]);
    expect(await app.app.pulling.standings()).toMatchObject([{ persons: 0 }]);
  });
});
