/**
 * Views over 100 000 Observations and 20 000 QuestionnaireResponses, online and kept as tables, against hand-written SQL
 * over the same rows in the same run: `node bench/views.ts [observations] [rounds]`.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Principal, SYSTEM } from '../src/access/principal.ts';
import { typeCode } from '../src/fhir/resource-types.ts';
import type { JsonObject } from '../src/fhir/types.ts';
import { Repository } from '../src/repository/repository.ts';
import { newUuid, systemClock } from '../src/fhir/id.ts';
import { stringifyJson } from '../src/fhir/json.ts';
import { createAuditLog } from '../src/storage/audit-log.ts';
import { openStorage, type Storage } from '../src/storage/open-storage.ts';
import { type CompiledView, compileView } from '../src/views/compile-view.ts';
import { readDefinition } from '../src/views/definition.ts';
import { FORMATS } from '../src/views/formats.ts';
import { materialise } from '../src/views/materialise.ts';
import { refreshView } from '../src/views/refresh.ts';
import { runView } from '../src/views/run.ts';
import { cpuSeconds, processTree } from './measure.ts';
import { tableOf } from '../src/views/table.ts';
import { EVERYTHING } from '../src/storage/row-access.ts';

const OBSERVATIONS = Number(process.argv[2] ?? 100_000);
const RESPONSES = OBSERVATIONS / 5;
const ROUNDS = Number(process.argv[3] ?? 3);
const FORM = 'https://ryggrad.no/fhir/Questionnaire/bench';

const observation = (n: number): JsonObject => ({
  resourceType: 'Observation',
  id: `o${n}`,
  meta: { versionId: '1', lastUpdated: '2026-01-01T00:00:00.000Z' },
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: `${8000 + (n % 50)}-1`, display: 'Måling' }] },
  subject: { reference: `Patient/p${n % 5000}` },
  effectiveDateTime: `2026-01-${String(1 + (n % 28)).padStart(2, '0')}T10:00:00+01:00`,
  valueQuantity: { value: (n % 1000) / 10, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
  derivedFrom: [{ reference: `QuestionnaireResponse/q${n % RESPONSES}` }],
});

const response = (n: number): JsonObject => ({
  resourceType: 'QuestionnaireResponse',
  id: `q${n}`,
  meta: { versionId: '1', lastUpdated: '2026-01-01T00:00:00.000Z' },
  questionnaire: `${FORM}|1.0.0`,
  status: 'completed',
  subject: { reference: `Patient/p${n % 5000}` },
  authored: '2026-01-01T10:00:00+01:00',
  item: Array.from({ length: 8 }, (_, group) => ({
    linkId: `g${group}`,
    item: Array.from({ length: 6 }, (__, item) => ({
      linkId: `g${group}-${item}`,
      answer: [
        item % 2 === 0
          ? { valueInteger: (n + item) % 11 }
          : { valueCoding: { system: 'http://x', code: 'yes' } },
      ],
    })),
  })),
});

const OBSERVATION_VIEW = {
  resourceType: 'ViewDefinition',
  url: 'https://ryggrad.no/fhir/ViewDefinition/bench-observation',
  version: '1.0.0',
  name: 'bench_observation',
  resource: 'Observation',
  where: [{ path: "status = 'final'" }],
  select: [
    {
      column: [
        { name: 'id', path: 'getResourceKey()' },
        { name: 'patient_id', path: 'subject.getReferenceKey(Patient)' },
        { name: 'code', path: 'code.coding.first().code' },
        { name: 'at', path: 'effective.ofType(dateTime)' },
        { name: 'value', path: 'value.ofType(Quantity).value' },
        { name: 'unit', path: 'value.ofType(Quantity).code' },
      ],
    },
  ],
};

const OBSERVATION_SQL = `select r.id, split_part(j #>> '{subject,reference}', '/', 2) as patient_id,
  j #>> '{code,coding,0,code}' as code, j ->> 'effectiveDateTime' as at,
  (j #>> '{valueQuantity,value}')::numeric as value, j #>> '{valueQuantity,code}' as unit
  from resource r cross join lateral (select r.content::jsonb as j offset 0) d
  where r.type = ${typeCode('Observation') ?? 0} and r.content is not null and r.status = 'final'`;

const answer = (group: number, item: number, type: string) =>
  `item.where(linkId = 'g${group}').item.where(linkId = 'g${group}-${item}').answer.value.ofType(${type})`;

const RESPONSE_VIEW = {
  ...OBSERVATION_VIEW,
  url: 'https://ryggrad.no/fhir/ViewDefinition/bench-response',
  name: 'bench_response',
  resource: 'QuestionnaireResponse',
  where: [{ path: `questionnaire.startsWith('${FORM}|')` }, { path: "status = 'completed'" }],
  select: [
    {
      column: [
        { name: 'id', path: 'getResourceKey()' },
        { name: 'patient_id', path: 'subject.getReferenceKey(Patient)' },
        ...[0, 1, 2, 3].flatMap((group) => [
          { name: `n${group}`, path: answer(group, 0, 'integer') },
          { name: `c${group}`, path: `${answer(group, 1, 'Coding')}.code` },
        ]),
      ],
    },
  ],
};

const byHand = (group: number, item: number, value: string): string =>
  `jsonb_path_query_first(j, '$.item[*] ? (@.linkId == "g${group}").item[*] ? (@.linkId == "g${group}-${item}").answer[*].${value}') #>> '{}'`;

const RESPONSE_SQL = `select r.id, split_part(j #>> '{subject,reference}', '/', 2) as patient_id,
  ${[0, 1, 2, 3].map((group) => `(${byHand(group, 0, 'valueInteger')})::int as n${group}, ${byHand(group, 1, 'valueCoding.code')} as c${group}`).join(', ')}
  from resource r cross join lateral (select r.content::jsonb as j offset 0) d
  where r.type = ${typeCode('QuestionnaireResponse') ?? 0} and r.content is not null and r.canon = '${FORM}' and r.status = 'completed'`;

async function fill(storage: Storage): Promise<void> {
  await fillWith(storage, OBSERVATIONS, observation);
  await fillWith(storage, RESPONSES, response);
  await storage.owner.query({ text: 'vacuum analyze resource' });
}

const PART = 2000;
let rid = 0;

async function fillWith({ owner }: Storage, count: number, make: (n: number) => JsonObject): Promise<void> {
  for (let start = 0; start < count; start += PART) {
    const part = Array.from({ length: Math.min(PART, count - start) }, (_, n) => make(start + n));
    await owner.query({
      text: `insert into resource (cmp, type, rid, lu, ver, op, natl, reg, unit, episode, id, patient, canon, status, content)
        select 0, $1, $2 + n, now(), 1, 'C', true, 'bench', 'u1', 'e1', i, 'p' || n, $3, s, c
        from unnest($4::text[], $5::text[], $6::text[]) with ordinality as x(i, s, c, n)`,
      values: [
        typeCode(part[0]?.['resourceType'] as string),
        rid,
        part[0]?.['resourceType'] === 'Observation' ? null : FORM,
        part.map(({ id }) => id),
        part.map(({ status }) => status),
        part.map(stringifyJson),
      ],
    });
    rid += PART;
  }
}

/** Rows a second and CPU time a row (of this process and the database), the best of the rounds; and resident memory. */
async function measure(name: string, work: () => Promise<number>): Promise<void> {
  let peak = process.memoryUsage.rss();
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const cpu = cpuNow();
  const begin = performance.now();
  const rows = await work();
  const perSecond = (rows * 1000) / (performance.now() - begin);
  const cpuMicros = ((cpuNow() - cpu) * 1e6) / rows;
  clearInterval(timer);
  const before = results.get(name);
  results.set(name, {
    rows,
    perSecond: Math.max(before?.perSecond ?? 0, perSecond),
    cpuMicros: Math.min(before?.cpuMicros ?? Infinity, cpuMicros),
    peak: Math.max(before?.peak ?? 0, peak),
  });
}

