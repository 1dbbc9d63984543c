/** https://hl7.org/fhir/uv/bulkdata/export.html */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expireExports } from '../../../src/operations/export/expire.ts';
import { runExport } from '../../../src/operations/export/run.ts';
import { Repository } from '../../../src/repository/repository.ts';
import { saveClient } from '../../../src/smart/clients.ts';
import { makeKey, publicJwk } from '../../../src/smart/signing-keys.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { nationalCoordinator } from '../../support/coordinator.ts';
import { type HttpClient, httpClient } from '../../support/http-client.ts';
import { as, ehrOf, put } from '../../support/repository.ts';
import { requestToken } from '../smart/client-assertions.ts';
import { ASYNC, exportAll, exportDeps, kickOff, linesOf, type Manifest } from './exports.ts';

describe('A bulk export', () => {
  let server: TestApp;
  let ehr: HttpClient;
  let analytics: HttpClient;

  beforeAll(async () => {
    server = await startTestApp();
    ehr = await server.client('ehr');
    analytics = await server.client('analytics');
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const observation = (id: string, parts: object = {}) => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'vekt' },
    ...parts,
  });
  const store = async (id: string, parts: object = {}): Promise<void> => {
    expect((await ehr.put(`fhir/Observation/${id}`, observation(id, parts))).status).toBe(201);
  };
  const exportFolder = (): string => join(server.config.dataDir, 'exports');

  async function otherEhr(): Promise<HttpClient> {
    const id = `ehr-${randomUUID()}`;
    const key = await makeKey('ES384', id);
    await saveClient(server.database.db.pool, {
      id,
      name: 'En annen journal',
      kind: 'ehr',
      scopes: ['system/*.cruds'],
      units: [`unit-${id}`],
      registers: [],
      jwks: { keys: [publicJwk(key)] },
      jwksUri: undefined,
    });
    const { body } = await requestToken(server.url, id, key, 'system/*.cruds');
    return httpClient(server.url, String(body.access_token));
  }

  it('goes from kick-off over progress to a manifest and its files (BK-01, BK-02, BK-03).', async () => {
    await store('walk-1');
    const kicked = await kickOff(ehr, '?_type=Observation');
    const status = kicked.headers.get('content-location') ?? '';
    const waiting = await ehr.get(status);
    await server.app.jobs.runOnce();
    const done = await ehr.get(status);
    const manifest = done.body as Manifest;
    const file = await ehr.get(manifest.output[0]?.url ?? '');

    expect(kicked.status).toBe(202);
    expect(status).toMatch(new RegExp(`^${server.url}/fhir/`));
    expect(waiting.status).toBe(202);
    expect(waiting.headers.get('x-progress')?.length).toBeLessThan(100);
    expect(waiting.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(done.headers.get('content-type')).toMatch(/^application\/json/);
    expect(Date.parse(done.headers.get('expires') ?? '')).toBeGreaterThan(Date.now());
    expect(manifest).toEqual({
      transactionTime: expect.any(String),
      request: `${server.url}/fhir/$export?_type=Observation`,
      requiresAccessToken: true,
      output: [
        {
          type: 'Observation',
          url: expect.stringContaining(`${server.url}/fhir/`),
          count: expect.any(Number),
        },
      ],
      deleted: [],
      error: [],
    });
    expect(file.headers.get('content-type')).toMatch(/^application\/fhir\+ndjson/);
    expect(linesOf(String(file.body))).toHaveLength(manifest.output[0]?.count ?? -1);
    expect(String(file.body)).toContain('"walk-1"');
  });

  it('gives files compressed where the client reads that (BK-06).', async () => {
    const { manifest } = await exportAll(server, ehr, '?_type=Observation');
    const token = await server.token('ehr');
    const fetchFile = (encoding: string) =>
      fetch(manifest.output[0]?.url ?? '', {
        headers: { authorization: `Bearer ${token}`, 'accept-encoding': encoding },
      });

    const [zipped, plain] = await Promise.all([fetchFile('gzip'), fetchFile('identity')]);

    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await zipped.text()).toBe(await plain.text());
  });

  it('keeps the digits of decimals (LM-02).', async () => {
    await ehr.send('PUT', 'fhir/Observation/digits', {
      body: '{"resourceType":"Observation","id":"digits","status":"final","code":{"text":"vekt"},"valueQuantity":{"value":68.50}}',
      headers: { 'content-type': 'application/fhir+json' },
    });

    const { files } = await exportAll(server, ehr, '?_type=Observation');

    expect(files['Observation']).toContain('"value":68.50');
  });

  it('belongs to the client that asked: others’ answer like one that never was (BK-06).', async () => {
    const { manifest, status } = await exportAll(server, ehr, '?_type=Observation');
    const never = status.replace(/[^/]+$/, 'never-was');
    for (const [method, address] of [
      ['GET', status],
      ['DELETE', status],
      ['GET', manifest.output[0]?.url ?? ''],
    ] as const) {
      const other = await analytics.send(method, address);

      expect(other.status).toBe(404);
    }
    const hidden = await analytics.get(status);
    const unknown = await analytics.get(never);
    const id = status.split('/').at(-1) ?? '';
    expect(JSON.stringify(hidden.body).replaceAll(id, 'never-was')).toBe(JSON.stringify(unknown.body));
    expect((await ehr.get(status)).status).toBe(200);
  });

  it('is gone with its files when its client deletes it (BK-07).', async () => {
    const { manifest, status } = await exportAll(server, ehr, '?_type=Observation');
    const id = status.split('/').at(-1) ?? '';
    const before = await readdir(exportFolder());

    const deleted = await ehr.delete(status);

    expect(before).toContain(id);
    expect(deleted.status).toBe(202);
    expect((await ehr.get(status)).status).toBe(404);
    expect((await ehr.get(manifest.output[0]?.url ?? '')).status).toBe(404);
    expect((await ehr.delete(status)).status).toBe(404);
    expect(await readdir(exportFolder())).not.toContain(id);
  });

  it('is not run when it was deleted before.', async () => {
    const status = (await kickOff(ehr)).headers.get('content-location') ?? '';
    await ehr.delete(status);

    expect(await server.app.jobs.runOnce()).toEqual([]);
    expect((await ehr.get(status)).status).toBe(404);
  });

  it('is one at a time for a client, also of those asked for at once (BK-01).', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => kickOff(ehr)));
    const others = await kickOff(analytics);
    const refused = answers.filter(({ status }) => status === 429);
    await server.app.jobs.runOnce();
    const next = await kickOff(ehr);
    await server.app.jobs.runOnce();

    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(refused).toHaveLength(7);
    expect(refused.every(({ headers }) => /^\d+$/.test(headers.get('retry-after') ?? ''))).toBe(true);
    expect([others.status, next.status]).toEqual([202, 202]);
  });

  it.each([
    ['an unknown parameter', '?_sort=id', 'export-parameter'],
    ['associated data', '?includeAssociatedData=LatestProvenanceResources', 'export-parameter'],
    ['an organisation of its output', '?organizeOutputBy=Patient', 'export-parameter'],
    ['partial manifests', '?allowPartialManifests=true', 'export-parameter'],
    ['a filter that is no search', '?_typeFilter=Patient', 'export-type-filter'],
    ['a filter of no type', '?_typeFilter=Unicorn%3Fgender%3Dmale', 'export-type-filter'],
    [
      'a filter of a type that is not asked for',
      '?_type=Patient&_typeFilter=Observation%3Fstatus%3Dfinal',
      'export-type-filter',
    ],
    ['a filter that sorts', '?_typeFilter=Patient%3Fgender%3Dmale%26_sort%3Dname', 'export-type-filter'],
    ['a filter that includes', '?_typeFilter=Patient%3F_include%3DPatient%3Alink', 'export-type-filter'],
    ['elements below the top', '?_elements=name.family', 'export-elements'],
    ['persons in an address', '?patient=Patient/1', 'export-patient'],
    ['the audit trail', '?_type=AuditEvent', 'export-type'],
    ['raw documents (BK-08)', '?_type=Binary', 'export-type'],
    ['a day instead of an instant', '?_since=2026-11-20', '_since'],
    ['another format', '?_outputFormat=text/csv', 'export-format'],
    ['a type that is none', '?_type=Patient,Unicorn', 'export-type'],
    ['a time that is none', '?_since=yesterday', '_since'],
    ['an end that is none', '?_until=2026-13-01', '_until'],
  ])('is refused with %s.', async (_what, query, rule) => {
    const answer = await kickOff(ehr, query);

    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(`"code":"${rule}"`);
  });

  it('is asynchronous, and says so to who does not ask for that.', async () => {
    const answer = await ehr.get('fhir/$export');

    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain('respond-async');
  });

  it('accepts the names of its format, and types repeated or in one list (BK-04).', async () => {
    const query = '?_outputFormat=application/fhir%2Bndjson&_type=Observation,Patient&_type=Patient';

    const { manifest } = await exportAll(server, ehr, query);

    expect(manifest.output.map(({ type }) => type)).toEqual(['Observation']);
    for (const format of ['application/ndjson', 'ndjson', 'application/fhir+ndjson']) {
      const { status } = await exportAll(server, ehr, `?_outputFormat=${format}&_type=Observation`);
      await ehr.delete(status);
    }
  });

  it('is for those who may have a whole store (BK-01, CO-02).', async () => {
    const coordinator = await server.client('staff');
    const national = await nationalCoordinator(server);
    const narrow = httpClient(server.url, await server.token('ehr', 'system/Observation.rs'));
    const readOnly = httpClient(server.url, await server.token('ehr', 'system/Observation.r'));

    const answers = [
      await httpClient(server.url).get('fhir/$export', ASYNC),
      await kickOff(coordinator),
      await kickOff(narrow),
      await kickOff(narrow, '?_type=Observation,Patient'),
      await kickOff(readOnly, '?_type=Observation'),
      await kickOff(narrow, '?_type=Observation'),
      await kickOff(national),
    ];
    await server.app.jobs.runOnce();

    expect(answers.map(({ status }) => status)).toEqual([401, 403, 403, 403, 403, 202, 202]);
    expect(JSON.stringify(answers[1]?.body)).toContain('"code":"role"');
    expect(JSON.stringify(answers[2]?.body)).toContain('"code":"scope"');
  });

  it('holds of an EHR what is its own, and nothing of another’s (CO-04).', async () => {
    await store('own-data');
    const other = await otherEhr();

    const own = await exportAll(server, ehr);
    const foreign = await exportAll(server, other);

    expect(own.names).toContain('Observation/own-data');
    expect(
      foreign.names.filter((name) => !/^(Organization|Practitioner|PractitionerRole|Basic)\//.test(name)),
    ).toEqual([]);
  });

  it('leaves out what is deleted, and takes the newest version alone (BK-06).', async () => {
    await store('gone');
    await store('twice');
    await ehr.put('fhir/Observation/twice', observation('twice', { status: 'amended' }));
    await ehr.delete('fhir/Observation/gone');

    const { files, names } = await exportAll(server, ehr, '?_type=Observation');

    expect(names).not.toContain('Observation/gone');
    expect(names.filter((name) => name === 'Observation/twice')).toHaveLength(1);
    expect(linesOf(files['Observation'] ?? '').find((line) => line.includes('"twice"'))).toContain('amended');
  });

  it('takes what is new since the one before (BK-03).', async () => {
    await store('before');
    const first = await exportAll(server, ehr, '?_type=Observation');
    await store('after');

    const since = await exportAll(server, ehr, `?_type=Observation&_since=${first.manifest.transactionTime}`);
    const until = await exportAll(server, ehr, `?_type=Observation&_until=${first.manifest.transactionTime}`);

    expect(first.names).toContain('Observation/before');
    expect(since.names).toContain('Observation/after');
    expect(since.names).not.toContain('Observation/before');
    expect(until.names).toContain('Observation/before');
    expect(until.names).not.toContain('Observation/after');
  });

  it('loses nothing that is being written while it runs (BK-03).', async () => {
    const begun = Promise.withResolvers<undefined>();
    const release = Promise.withResolvers<undefined>();
    const slow = new Repository({
      ...server.app.repository.deps,
      rules: [
        {
          name: 'wait',
          async apply() {
            begun.resolve(undefined);
            await release.promise;
            return [];
          },
        },
      ],
    });
    const writing = slow.commit(as(ehrOf('demo-hf')), [put(observation('slow'))]);
    await begun.promise;
    await store('meanwhile');

    const first = await exportAll(server, ehr, '?_type=Observation');
    release.resolve(undefined);
    const [written] = await writing;
    const second = await exportAll(
      server,
      ehr,
      `?_type=Observation&_since=${first.manifest.transactionTime}`,
    );

    expect(first.names).not.toContain('Observation/slow');
    expect(Date.parse(first.manifest.transactionTime)).toBeLessThan(Date.parse(written?.lastUpdated ?? ''));
    expect(second.names).toEqual(expect.arrayContaining(['Observation/slow', 'Observation/meanwhile']));
  });

  it('is not held back by another export that only reads.', async () => {
    await store('quick');
    const reading = server.app.repository.deps.store
      .as(EVERYTHING)
      .stream({ text: 'select content from resource where content is not null', values: [] })
      [Symbol.asyncIterator]();
    await reading.next();
    await store('later');

    const { names } = await exportAll(server, ehr, '?_type=Observation').finally(() => reading.return?.());

    expect(names).toEqual(expect.arrayContaining(['Observation/quick', 'Observation/later']));
  });

  it('is on record: who asked, what was fetched (BK-10).', async () => {
    const { manifest } = await exportAll(server, ehr, '?_type=Observation');
    const kinds = await server.database.db.query<{ kind: string; agent: string; outcome: number }>({
      text: `select distinct kind, agent, outcome from audit where kind like '$export%' and agent = 'client:ehr-demo'`,
    });

    expect(manifest.output).toHaveLength(1);
    expect(kinds).toEqual(
      expect.arrayContaining([
        { kind: '$export', agent: 'client:ehr-demo', outcome: 202 },
        { kind: '$export-file', agent: 'client:ehr-demo', outcome: 200 },
      ]),
    );
  });

  it('that fails says so, can be deleted, and stands in nobody’s way (BK-02).', async () => {
    const status = (await kickOff(ehr)).headers.get('content-location') ?? '';
    const id = status.split('/').at(-1) ?? '';
    const deps = { ...exportDeps(server), folder: '/dev/null/exports' };

    await expect(runExport(deps, { id })).rejects.toThrow();
    const failed = await ehr.get(status);
    const next = await kickOff(ehr);
    await ehr.delete(status);

    expect(failed.status).toBe(500);
    expect(failed.body).toMatchObject({ resourceType: 'OperationOutcome' });
    expect(next.status).toBe(202);
    expect(await server.app.jobs.runOnce()).toEqual([]);
    expect((await ehr.get(next.headers.get('content-location') ?? '')).status).toBe(200);
  });

  it('has nothing to expire where nothing was exported.', async () => {
    const { repository } = server.app;
    const deps = {
      db: server.database.db,
      repository,
      clock: repository.deps.clock,
      folder: '/no/such/folder',
    };
    const later = { ...deps, clock: { now: () => new Date(0) } };

    await expect(expireExports(later)).resolves.toBeUndefined();
    await expect(expireExports({ ...later, folder: '/dev/null/x' })).rejects.toThrow('ENOTDIR');
  });

  it('expires: the hourly job erases row and files, and folders of none (BK-07).', async () => {
    const kept = await exportAll(server, ehr, '?_type=Observation');
    const expired = await exportAll(server, ehr, '?_type=Observation');
    const [keptId, expiredId] = [kept, expired].map(({ status }) => status.split('/').at(-1) ?? '');
    await mkdir(join(exportFolder(), 'left-behind'));
    await server.database.db.query({
      text: `update export_job set expires = now() - interval '1 minute' where id = $1`,
      values: [expiredId],
    });

    await server.database.db.query({ text: `select graphile_worker.add_job('tidy')` });
    const failures = await server.app.jobs.runOnce();

    expect(failures).toEqual([]);
    expect((await ehr.get(expired.status)).status).toBe(404);
    expect((await ehr.get(kept.status)).status).toBe(200);
    const folders = await readdir(exportFolder());
    expect(folders).toContain(keptId);
    expect(folders).not.toContain(expiredId);
    expect(folders).not.toContain('left-behind');
  });
});
