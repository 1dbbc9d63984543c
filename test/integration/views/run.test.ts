/** A view over HTTP: https://sql-on-fhir.org/ig/OperationDefinition-ViewDefinitionRun.html */
import { parquetReadObjects } from 'hyparquet';
import type { HttpClient } from '../../support/http-client.ts';
import { nationalCoordinator } from '../../support/coordinator.ts';
import { b11, b12, startWalkServer, to, type WalkServer } from '../walk/walk-server.ts';

const RUN = 'fhir/ViewDefinition/$viewdefinition-run';
const OWN = 'fhir/ViewDefinition/smertereg-nrs-first/$viewdefinition-run';
const locked = { status: 'completed' } as const;

const PATIENTS = {
  resourceType: 'ViewDefinition',
  resource: 'Patient',
  select: [
    {
      column: [
        { name: 'id', path: 'getResourceKey()' },
        { name: 'birth', path: 'birthDate' },
        { name: 'family', path: 'name.family', collection: true },
        { name: 'numbers', path: 'identifier.value', collection: true },
        { name: 'street', path: 'address.line', collection: true },
        { name: 'n', path: 'name.count()' },
      ],
    },
  ],
};

const sent = (view: object, ...more: readonly object[]) => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'viewResource', resource: view }, ...more],
});

const linesOf = (body: unknown): readonly Record<string, unknown>[] =>
  String(body)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** NDJSON and CSV of one row may parse as JSON; the client then hands back what it parsed. */
const rowsOf = (body: unknown): readonly Record<string, unknown>[] =>
  typeof body === 'object' && body !== null ? [body as Record<string, unknown>] : linesOf(body ?? '');

