/** Tables of rows by a mapping of a register: taken, corrected, refused, rehearsed, replayed, and nothing twice. docs/adr/0034 */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EhrPrincipal } from '../../../src/access/principal.ts';
import type { CsvTotals } from '../../../src/adapters/csv/door.ts';
import type { Bundle, JsonObject } from '../../../src/fhir/types.ts';
import { reportFile, type RowReport } from '../../../src/operations/dump/report.ts';
import { replay } from '../../../src/operations/inbox/replay.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { syntheticNumber } from '../../support/synthetic-number.ts';

const HEAD =
  'OperasjonsID;Fodselsnummer;Etternavn;Fornavn;Fodselsdato;Kjonn;Avdeling;Henvist;Innlagt;Utskrevet;Operert;NCSP1;NCSP2;Endret;Merknad;Rom';
const MAPPING = 'nkr/operasjoner';

let server: TestApp;
let folder: string;
let files = 0;
beforeAll(async () => {
  server = await startTestApp();
  folder = await mkdtemp(join(tmpdir(), 'ryggrad-csv-'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const row = (id: string, seed: number, more: Readonly<Record<string, string>> = {}): string => {
  const { number, birthDate, gender } = syntheticNumber(seed);
  const cells: Readonly<Record<string, string>> = {
    OperasjonsID: id,
    Fodselsnummer: number,
    Etternavn: 'Prøve',
    Fornavn: 'Kari',
    Fodselsdato: birthDate.split('-').toReversed().join('.'),
    Kjonn: gender === 'male' ? 'M' : 'K',
    Avdeling: '9990005',
    Henvist: '10.02.2026',
    Innlagt: '27.02.2026 08:00:00',
    Utskrevet: '01.03.2026 12:00:00',
    Operert: '28.02.2026',
    NCSP1: 'ABC16',
    NCSP2: 'NULL',
    Endret: '02.03.2026 10:00:00',
    ...more,
  };
  return HEAD.split(';')
    .map((name) => cells[name] ?? '')
    .join(';');
};

async function take(
  rows: readonly string[],
  mode: 'stored' | 'rehearsed' = 'stored',
  head = HEAD,
): Promise<CsvTotals & { readonly report: readonly RowReport[] }> {
  const [file, path] = [`${folder}/${(files += 1)}.csv`, `${folder}/${files}.jsonl`];
  await writeFile(file, Buffer.from([head, ...rows].join('\r\n'), 'latin1'));
  const principal = (await server.app.received.findSender('client:ehr-demo')) as EhrPrincipal;
  const report = reportFile(path);
  const totals = await server.app.csv.take({ mapping: MAPPING, file, principal, mode, report });
  await report[Symbol.asyncDispose]();
  const text = await readFile(path, 'utf8');
  return {
    ...totals,
    report: text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as RowReport),
  };
}

async function found(type: string, id: string, name: string): Promise<JsonObject | undefined> {
  const ehr = await server.client('ehr');
  const system = 'https://ryggrad.no/fhir/NamingSystem/nkr-csv/operasjoner';
  const { body } = await ehr.get(`fhir/${type}?identifier=${system}|${id}/${name}`);
  return (body as Bundle).entry?.[0]?.resource as unknown as JsonObject | undefined;
}

describe('A row of a table', () => {
  it('becomes the resources of its mapping, whole, and a pathway in the register.', async () => {
    const { counts, unread } = await take([row('A1', 301, { NCSP2: 'ABC26' })]);
    const encounter = await found('Encounter', 'A1', 'opphold');
    const second = await found('Procedure', 'A1', 'inngrep-2');

    expect(counts).toEqual({ taken: 1, corrected: 0, unchanged: 0, refused: 0 });
    expect(unread).toEqual(['Rom']);
    expect(encounter).toMatchObject({
      period: { start: '2026-02-27T08:00:00+01:00', end: '2026-03-01T12:00:00+01:00' },
      serviceProvider: { reference: 'Organization/demo-ryggkirurgi' },
    });
    expect(second).toMatchObject({
      code: { coding: [{ code: 'ABC26' }] },
      performedDateTime: '2026-02-28',
      encounter: { reference: `Encounter/${String(encounter?.['id'])}` },
    });
    const ehr = await server.client('ehr');
    const patient = (encounter?.['subject'] as JsonObject)['reference'];
    const { body } = await ehr.get(`fhir/EpisodeOfCare?patient=${String(patient)}`);
    expect((body as Bundle).total).toBe(1);
  });

  it('has no element of which it says nothing.', async () => {
    await take([row('A2', 302, { Innlagt: '', Utskrevet: '' })]);

    expect(await found('Encounter', 'A2', 'opphold')).toBeUndefined();
    expect((await found('Procedure', 'A2', 'inngrep-1'))?.['encounter']).toBeUndefined();
    expect(await found('Procedure', 'A2', 'inngrep-2')).toBeUndefined();
  });

  it('changes nothing when it comes again, and what has changed when it has (IR-03, IR-05).', async () => {
    await take([row('A3', 303)]);
    const again = await take([row('A3', 303)]);
    const newer = await take([row('A3', 303, { Operert: '27.02.2026', Endret: '03.03.2026 10:00:00' })]);
    const older = await take([row('A3', 303, { Operert: '26.02.2026', Endret: '01.03.2026 10:00:00' })]);

    expect(again.counts.unchanged).toBe(1);
    expect(newer.counts.taken).toBe(1);
    expect(older.report[0]).toMatchObject({ outcome: 'unchanged', findings: [{ rule: 'late-message' }] });
    expect(await found('Procedure', 'A3', 'inngrep-1')).toMatchObject({
      performedDateTime: '2026-02-27',
      meta: { versionId: '2' },
    });
  });

  it('is corrected where it can only mean one thing, and the report says so.', async () => {
    const { counts, report } = await take([row('A4', 304, { Operert: '2026-02-28', Kjonn: 'k ' })]);

    expect(counts).toMatchObject({ corrected: Number(report[0]?.outcome === 'corrected') });
    expect(report[0]?.findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ column: 'Operert', rule: 'date-form', new: '2026-02-28' }),
        expect.objectContaining({ column: 'Kjonn', rule: 'code-form', new: 'female' }),
      ]),
    );
  });

  it('with faults is refused whole, each by its column, with the nearest codes; the others are taken.', async () => {
    const wrong = row('A5', 305, { Fodselsnummer: '12345678901', Kjonn: 'Kvinne', Operert: '31.02.2026' });
    const { counts, report } = await take([
      wrong,
      row('A6', 306),
      row('A7', 307, { Avdeling: '9990099' }),
      row('A6', 306, { NCSP1: 'ABC36' }),
    ]);

    expect(counts).toEqual({ taken: 1, corrected: 0, unchanged: 0, refused: 3 });
    expect(report.map(({ line, outcome }) => [line, outcome])).toEqual([
      [2, 'refused'],
      [3, 'taken'],
      [4, 'refused'],
      [5, 'refused'],
    ]);
    expect(report[0]?.findings.map(({ column }) => column)).toEqual(['Fodselsnummer', 'Kjonn', 'Operert']);
    expect(report[0]?.findings[1]?.why).toContain('Nearest are');
    expect(report[2]?.findings[0]).toMatchObject({ column: 'Avdeling', rule: 'unknown-unit' });
    expect(report[3]?.findings[0]).toMatchObject({ rule: 'same-row' });
    expect(JSON.stringify(report)).not.toContain('12345678901');
    expect(await found('Procedure', 'A5', 'inngrep-1')).toBeUndefined();
  });

  it('is only tried in a rehearsal, with the same outcome.', async () => {
    const rows = [row('A8', 308), row('A9', 309, { Avdeling: '9990099' })];
    const lines = async () => (await server.app.received.inbox.list({ limit: 200 })).length;
    const before = await lines();

    const tried = await take(rows, 'rehearsed');
    const after = [await lines(), await found('Procedure', 'A8', 'inngrep-1')];
    const stored = await take(rows);

    expect(tried.counts).toEqual({ taken: 1, corrected: 0, unchanged: 0, refused: 1 });
    expect(after).toEqual([before, undefined]);
    expect(stored.counts).toEqual(tried.counts);
  });

  it('that was refused is in the inbox, and is replayed when what was wrong has been mended.', async () => {
    await take([row('B1', 311, { Avdeling: '9990077' })]);
    const inbox = await server.app.received.inbox.list({ limit: 200 });
    const line = inbox.find(({ message }) => message === `${MAPPING}|B1`);
    const first = await replay(server.app.received, line?.id ?? '', 'test');
    await server.app.repository.commit(
      {
        principal: { kind: 'system', subject: 'system:test', name: 'Test', scopes: ['system/*.cruds'] },
        requestId: 'test',
        interaction: 'test',
      },
      [
        {
          kind: 'create',
          type: 'Organization',
          resource: {
            resourceType: 'Organization',
            identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.102', value: '9990077' }],
            name: 'Ny seksjon',
            partOf: { reference: 'Organization/demo-sykehus' },
          },
        },
      ],
    );
    const second = await replay(server.app.received, line?.id ?? '', 'test');

    expect(line).toMatchObject({ door: 'csv', outcome: 'refused', isKept: true });
    expect(first).toMatchObject({
      outcome: 'refused',
      issues: [{ rule: 'unknown-unit' }, { rule: 'unknown-unit' }],
    });
    expect(second).toEqual({ outcome: 'replayed' });
    expect(await found('Procedure', 'B1', 'inngrep-1')).toBeDefined();
  });

  it('is not looked at when the table lacks a column that is needed, or the mapping is none.', async () => {
    await expect(take([], 'stored', HEAD.replace('NCSP1;', ''))).rejects.toThrow(
      'The table lacks these columns: NCSP1.',
    );
    expect(server.app.csv.mappings).toContain(MAPPING);
  });
});