interface Measured {
  readonly rows: number;
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly peak: number;
}

async function drain(pieces: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of pieces) {
    count++;
  }
  return count;
}

const analytics: Principal = {
  kind: 'analytics',
  subject: 'client:bench',
  name: 'bench',
  scopes: ['system/*.rs'],
  registers: ['bench'],
};

const folder = await mkdtemp(join(tmpdir(), 'ryggrad-bench-views-'));
const storage = await openStorage({ databaseUrl: undefined, dataDir: folder, statementTimeoutMs: 0 });
const { store } = storage;
const db = storage.db.as(EVERYTHING);
const results = new Map<string, Measured>();
const roots = await allProcesses();
const cpuNow = (): number => cpuSeconds([...new Set(roots.flatMap(processTree))]);
try {
  await fill(storage);
  const repository = new Repository({
    store,
    audit: createAuditLog(db),
    clock: systemClock,
    newId: newUuid,
    fhirBase: 'http://127.0.0.1/fhir',
    rules: [],
  } as unknown as ConstructorParameters<typeof Repository>[0]);
  const run = async (view: CompiledView, format: string, principal: Principal = SYSTEM): Promise<number> => {
    const { form, write } = FORMATS.get(format) ?? (undefined as never);
    const caller = { principal, requestId: 'bench', interaction: 'bench' };
    let rows = 0;
    async function* counted() {
      for await (const row of runView(repository, caller, { view, form, narrowing: {}, limit: undefined })) {
        rows++;
        yield row;
      }
    }
    await drain(write(counted(), view, { header: true, escapeFormulas: false }));
    return rows;
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, json, sql] of [
      ['Observation', OBSERVATION_VIEW, OBSERVATION_SQL],
      ['QuestionnaireResponse', RESPONSE_VIEW, RESPONSE_SQL],
    ] as const) {
      const view = compileView(readDefinition(json as never));
      const lines = { text: `select row_to_json(q)::text from (${sql}) q`, values: [] };
      await measure(`${name}: SQL by hand, streamed`, () => drain(store.as(EVERYTHING).stream(lines)));
      for (const format of ['ndjson', 'json', 'csv', 'parquet']) {
        await measure(`${name}: view online, ${format}`, () => run(view, format));
      }
      await measure(`${name}: view online, pseudonymised, ndjson`, () => run(view, 'ndjson', analytics));
      const table = tableOf(json as never, 'bench', view);
      await measure(`${name}: table by hand (create table as)`, () => createByHand(sql, table.name));
      await measure(`${name}: table made`, () => materialise(db, table));
      const ids = Array.from({ length: 2000 }, (_, n) => `${name.charAt(0).toLowerCase()}${n}`);
      await measure(`${name}: table refreshed by 2000 changes`, async () => {
        await db.tx((tx) => refreshView(tx, table, ids));
        return ids.length;
      });
    }
  }
  process.stdout.write(`${''.padEnd(58)}      rows    rows/s    CPU µs    RSS MB\n`);
  for (const [name, { rows, perSecond, cpuMicros, peak }] of results) {
    const figures = [rows, perSecond, cpuMicros, peak / 1e6].map((figure) =>
      String(Math.round(figure)).padStart(9),
    );
    process.stdout.write(`${name.padEnd(58)} ${figures.join(' ')}\n`);
  }
} finally {
  await storage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}

async function createByHand(sql: string, name: string): Promise<number> {
  await storage.owner.tx(async (tx) => {
    await tx.query({ text: "set local statement_timeout = '15min'" });
    await tx.query({ text: `create table by_hand_${name} as ${sql}` });
  });
  const [row] = await storage.owner.query<{ n: number }>({
    text: `select count(*)::int as n from by_hand_${name}`,
  });
  await storage.owner.query({ text: `drop table by_hand_${name}` });
  return row?.n ?? 0;
}

/** This process, the database's, and what they start. */
async function allProcesses(): Promise<readonly number[]> {
  const [row] = await db.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
  const status = readFileSync(`/proc/${row?.pid ?? 0}/status`, 'utf8');
  return [process.pid, Number(/^PPid:\s+(\d+)/m.exec(status)?.[1])];
}
