/**
 * `npm run bench -- work-list [--pathways 200000]`: what people wait for who live in the work list. From request to last byte, and
 * what server and database spent on it: the list of 200 pathways, the same list with many pathways in the store (a department with
 * 5 000 of them, a nation with all), a form opened, and a draft saved.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { demoBundle } from '../demo/ehr/bundle.ts';
import type { Browser } from '../demo/walk/browser.ts';
import { signIn } from '../demo/walk/fhir-client.ts';
import { silent } from '../demo/walk/narrator.ts';
import { logIn } from '../demo/walk/staff.ts';
import type { Walk } from '../demo/walk/walk.ts';
import { startEmbeddedPostgres } from '../src/storage/embedded-postgres.ts';
import { cpuSeconds, load, processTree } from './measure.ts';
import { startServer } from './server.ts';
import { fillPathways } from './fill-pathways.ts';

const FIRST = 200;
const SLICE_MS = 4000;
const WARM_UP_MS = 1500;

const cell = (text: string, index: number): string => (index === 0 ? text.padEnd(46) : text.padStart(10));

const { values } = parseArgs({
  options: { pathways: { type: 'string', default: '200000' } },
  allowPositionals: true,
});
const folder = await mkdtemp(join(tmpdir(), 'ryggrad-bench-'));
await chmod(folder, 0o711);
try {
  await run(folder, Number(values.pathways));
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function run(dataDir: string, pathways: number): Promise<void> {
  await using database = await startEmbeddedPostgres({ dataDir, path: process.env['PATH'] ?? '' });
  const socket = String(database.connection.host);
  const databaseUrl = `postgres://ryggrad@localhost/ryggrad?host=${encodeURIComponent(socket)}`;
  await using server = await startServer({ dataDir, databaseUrl });
  const walk: Walk = { url: server.url, keys: join(dataDir, 'demo'), narrator: silent };
  const ehr = await signIn(walk, 'ehr');
  for (let n = 0; n < FIRST; n++) {
    await ehr.transaction(demoBundle(`pasient-${1000 + n}`, new Date()));
  }
  const nurse = (await logIn(walk, 'lu-ane')).browser;
  const national = (await logIn(walk, 'sc-siri')).browser;
  const spent = (): number => cpuSeconds([server.pid]) + cpuSeconds(processTree(database.pid));
  console.log(`${cpus().length} cores; one client, ${SLICE_MS / 1000} s each. Milliseconds.`);
  console.log(['', 'p50', 'p95', 'CPU'].map(cell).join(''));
  const measure = async (name: string, call: () => Promise<void>): Promise<void> => {
    await load(1, WARM_UP_MS, call);
    const before = spent();
    const { p50, p95, count } = await load(1, SLICE_MS, call);
    const each = ((spent() - before) * 1000) / count;
    console.log([name, p50.toFixed(1), p95.toFixed(1), each.toFixed(1)].map(cell).join(''));
  };

  await measure(`work list, ${FIRST} pathways in the store`, () => page(nurse, '/arbeidsliste'));
  const html = await (await nurse.request('/arbeidsliste')).text();
  const forms = [...html.matchAll(/work-list__open" href="(\/skjema\/[0-9a-f-]{36})"/g)].map(
    ([, href = '']) => href,
  );
  const [form = '', , third = ''] = forms;
  await measure('the first form opened', () => page(nurse, form));
  await measure('the third form opened', () => page(nurse, third));
  await measure('a draft saved', saving(nurse, form));

  const pool = new pg.Pool(database.connection);
  try {
    await fillPathways(pool, pathways);
  } finally {
    await pool.end();
  }
  for (const [name, who, address] of [
    ['work list of a department with 5000', nurse, '/arbeidsliste'],
    ['the same by department', nurse, '/arbeidsliste?sorter=department'],
    ['the same, in progress, by consent', nurse, '/arbeidsliste?vis=in-progress&sorter=consent'],
    ['the same, page 90', nurse, '/arbeidsliste?side=90'],
    [`work list of a nation with ${pathways}`, national, '/arbeidsliste'],
    ['the same by department', national, '/arbeidsliste?sorter=department'],
    ['the same, page 100', national, '/arbeidsliste?side=100'],
    ['the first form opened', nurse, form],
    ['the third form opened', nurse, third],
  ] as const) {
    await measure(name, () => page(who, address));
  }
}

async function page(who: Browser, address: string): Promise<void> {
  const response = await who.request(address);
  const text = await response.text();
  if (response.status !== 200) {
    throw new Error(`${address}: ${response.status} ${text.slice(0, 500)}`);
  }
}

/** One draft after another, each on the version before it. */
function saving(who: Browser, form: string): () => Promise<void> {
  const version = { tag: '', count: 0 };
  return async () => {
    version.count += 1;
    const valueDate = new Date(Date.UTC(2026, 0, 1 + (version.count % 300))).toISOString().slice(0, 10);
    const answered = { linkId: 'registration-date', answer: [{ valueDate }] };
    const response = {
      resourceType: 'QuestionnaireResponse',
      status: 'in-progress',
      item: [{ linkId: 'registration', item: [answered] }],
    };
    const answer = await who.request(`${form}/kladd`, {
      method: 'PUT',
      body: JSON.stringify({ response }),
      headers: {
        'content-type': 'application/json',
        ...(version.tag === '' ? { 'if-none-match': '*' } : { 'if-match': version.tag }),
      },
    });
    const text = await answer.text();
    version.tag = answer.headers.get('etag') ?? version.tag;
    if (answer.status !== 200) {
      throw new Error(`${form}/kladd: ${answer.status} ${text.slice(0, 500)}`);
    }
  };
}
