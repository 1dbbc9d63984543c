/** https://hl7.org/fhir/uv/bulkdata/export.html: levels, filters, deletions, and what befalls a running export. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { runExport } from '../../../src/operations/export/run.ts';
import { inSnapshot } from '../../../src/storage/snapshot.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';
import { ASYNC, exportAll, exportDeps, finish, kickOff, linesOf, type Manifest } from './exports.ts';

describe('A bulk export', () => {
  let server: TestApp;
  let ehr: HttpClient;

  beforeAll(async () => {
    server = await startTestApp();
    ehr = await server.client('ehr');
    for (const id of ['ada', 'bo', 'ceci']) {
      await put(`Patient/${id}`, { gender: id === 'bo' ? 'male' : 'female', name: [{ family: id }] });
      await put(`Observation/${id}-final`, { ...weight(id), status: 'final' });
      await put(`Observation/${id}-draft`, { ...weight(id), status: 'preliminary' });
    }
    await put('Group/two', {
      type: 'person',
      actual: true,
      member: ['ada', 'bo'].map((id) => ({ entity: { reference: `Patient/${id}` } })),
    });
    await put('Group/described', { type: 'person', actual: false });
    await put('Provenance/of-ada', {
      target: [{ reference: 'Observation/ada-final' }],
      recorded: '2026-01-01T12:00:00Z',
      agent: [{ who: { display: 'Journal' } }],
    });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const weight = (id: string) => ({ code: { text: 'vekt' }, subject: { reference: `Patient/${id}` } });
  const put = async (key: string, parts: object): Promise<void> => {
    const [resourceType, id] = key.split('/');
    const answer = await ehr.put(`fhir/${key}`, { resourceType, id, ...parts });
    expect([answer.status, key]).toEqual([answer.status < 300 ? answer.status : 201, key]);
  };
  const post = (path: string, parameter: readonly object[] = []): Promise<HttpAnswer> =>
    ehr.post(`fhir/${path}`, { resourceType: 'Parameters', parameter }, ASYNC);
  const clinical = (names: readonly string[]): readonly string[] =>
    names.filter((name) => /^(Patient|Observation|Provenance\/of)/.test(name)).toSorted();
  const record = (...ids: readonly string[]): readonly string[] =>
    ids
      .flatMap((id) => [`Patient/${id}`, `Observation/${id}-draft`, `Observation/${id}-final`])
      .concat(ids.includes('ada') ? ['Provenance/of-ada'] : [])
      .toSorted();

  it('starts by GET and by POST, on the system, on all persons and on a group (BK-01).', async () => {
    const starts = [
      () => post('$export', [{ name: '_type', valueString: 'Patient,Observation' }]),
      () => kickOff(ehr, 'Patient/$export'),
      () => post('Patient/$export'),
      () => kickOff(ehr, 'Group/two/$export'),
      () => post('Group/two/$export'),
    ];
    const found = [];
    for (const start of starts) {
      found.push(clinical((await finish(server, ehr, await start())).names));
    }

    const everybody = record('ada', 'bo', 'ceci');
    expect(found).toEqual([
      everybody.filter((name) => !name.startsWith('Provenance')),
      everybody,
      everybody,
      record('ada', 'bo'),
      record('ada', 'bo'),
    ]);
  });

  it('of persons holds what is in their records and nothing else, with its Provenance (BK-08).', async () => {
    const { names } = await exportAll(server, ehr, 'Patient/$export');

    expect(names).toContain('Provenance/of-ada');
    expect(names).toContain('Group/two');
    expect(names.filter((name) => /^(Organization|Practitioner|Binary)\//.test(name))).toEqual([]);
  });

  it('takes the persons that are named, within the group, and refuses others (BK-05).', async () => {
    const patient = (id: string) => ({ name: 'patient', valueReference: { reference: `Patient/${id}` } });
    const named = await finish(server, ehr, await post('Patient/$export', [patient('ceci')]));
    const inGroup = await finish(server, ehr, await post('Group/two/$export', [patient('bo')]));
    const refused = [
      await post('Group/two/$export', [patient('ceci')]),
      await post('Patient/$export', [patient('nobody')]),
      await post('Patient/$export', [{ name: 'patient', valueReference: { reference: 'Group/two' } }]),
      await post('$export', [patient('ada')]),
      await post('Group/described/$export'),
      await post('Group/none/$export'),
    ];

    expect(clinical(named.names)).toEqual(record('ceci'));
    expect(clinical(inGroup.names)).toEqual(record('bo'));
    expect(refused.map(({ status }) => status)).toEqual([422, 422, 400, 400, 422, 404]);
    expect(
      refused.every(({ body }) => (body as { resourceType: string }).resourceType === 'OperationOutcome'),
    ).toBe(true);
  });

  it('filters a type by any of its filters, and leaves other types whole (BK-04).', async () => {
    const filters = [
      'Observation?status=preliminary&subject:Patient.gender=male',
      'Observation?_id=ada-final,ceci-final',
    ];
    const query = filters.map((filter) => `_typeFilter=${encodeURIComponent(filter)}`).join('&');
    const { names } = await exportAll(server, ehr, `?_type=Patient,Observation&${query}`);

    expect(clinical(names)).toEqual([
      'Observation/ada-final',
      'Observation/bo-draft',
      'Observation/ceci-final',
      'Patient/ada',
      'Patient/bo',
      'Patient/ceci',
    ]);
    expect((await kickOff(ehr, '?_typeFilter=Observation%3Fweight%3D3')).status).toBe(400);
  });

  it('leaves elements out that are not asked for, and says so in each resource.', async () => {
    const { files } = await exportAll(
      server,
      ehr,
      '?_type=Patient,Observation&_elements=Patient.gender,status',
    );
    const [patient] = linesOf(files['Patient'] ?? '').map(
      (line) => JSON.parse(line) as Record<string, unknown>,
    );
    const [observation] = linesOf(files['Observation'] ?? '').map(
      (line) => JSON.parse(line) as Record<string, unknown>,
    );

    expect(Object.keys(patient ?? {}).toSorted()).toEqual(['gender', 'id', 'meta', 'resourceType']);
    expect(JSON.stringify(patient)).toContain('SUBSETTED');
    expect(Object.keys(observation ?? {}).toSorted()).toEqual([
      'code',
      'id',
      'meta',
      'resourceType',
      'status',
    ]);
  });

  it('says in the export itself what lenient handling has ignored.', async () => {
    const kicked = await ehr.get('fhir/$export?_type=Patient&organizeOutputBy=Patient', {
      prefer: 'respond-async, handling=lenient',
    });
    const { manifest } = await finish(server, ehr, kicked);
    const file = await ehr.get(manifest.error[0]?.url ?? '');

    expect(manifest.error).toMatchObject([{ type: 'OperationOutcome', count: 1 }]);
    expect(String(file.body)).toContain('organizeOutputBy');
  });

  it('names what has been deleted since, as DELETE entries, and never has it in its output too (BK-03).', async () => {
    await put('Observation/short-lived', { ...weight('ada'), status: 'final' });
    const before = await exportAll(server, ehr, '?_type=Patient,Observation');
    await ehr.delete('fhir/Observation/short-lived');

    const after = await exportAll(
      server,
      ehr,
      `?_type=Patient,Observation&_since=${before.manifest.transactionTime}`,
    );
    const whole = await exportAll(server, ehr, '?_type=Patient,Observation');
    const file = await ehr.get(after.manifest.deleted[0]?.url ?? '');

    expect(before.names).toContain('Observation/short-lived');
    expect(after.names).not.toContain('Observation/short-lived');
    expect(after.manifest.deleted).toMatchObject([{ type: 'Bundle', count: 1 }]);
    expect(linesOf(String(file.body)).map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [{ request: { method: 'DELETE', url: 'Observation/short-lived' } }],
      },
    ]);
    expect(whole.manifest.deleted).toEqual([]);
  });

  it('gives everything as it was at its time, also what changes while it runs (BK-03).', async () => {
    await put('Observation/moving', { ...weight('ada'), status: 'registered' });
    const kicked = await kickOff(ehr, '?_type=Observation');
    const [, id = ''] = /\$export-status\/(.+)$/.exec(kicked.headers.get('content-location') ?? '') ?? [];
    const asked = server.app.repository.deps.clock.now();
    await new Promise((resolve) => {
      setTimeout(resolve, 5); // the clock of the server must have gone on before the change
    });
    await put('Observation/moving', { ...weight('ada'), status: 'final' });
    // the job's time is before the change, its snapshot after it
    await runExport({ ...exportDeps(server), clock: { now: () => asked } }, { id });
    const { body } = await ehr.get(kicked.headers.get('content-location') ?? '');
    const file = await ehr.get((body as Manifest).output[0]?.url ?? '');

    const line = linesOf(String(file.body)).filter((text) => text.includes('"id":"moving"'));
    expect(line).toHaveLength(1);
    expect(line[0]).toContain('"registered"');
  });

  it('ends a file that has grown large, and begins another of the type.', async () => {
    const kicked = await kickOff(ehr, '?_type=Patient');
    const id = (kicked.headers.get('content-location') ?? '').split('/').at(-1) ?? '';
    await runExport({ ...exportDeps(server), fileBytes: 1 }, { id });
    const { names, manifest } = await finish(server, ehr, kicked);

    expect(clinical(names)).toEqual(['Patient/ada', 'Patient/bo', 'Patient/ceci']);
    expect(manifest.output.every(({ type }) => type === 'Patient')).toBe(true);
  });

  it('gives a range of a file, uncompressed, and refuses one outside of it (BK-06).', async () => {
    const { manifest, files } = await exportAll(server, ehr, '?_type=Patient');
    const url = manifest.output[0]?.url ?? '';
    const whole = files['Patient'] ?? '';
    const size = Buffer.byteLength(whole);

    const head = await ehr.get(url, { range: 'bytes=0-9', 'accept-encoding': 'gzip' });
    const rest = await ehr.get(url, { range: 'bytes=10-' });
    const tail = await ehr.get(url, { range: 'bytes=-5' });
    const outside = await ehr.get(url, { range: `bytes=${size}-` });

    expect([head.status, rest.status, tail.status, outside.status]).toEqual([206, 206, 206, 416]);
    expect(head.headers.get('content-encoding')).toBeNull();
    expect(head.headers.get('content-range')).toBe(`bytes 0-9/${size}`);
    expect(String(head.body) + String(rest.body)).toBe(whole);
    expect(String(tail.body)).toBe(whole.slice(-5));
  });

  it('asks those who poll too fast to wait, and separates its status from the answer’s where that is preferred (BK-02).', async () => {
    const status = (await kickOff(ehr, '?_type=Patient')).headers.get('content-location') ?? '';
    const first = await ehr.get(status);
    const tooFast = await ehr.get(status);
    await server.app.jobs.runOnce();
    const separated = await ehr.get(status, { prefer: 'separate-export-status' });

    expect([first.status, tooFast.status]).toEqual([202, 429]);
    expect(tooFast.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(JSON.stringify(tooFast.body)).toContain('throttled');
    expect(separated.status).toBe(200);
    expect(separated.headers.get('x-export-status')).toBe('200');
    expect(separated.headers.get('preference-applied')).toBe('separate-export-status');
  });

  it('stops, and leaves nothing behind, when it is deleted while it runs (BK-07).', async () => {
    const kicked = await kickOff(ehr, '?_type=Patient,Observation&_elements=status');
    const status = kicked.headers.get('content-location') ?? '';
    const id = status.split('/').at(-1) ?? '';
    const deps = exportDeps(server);
    let deletion: Promise<unknown> | undefined;
    const deleting = {
      ...deps,
      subset(content: string) {
        deletion ??= ehr.delete(status);
        return content;
      },
      db: { ...deps.db, query: deps.db.query },
    };
    await runExport(deleting, { id });
    await deletion;
    await server.app.jobs.runOnce();

    expect((await ehr.get(status)).status).toBe(404);
    expect(await readdir(deps.folder)).not.toContain(id);
  });

  it('is taken up again after its server was killed in the middle, and doubles nothing.', async () => {
    for (let n = 0; n < 4; n++) {
      const entry = Array.from({ length: 100 }, (_, index) => ({
        request: { method: 'PUT', url: `Observation/kill-${n}-${index}` },
        resource: {
          resourceType: 'Observation',
          id: `kill-${n}-${index}`,
          status: 'final',
          code: { text: 'vekt' },
        },
      }));
      expect((await ehr.post('fhir', { resourceType: 'Bundle', type: 'batch', entry })).status).toBe(200);
    }
    const kicked = await kickOff(ehr, '?_type=Patient,Observation,Provenance&_elements=status');
    const id = (kicked.headers.get('content-location') ?? '').split('/').at(-1) ?? '';
    const { db, folder } = exportDeps(server);
    const child = fileURLToPath(new URL('export-child.ts', import.meta.url));
    const signal = await new Promise((resolve) => {
      execFile(process.execPath, [child, server.database.url, folder, id], (error) => resolve(error?.signal));
    });
    const left = await readdir(join(folder, id));
    await db.query({
      text: `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'killed' where key = $1`,
      values: [`export:${id}`],
    });
    await db.query({
      text: `update export_job set requested = requested - interval '2 minutes' where id = $1`,
      values: [id],
    });
    expect(await server.app.jobs.runOnce()).toEqual([]);
    const stuck = await ehr.get(kicked.headers.get('content-location') ?? '');

    await db.query({ text: `select graphile_worker.add_job('resume')` });
    const { names } = await finish(server, ehr, kicked);

    expect(signal).toBe('SIGKILL');
    expect(left.length).toBeGreaterThan(0);
    expect(stuck.status).toBe(202);
    expect(names.filter((name) => name.startsWith('Observation/kill-'))).toHaveLength(400);
    expect(new Set(names).size).toBe(names.length);
  });

  it('is not run by two at once.', async () => {
    const kicked = await kickOff(ehr, '?_type=Patient&_elements=gender');
    const id = (kicked.headers.get('content-location') ?? '').split('/').at(-1) ?? '';
    const deps = exportDeps(server);
    let second: Promise<void> | undefined;
    await runExport(
      {
        ...deps,
        subset(content, part) {
          second ??= runExport(deps, { id });
          return deps.subset(content, part);
        },
      },
      { id },
    );
    await second;
    const { names } = await finish(server, ehr, kicked);

    expect(second).toBeDefined();
    expect(clinical(names)).toEqual(['Patient/ada', 'Patient/bo', 'Patient/ceci']);
  });

  it('waits for its reader: the database is held back, not the memory filled (BK-11).', async () => {
    const rows = 200_000; // 110 MB
    const text = `select '{"resourceType":"Basic","id":"' || n || '","note":"' || repeat('x', 500) || '"}' from generate_series(1, ${rows}) n`;
    const { db } = server.database;
    const waits = async (): Promise<boolean> => {
      const found = await db.query({
        text: `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'ClientWrite'`,
      });
      return found.length > 0;
    };
    let count = 0;
    let held = false;
    await inSnapshot(db, async (snapshot) => {
      for await (const chunk of snapshot.copy({ text, values: [] })) {
        for (let look = 0; !held && look < 500; look++) {
          held = await waits();
        }
        count += chunk.rows;
      }
    });

    expect(held).toBe(true);
    expect(count).toBe(rows);
  });

  it('is listed in the CapabilityStatement at each of its levels (BK-09).', async () => {
    const { body } = await ehr.get('fhir/metadata');
    const [rest] = (
      body as {
        rest: readonly {
          operation: readonly object[];
          resource: readonly { type: string; operation?: readonly object[] }[];
        }[];
      }
    ).rest;
    const of = (type: string) => rest?.resource.find((entry) => entry.type === type)?.operation ?? [];
    const definition = (name: string) => `http://hl7.org/fhir/uv/bulkdata/OperationDefinition/${name}`;

    expect(rest?.operation).toContainEqual({ name: 'export', definition: definition('export') });
    expect(of('Patient')).toContainEqual({ name: 'export', definition: definition('patient-export') });
    expect(of('Group')).toContainEqual({ name: 'export', definition: definition('group-export') });
  });
});
