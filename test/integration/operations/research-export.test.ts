/** Who has said no to research is not there for a system that reads for research, and is for one that does not. */
import { type AnalyticsPrincipal, RESEARCH, SYSTEM } from '../../../src/access/principal.ts';
import { typeCode } from '../../../src/fhir/resource-types.ts';
import { dumpLayout } from '../../../src/operations/dump/tables.ts';
import { writeDump } from '../../../src/operations/dump/write-dump.ts';
import { readRegistry } from '../../../src/registry/registry.ts';
import { content } from '../../content/fill-form.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { b11, b12, startWalkServer, to, type WalkServer } from '../walk/walk-server.ts';
import { exportAll, kickOff } from './exports.ts';

type Person = Awaited<ReturnType<WalkServer['person']>>;

const locked = { status: 'completed' } as const;
const system = { principal: SYSTEM, requestId: 'test', interaction: 'test' };
const NO_RESEARCH = [
  {
    type: 'deny',
    purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: RESEARCH }],
  },
];

describe('What is read for research', () => {
  let server: WalkServer;
  let analytics: HttpClient;
  let willing: Person;
  let unwilling: Person;

  beforeAll(async () => {
    server = await startWalkServer();
    await server.app.database.db.pool.query('update oauth_client set purpose = $1 where kind = $2', [
      RESEARCH,
      'analytics',
    ]);
    analytics = await server.app.client('analytics');
    [willing, unwilling] = [await national(), await national()];
    await except(unwilling, NO_RESEARCH);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function national(): Promise<Person> {
    const person = await server.person();
    await server.save(person, 'b11', b11, locked);
    await server.save(person, 'b12', b12('6'), locked);
    await server.save(person, 'to', to.consenting, locked);
    return person;
  }

  /** As a form with such a question makes it (nnrr-1b); here no form has one. */
  async function except({ patient }: Person, exception: readonly object[]): Promise<void> {
    await server.app.database.db.pool.query(
      `update resource
          set content = jsonb_set(content::jsonb, '{provision,provision}', $2::jsonb)::text
        where type = $3 and patient = $1`,
      [patient, JSON.stringify(exception), typeCode('Consent')],
    );
  }

  const asAnalytics = (purpose?: typeof RESEARCH): AnalyticsPrincipal => ({
    kind: 'analytics',
    subject: 'client:project',
    name: 'Prosjekt',
    scopes: ['system/*.rs'],
    registers: ['smertereg'],
    ...(purpose !== undefined && { purpose }),
  });

  /** Rows about a person that such a caller sees. */
  async function seenOf({ patient, episode }: Person, principal: AnalyticsPrincipal): Promise<number> {
    const rows = await server.app.app.repository.select(
      { ...system, principal },
      { text: '(r.patient = $1 or r.id = $1 or r.episode = $2)', values: [patient, episode] },
    );
    return rows.length;
  }

  it('is without every row of the person, who is there for quality improvement.', async () => {
    expect(await seenOf(unwilling, asAnalytics())).toBeGreaterThan(5);
    expect(await seenOf(unwilling, asAnalytics(RESEARCH))).toBe(0);
    expect(await seenOf(willing, asAnalytics(RESEARCH))).toBe(await seenOf(willing, asAnalytics()));
  });

  it('leaves in bulk without the person, and whole: since a time is refused.', async () => {
    const { files, names } = await exportAll(server.app, analytics);
    const since = await kickOff(analytics, '?_since=2026-01-01T00:00:00Z');

    const text = Object.values(files).join('\n');
    expect(names).toContain(`EpisodeOfCare/${willing.episode}`);
    expect(text).not.toContain(unwilling.patient);
    expect(text).not.toContain(unwilling.episode);
    expect(since.status).toBe(400);
    expect(JSON.stringify(since.body)).toContain('An export for research is whole');
  });

  it('is found in no search, and is 404 by its id, as what is not there.', async () => {
    const found = await analytics.get(`fhir/Observation?patient=${unwilling.patient}`);
    const read = await analytics.get(`fhir/EpisodeOfCare/${unwilling.episode}`);

    expect(found.body).toMatchObject({ total: 0 });
    expect(read.status).toBe(404);
  });

  it('stands in the audit trail with its purpose.', async () => {
    const { rows } = await server.app.database.db.pool.query<{ event: string }>(
      `select to_jsonb(a)::text as event from audit a where to_jsonb(a)::text like '%HRESCH%' limit 1`,
    );

    expect(rows).toHaveLength(1);
  });

  it('is a data dump without the person.', async () => {
    const layout = dumpLayout(readRegistry(content), 'smertereg');
    const rowsFor = async (principal: typeof SYSTEM): Promise<readonly string[]> => {
      const rows: string[] = [];
      const written = writeDump(server.app.app.repository, { ...system, principal }, layout, {
        numbers: 'left-out',
        only: 'mce',
      });
      for await (const { cells } of written) {
        rows.push(cells.join(';'));
      }
      return rows;
    };

    const [all, research] = [await rowsFor(SYSTEM), await rowsFor({ ...SYSTEM, purpose: RESEARCH })];

    expect([all.length, research.length]).toEqual([2, 1]);
    expect(all).toEqual(expect.arrayContaining([...research]));
  });

  it('has the person again when the consent holds for research too.', async () => {
    await except(unwilling, [{ ...NO_RESEARCH[0], type: 'permit' }]);

    expect(await seenOf(unwilling, asAnalytics(RESEARCH))).toBe(await seenOf(unwilling, asAnalytics()));
  });
});