describe('Running a view', () => {
  let server: WalkServer;
  let analytics: HttpClient;
  let national: HttpClient;
  let patient: string;
  let hidden: string;

  beforeAll(async () => {
    server = await startWalkServer();
    analytics = await server.app.client('analytics');
    national = await nationalCoordinator(server.app);
    const consenting = await server.person();
    patient = consenting.patient;
    await server.save(consenting, 'to', to.consenting, locked);
    await server.save(consenting, 'b11', b11, locked);
    await server.save(consenting, 'b12', b12('6'), locked);
    const refusing = await server.person();
    hidden = refusing.patient;
    await server.save(refusing, 'to', to.refusing, locked);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('gives the rows of a register’s view as NDJSON, CSV, JSON and Parquet.', async () => {
    const ndjson = await national.get(`${OWN}?_format=ndjson`);
    const json = await national.get(`${OWN}?_format=json`);
    const csv = await national.get(`${OWN}?_format=csv`);
    const bytes = await fetch(`${server.app.url}/${OWN}?_format=parquet`, {
      headers: { authorization: `Bearer ${await server.app.token('national')}` },
    }).then((response) => response.arrayBuffer());

    const [row] = json.body as readonly Record<string, unknown>[];
    expect([ndjson.status, json.status, csv.status]).toEqual([200, 200, 200]);
    expect(json.body).toHaveLength(1);
    expect(row).toMatchObject({ patient_id: patient, strongest_rest: 6, status: 'completed' });
    expect(rowsOf(ndjson.body)).toEqual([row]);
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(String(csv.body).split('\r\n')[0]).toBe(Object.keys(row ?? {}).join(','));
    expect(String(csv.body).split('\r\n')[1]?.split(',')[1]).toBe(patient);
    expect(await parquetReadObjects({ file: bytes })).toEqual([row]);
  });

  it.each([
    ['smertereg-forlop', [{ status: 'active' }]],
    ['smertereg-tilsyn', [{ attended: 'yes', consent: 'yes', included: 'yes' }]],
    [
      'smertereg-b11',
      [{ diagnoses: 1, opioids: 1, omeq_total: 60, analgesics_admission: 'opioids', lar: 'no' }],
    ],
    ['smertereg-opioid', [{ row: 0, opioid_form: 'oxycodone-po-mr', dose: 40, omeq: 60 }]],
    [
      'smertereg-diagnose',
      [{ row: 0, pain_category: 'acute', acute_category: 'surgery', main_diagnosis: 'yes' }],
    ],
  ])('gives the national rows that a statistician asks %s for.', async (id, expected) => {
    const { status, body } = await analytics.get(
      `fhir/ViewDefinition/${id}/$viewdefinition-run?_format=json&patient=${patient}`,
    );

    expect([status, body]).toEqual([200, expected.map((row): unknown => expect.objectContaining(row))]);
  });

  it('gives the facts of the forms as rows, each with the answers that it came from.', async () => {
    const path = 'fhir/ViewDefinition/smertereg-observasjon/$viewdefinition-run?_format=json';
    const { body } = await analytics.get(path);
    const rows = body as readonly Record<string, unknown>[];

    expect(rows.length).toBeGreaterThan(3);
    expect(rows.filter(({ response_id: response }) => response === null)).toEqual([]);
    expect(rows.filter(({ code }) => code === null)).toEqual([]);
  });

  it('gives each form to fill as a row; work to do stays with the department.', async () => {
    const run = 'fhir/ViewDefinition/smertereg-skjema/$viewdefinition-run?_format=json';
    const ehr = await server.app.client('ehr');

    expect((await analytics.get(run)).body).toEqual([]);
    expect((await ehr.get(run)).status).toBe(200);
  });

  it('shows each caller the rows of its own store.', async () => {
    const ofAnalytics = await analytics.post(`${RUN}?_format=json`, sent(PATIENTS));
    const ehr = await server.app.client('ehr');
    const ofEhr = await ehr.post(`${RUN}?_format=json`, sent(PATIENTS));

    expect(idsIn(ofAnalytics.body)).toContain(patient);
    expect(idsIn(ofAnalytics.body)).not.toContain(hidden);
    expect(idsIn(ofEhr.body)).toEqual(expect.arrayContaining([patient, hidden]));
  });

  it('shows a pseudonymised reader nothing that is hidden from it, whatever the path.', async () => {
    const rows = (await analytics.post(`${RUN}?_format=json`, sent(PATIENTS))).body as readonly Record<
      string,
      unknown
    >[];
    const mine = rows.find(({ id }) => id === patient);
    const probe = await analytics.post(
      `${RUN}?_format=json`,
      sent({
        ...PATIENTS,
        where: [{ path: "identifier.where(system = 'urn:oid:2.16.578.1.12.4.1.4.1').exists()" }],
      }),
    );

    expect(mine).toMatchObject({ family: [], street: [], n: 0 });
    expect(mine?.['birth']).toMatch(/^\d{4}$/);
    expect(JSON.stringify(rows)).not.toMatch(/(?<![0-9a-f-])\d{11}(?![0-9a-f-])/);
    expect(probe.body).toEqual([]);
  });

  it('narrows by patient, time and number of rows.', async () => {
    const about = await national.get(`${OWN}?_format=json&patient=Patient/${patient}`);
    const later = await national.get(`${OWN}?_format=json&_since=2999-01-01T00:00:00Z`);
    const few = await analytics.post(
      `${RUN}?_format=json&_limit=1`,
      sent({ resource: 'QuestionnaireResponse', select: [{ column: [{ name: 'id', path: 'id' }] }] }),
    );
    const nobody = await national.get(`${OWN}?_format=json&patient=Patient/nobody`);

    expect(about.body).toHaveLength(1);
    expect(later.body).toEqual([]);
    expect(few.body).toHaveLength(1);
    expect(nobody.status).toBe(404);
  });

  it('narrows by the members of a group.', async () => {
    const ehr = await server.app.client('ehr');
    const group = await ehr.post('fhir/Group', {
      resourceType: 'Group',
      type: 'person',
      actual: true,
      member: [
        { entity: { reference: `Patient/${patient}` } },
        { entity: { reference: `Patient/${hidden}` }, inactive: true },
      ],
    });
    const { id } = group.body as { readonly id: string };
    const answer = await ehr.post(`${RUN}?_format=json&group=Group/${id}`, sent(PATIENTS));
    const unknown = await ehr.post(`${RUN}?_format=json&group=Group/none`, sent(PATIENTS));

    expect([group.status, answer.status, unknown.status]).toEqual([201, 200, 404]);
    expect(idsIn(answer.body)).toEqual([patient]);
  });

  it('runs over resources that are sent, and writes CSV that a spreadsheet cannot calculate when asked to.', async () => {
    const resource = {
      resourceType: 'Patient',
      id: 'p1',
      name: [{ family: '=1+1', given: ['a"b', ''] }, { family: 'x\r\ny' }],
    };
    const view = {
      resource: 'Patient',
      select: [{ forEach: 'name', column: [{ name: 'family', path: 'family' }] }],
    };
    const run = (more: string) =>
      analytics.post(`${RUN}?_format=csv${more}`, sent(view, { name: 'resource', resource }));

    expect((await run('')).body).toBe('family\r\n=1+1\r\n"x\r\ny"\r\n');
    expect((await run('&escapeFormulas=true&header=false')).body).toBe('\'=1+1\r\n"x\r\ny"\r\n');
  });

  it.each([
    ['no view', 400, `${RUN}?_format=json`, 'viewReference'],
    ['no format', 400, OWN, '_format'],
    ['a format that there is not', 400, `${OWN}?_format=xml`, '_format'],
    ['another source', 400, `${OWN}?_format=json&source=s3`, 'source'],
    ['a limit of nothing', 400, `${OWN}?_format=json&_limit=0`, '_limit'],
    ['a view that there is not', 404, 'fhir/ViewDefinition/none/$viewdefinition-run?_format=json', undefined],
    [
      'a canonical that there is not',
      404,
      `${RUN}?_format=json&viewReference=https://ryggrad.no/fhir/ViewDefinition/x`,
      undefined,
    ],
  ])('refuses %s.', async (_name, status, path, expression) => {
    const answer = await national.get(path);

    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome' });
    const [issue] = (answer.body as { issue: { expression?: string[] }[] }).issue;
    expect(issue?.expression?.[0]).toBe(expression);
  });

  it.each([
    ['a path that is none', { path: '@@' }, /no FHIRPath/],
    ['a function that there is not', { path: 'name.frobnicate()' }, /frobnicate/],
    ['several values where one is needed', { path: 'name.family' }, /several values.*: one of c/],
    ['a type that the path has not', { path: 'name.exists()', type: 'integer' }, /no integer/],
  ])('refuses a view with %s, naming its place.', async (_name, column, reason) => {
    const resource = { resourceType: 'Patient', id: 'p1', name: [{ family: 'a' }, { family: 'b' }] };
    const answer = await national.post(
      `${RUN}?_format=json`,
      sent(
        { resource: 'Patient', select: [{ column: [{ name: 'c', ...column }] }] },
        { name: 'resource', resource },
      ),
    );

    expect([answer.status, JSON.stringify(answer.body)]).toEqual([422, expect.stringMatching(reason)]);
  });

  it('is for those who may export, and leaves a trace.', async () => {
    const staff = await server.app.client('staff');
    const refused = await staff.get(`${OWN}?_format=json`);
    const [trace] = await server.app.database.db.query<{ n: number }>({
      text: `select count(*)::int as n from audit where kind = '$viewdefinition-run' and outcome = 200`,
    });

    expect(refused.status).toBe(403);
    expect(trace?.n).toBeGreaterThan(3);
  });
});

const idsIn = (body: unknown): readonly unknown[] =>
  (body as readonly { readonly id: string }[]).map(({ id }) => id);
