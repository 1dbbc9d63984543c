/** https://hl7.org/fhir/R4/http.html#patch */
import type { JsonObject, OperationOutcome } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';

const JSON_PATCH = { 'content-type': 'application/json-patch+json' };

let server: TestApp;
let ehr: HttpClient;

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const newPatient = async (more: object = {}): Promise<string> => {
  const { body } = await ehr.post('fhir/Patient', {
    resourceType: 'Patient',
    birthDate: '2000-01-01',
    ...more,
  });
  return (body as { id: string }).id;
};
const pathPatch = (...operations: readonly (readonly object[])[]): object => ({
  resourceType: 'Parameters',
  parameter: operations.map((part) => ({ name: 'operation', part })),
});
const replace = (path: string, value: object): readonly object[] => [
  { name: 'type', valueCode: 'replace' },
  { name: 'path', valueString: path },
  { name: 'value', ...value },
];
const textOf = ({ body }: HttpAnswer): string => (body as OperationOutcome).issue[0]?.diagnostics ?? '';
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

describe('PATCH', () => {
  it('changes what a JSON Patch says, as a new version.', async () => {
    const id = await newPatient();

    const answer = await ehr.patch(
      `fhir/Patient/${id}`,
      [
        { op: 'test', path: '/birthDate', value: '2000-01-01' },
        { op: 'replace', path: '/birthDate', value: '2000-01-02' },
        { op: 'add', path: '/name', value: [{ family: 'Testesen' }] },
      ],
      JSON_PATCH,
    );

    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('W/"2"');
    expect(answer.body).toMatchObject({ id, birthDate: '2000-01-02', name: [{ family: 'Testesen' }] });
  });

  it('changes what a FHIRPath Patch says, in JSON and in XML.', async () => {
    const id = await newPatient({ name: [{ family: 'A' }, { family: 'B' }] });

    const json = await ehr.patch(
      `fhir/Patient/${id}`,
      pathPatch(replace("Patient.name.where(family = 'B').family", { valueString: 'C' })),
    );
    const xml = await ehr.send('PATCH', `fhir/Patient/${id}`, {
      headers: { 'content-type': 'application/fhir+xml' },
      body:
        '<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>' +
        '<part><name value="type"/><valueCode value="delete"/></part>' +
        '<part><name value="path"/><valueString value="Patient.name[0]"/></part></parameter></Parameters>',
    });

    expect(json.body).toMatchObject({ name: [{ family: 'A' }, { family: 'C' }] });
    expect(xml.status).toBe(200);
    expect(xml.body).toMatchObject({ name: [{ family: 'C' }] });
  });

  it('keeps the digits of decimals that it does not touch, and of those it brings.', async () => {
    const subject = { reference: `Patient/${await newPatient()}` };
    const created = await ehr.post('fhir/Observation', {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      subject,
      valueQuantity: { value: 1, unit: 'x' },
    });
    const path = `fhir/Observation/${(created.body as { id: string }).id}`;

    await ehr.send('PATCH', path, {
      headers: JSON_PATCH,
      body: '[{"op":"replace","path":"/valueQuantity/value","value":2.50}]',
    });
    await ehr.patch(path, [{ op: 'replace', path: '/status', value: 'amended' }], JSON_PATCH);
    const raw = await fetch(`${server.url}/${path}`, {
      headers: { authorization: `Bearer ${await server.token('ehr')}` },
    });

    expect(await raw.text()).toContain('"value":2.50');
  });

  it('makes no new version when nothing changes.', async () => {
    const id = await newPatient();

    const answer = await ehr.patch(`fhir/Patient/${id}`, [], JSON_PATCH);

    expect([answer.status, answer.headers.get('etag')]).toEqual([200, 'W/"1"']);
  });

  it('loses no change that others make at the same moment.', async () => {
    const id = await newPatient({ name: [{ given: ['0'] }] });
    const names = Array.from({ length: 8 }, (_, i) => `given-${i}`);

    const answers = await Promise.all(
      names.map((value) =>
        ehr.patch(`fhir/Patient/${id}`, [{ op: 'add', path: '/name/0/given/-', value }], JSON_PATCH),
      ),
    );

    const { body } = await ehr.get(`fhir/Patient/${id}`);
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200));
    expect([...(body as { name: [{ given: string[] }] }).name[0].given].sort()).toEqual(['0', ...names]);
  });

  it('finds its resource by a condition, and refuses none and many.', async () => {
    const tag = crypto.randomUUID();
    const identifier = [{ system: 'http://example.no/tag', value: tag }];
    const id = await newPatient({ identifier });
    const patch = [{ op: 'add', path: '/active', value: true }];
    const url = `fhir/Patient?identifier=http://example.no/tag|${tag}`;

    const one = await ehr.patch(url, patch, JSON_PATCH);
    const none = await ehr.patch(`${url}x`, patch, JSON_PATCH);
    await newPatient({ identifier });
    const many = await ehr.patch(url, patch, JSON_PATCH);
    const without = await ehr.patch('fhir/Patient', patch, JSON_PATCH);

    expect(one.body).toMatchObject({ id, active: true });
    expect([none.status, many.status, without.status]).toEqual([404, 412, 400]);
  });

  it.each([
    ['another version (If-Match)', 412, [], { 'if-match': 'W/"9"' }, /version 1, not 9/],
    [
      'a test that fails',
      422,
      [{ op: 'test', path: '/birthDate', value: '1999' }],
      {},
      /Operation 0 \(test \/birthDate\)/,
    ],
    ['an element that is not there', 422, [{ op: 'remove', path: '/gender' }], {}, /Operation 0 .*"gender"/],
    [
      'an index that is none',
      422,
      [
        { op: 'add', path: '/name', value: [] },
        { op: 'add', path: '/name/01', value: {} },
      ],
      {},
      /Operation 1/,
    ],
    ['no list', 400, {}, {}, /list of operations/],
    ['an unknown operation', 400, [{ op: 'merge', path: '/birthDate' }], {}, /Operation 0 \(merge/],
    ['a path that is no pointer', 400, [{ op: 'remove', path: 'birthDate' }], {}, /JSON Pointer/],
    [
      'a path into the prototype',
      400,
      [{ op: 'add', path: '/__proto__/x', value: 1 }],
      {},
      /no FHIR element/,
    ],
    ['another id', 422, [{ op: 'replace', path: '/id', value: 'x' }], {}, /may not change id/],
    ['another type', 422, [{ op: 'replace', path: '/resourceType', value: 'Person' }], {}, /resourceType/],
    [
      'another version in meta',
      422,
      [{ op: 'replace', path: '/meta/versionId', value: '7' }],
      {},
      /meta.versionId/,
    ],
    ['what is no FHIR afterwards', 400, [{ op: 'add', path: '/colour', value: 'red' }], {}, /colour/],
    [
      'a value that breaks a rule',
      400,
      [{ op: 'replace', path: '/birthDate', value: 'yesterday' }],
      {},
      /birthDate|date/,
    ],
  ])('refuses %s.', async (_what, status, patch, headers, message) => {
    const id = await newPatient();

    const answer = await ehr.patch(`fhir/Patient/${id}`, patch, { ...JSON_PATCH, ...headers });

    expect([answer.status, textOf(answer)]).toEqual([status, expect.stringMatching(message)]);
    expect((await ehr.get(`fhir/Patient/${id}`)).headers.get('etag')).toBe('W/"1"');
  });

  it.each([
    [
      'an ambiguous path',
      422,
      pathPatch(replace('Patient.name', { valueHumanName: { text: 'x' } })),
      /selects 2 elements/,
    ],
    [
      'a missing element',
      422,
      pathPatch(replace('Patient.gender', { valueCode: 'male' })),
      /no content found/,
    ],
    [
      'a value of another type',
      422,
      pathPatch(replace('Patient.birthDate', { valueBoolean: true })),
      /takes date, not boolean/,
    ],
    [
      'a path that is no FHIRPath',
      400,
      pathPatch(replace('Patient.name[', { valueString: 'x' })),
      /no FHIRPath/,
    ],
    [
      'a costly function',
      400,
      pathPatch(replace('Patient.descendants()', { valueString: 'x' })),
      /descendants/,
    ],
    ['an operation without its parts', 400, pathPatch([{ name: 'type', valueCode: 'add' }]), /needs a part/],
    ['another resource', 400, { resourceType: 'Patient' }, /Parameters/],
  ])('refuses a FHIRPath Patch with %s.', async (_what, status, patch, message) => {
    const id = await newPatient({ name: [{ family: 'A' }, { family: 'B' }] });

    const answer = await ehr.patch(`fhir/Patient/${id}`, patch);

    expect([answer.status, textOf(answer)]).toEqual([status, expect.stringMatching(message)]);
  });

  it('answers 404 for the unknown, 410 for the deleted, 415 for XML Patch, 403 without the right to update.', async () => {
    const id = await newPatient();
    const goneId = await newPatient();
    await ehr.delete(`fhir/Patient/${goneId}`);
    const reader = ehr.withToken(await server.token('ehr', 'system/*.rs'));
    const writer = ehr.withToken(await server.token('ehr', 'system/*.u'));
    const patch = [{ op: 'add', path: '/active', value: true }];

    const answers = await Promise.all([
      ehr.patch('fhir/Patient/never-was', patch, JSON_PATCH),
      ehr.patch(`fhir/Patient/${goneId}`, patch, JSON_PATCH),
      ehr.patch(`fhir/Patient/${id}`, '<diff/>', { 'content-type': 'application/xml-patch+xml' }),
      reader.patch(`fhir/Patient/${id}`, patch, JSON_PATCH),
      writer.patch(`fhir/Patient/${id}`, patch, JSON_PATCH),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([404, 410, 415, 403, 403]);
    expect(answers[2]?.headers.get('accept-patch')).toContain('application/json-patch+json');
  });

  it('stands in transactions, as Binary or Parameters, with references to other entries.', async () => {
    const id = await newPatient();
    const organization = 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0';

    const { status, body } = await ehr.post('fhir', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: organization,
          resource: { resourceType: 'Organization', name: 'Legekontoret' },
          request: { method: 'POST', url: 'Organization' },
        },
        {
          resource: {
            resourceType: 'Binary',
            contentType: 'application/json-patch+json',
            data: base64([{ op: 'add', path: '/managingOrganization', value: { reference: organization } }]),
          },
          request: { method: 'PATCH', url: `Patient/${id}`, ifMatch: 'W/"1"' },
        },
      ],
    });
    const patched = await ehr.get(`fhir/Patient/${id}`);

    expect([status, (body as { entry: { response: JsonObject }[] }).entry[1]?.response['status']]).toEqual([
      200,
      '200 OK',
    ]);
    expect(patched.body).toMatchObject({
      managingOrganization: { reference: expect.stringMatching(/^Organization\//) as string },
    });
  });

  it('fails a transaction as a whole, and an entry of a batch alone.', async () => {
    const id = await newPatient();
    const bundle = (type: string) => ({
      resourceType: 'Bundle',
      type,
      entry: [
        {
          resource: { resourceType: 'Organization', name: 'X' },
          request: { method: 'POST', url: 'Organization' },
        },
        {
          resource: pathPatch(replace('Patient.gender', { valueCode: 'male' })),
          request: { method: 'PATCH', url: `Patient/${id}` },
        },
      ],
    });

    const whole = await ehr.post('fhir', bundle('transaction'));
    const each = await ehr.post('fhir', bundle('batch'));

    expect(whole.status).toBe(422);
    expect(
      (each.body as { entry: { response: { status: string } }[] }).entry.map(
        ({ response }) => response.status,
      ),
    ).toEqual(['201 Created', '422 Unprocessable Entity']);
  });

  it('is in the audit trail as a change of that resource.', async () => {
    const id = await newPatient();
    await ehr.patch(`fhir/Patient/${id}`, [{ op: 'add', path: '/active', value: true }], JSON_PATCH);

    const rows = await server.database.db.query<{ content: string }>({
      text: "select content from audit where kind = 'patch' and entity_id = $1",
      values: [id],
    });

    expect(rows).toHaveLength(1);
    expect(JSON.parse(rows[0]?.content ?? '{}')).toMatchObject({ action: 'U', outcome: '0' });
  });
});
