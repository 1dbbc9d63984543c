/**
 * A bulk export beside psql's own copy of the same rows, in turn: `node bench/export.ts [resources]`. On a shared machine
 * only the ratio means something; ours includes writing the files through to the disk, psql's does not. Memory is read while the export runs: it must not grow with what is exported.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Principal } from '../src/access/principal.ts';
import { rowFilter } from '../src/access/filter.ts';
import { loadR4 } from '../src/content/r4.ts';
import { newUuid, systemClock } from '../src/fhir/id.ts';
import { stringifyJson } from '../src/fhir/json.ts';
import { typeCode } from '../src/fhir/resource-types.ts';
import { createSubset } from '../src/interactions/subset.ts';
import { findJob, insertJob } from '../src/operations/export/jobs.ts';
import { runExport } from '../src/operations/export/run.ts';
import { contentsSql } from '../src/operations/export/select.ts';
import { Repository } from '../src/repository/repository.ts';
import { createAuditLog } from '../src/storage/audit-log.ts';
import { inlined } from '../src/storage/copy.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import { EVERYTHING } from '../src/storage/row-access.ts';

const RESOURCES = Number(process.argv[2] ?? 200_000);
const ROUNDS = 3;

const common = { name: 'bench', scopes: ['system/*.rs'] };
const readers: Readonly<Record<string, Principal>> = {
  'whole store': { ...common, kind: 'system', subject: 'system:bench' },
  'an EHR, by unit': { ...common, kind: 'ehr', subject: 'client:ehr', units: ['u1'] },
  pseudonymised: { ...common, kind: 'analytics', subject: 'client:analytics', registers: ['bench'] },
};

const observation = stringifyJson({
  resourceType: 'Observation',
  id: '#',
  meta: { versionId: '1', lastUpdated: '2026-01-01T00:00:00.000Z' },
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '8302-2', display: 'Høyde' }] },
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2026-01-01T10:00:00+01:00',
  valueQuantity: { value: 170, unit: 'cm', system: 'http://unitsofmeasure.org', code: 'cm' },
  component: Array.from({ length: 12 }, (_, n) => ({
    code: { coding: [{ system: 'http://loinc.org', code: `8${n}00-1` }] },
    valueQuantity: { value: n, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
  })),
});

const folder = await mkdtemp(join(tmpdir(), 'ryggrad-bench-export-'));
const storage = await openStorage({
  databaseUrl: undefined,
  dataDir: folder,
  statementTimeoutMs: 0,
});
const { owner, store } = storage;
const db = storage.db.as(EVERYTHING);
try {
  await owner.query({
    text: `insert into resource (cmp, type, rid, lu, ver, op, natl, reg, unit, id, patient, content)
      select n % 5000, $1, n, now() - interval '1 minute', 1, 'C', true, 'bench', 'u1', 'o' || n, 'p' || (n % 5000),
        replace($2, '"#"', '"o' || n || '"')
      from generate_series(1, $3::int) n`,
    values: [typeCode('Observation'), observation, RESOURCES],
  });
  await owner.query({ text: 'vacuum analyze resource' });
  const repository = new Repository({
    store,
    audit: createAuditLog(db),
    clock: systemClock,
    newId: newUuid,
    fhirBase: 'http://127.0.0.1/fhir',
    rules: [],
  } as unknown as ConstructorParameters<typeof Repository>[0]);
  const deps = {
    db,
    repository,
    parameters: { of: () => new Map<string, never>(), find: () => undefined },
    subset: createSubset(loadR4()),
    clock: systemClock,
    folder: join(folder, 'exports'),
  };
  const [place] = await owner.query<{ host: string; db: string; name: string }>({
    text: `select current_setting('unix_socket_directories') as host, current_database() as db, current_user as name`,
  });

  for (const [name, principal] of Object.entries(readers)) {
    const best = { ours: 0, psql: 0, peak: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      best.psql = Math.max(best.psql, RESOURCES / seconds(() => copyByPsql(principal)));
      const { perSecond, peak } = await exportOnce(principal, `${name.replaceAll(/\W/g, '')}-${round}`);
      best.ours = Math.max(best.ours, perSecond);
      best.peak = Math.max(best.peak, peak);
    }
    console.log(
      `${name.padEnd(16)} ${best.ours.toFixed(0).padStart(7)} resources/s, psql \\copy ${best.psql.toFixed(0).padStart(7)}, ` +
        `ratio ${(best.ours / best.psql).toFixed(2)}, peak ${(best.peak / 1024 / 1024).toFixed(0)} MB resident`,
    );
  }

  async function exportOnce(principal: Principal, id: string): Promise<{ perSecond: number; peak: number }> {
    const now = new Date();
    await insertJob(db, {
      id,
      principal,
      requestUrl: 'http://127.0.0.1/fhir/$export',
      types: ['Observation'],
      since: undefined,
      until: undefined,
      settings: { level: 'system', typeFilters: [], elements: [], ignored: [] },
      requested: now.toISOString(),
      expires: new Date(now.getTime() + 3_600_000).toISOString(),
    });
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 20);
    const begin = performance.now();
    await runExport(deps, { id });
    const perSecond = (RESOURCES * 1000) / (performance.now() - begin);
    clearInterval(timer);
    const job = await findJob(db, id);
    const count = job?.files.reduce((sum, file) => sum + file.count, 0);
    if (count !== RESOURCES) {
      throw new Error(`${count ?? 0} of ${RESOURCES} were exported`);
    }
    await rm(join(deps.folder, id), { recursive: true });
    return { perSecond, peak };
  }

  function copyByPsql(principal: Principal): void {
    const time = new Date().toISOString();
    const select = contentsSql(
      'Observation',
      {
        filter: rowFilter(principal),
        since: null,
        until: time,
        transactionTime: time,
        records: undefined,
        stores: [],
      },
      [],
    );
    const file = join(folder, 'psql.ndjson');
    const text = `\\copy (${inlined(select).replaceAll('\n', ' ')}) to '${file}' with (format csv, quote e'\\x01', delimiter e'\\x02')`;
    execFileSync('psql', [
      '-q',
      '-h',
      place?.host ?? '',
      '-U',
      place?.name ?? '',
      '-d',
      place?.db ?? '',
      '-c',
      text,
    ]);
  }

  function seconds(work: () => void): number {
    const begin = performance.now();
    work();
    return (performance.now() - begin) / 1000;
  }
} finally {
  await storage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
