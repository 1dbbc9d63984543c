/** Results by HL7 version 2 (ORU R01) over a real socket: taken, corrected, repeated, late, refused and replayed. docs/adr/0034 */
import { readFile } from 'node:fs/promises';
import { replay } from '../../../src/operations/inbox/replay.ts';
import type { InboxRow } from '../../../src/storage/inbox.ts';
import { restartTestApp } from '../../support/app.ts';
import {
  contact,
  errorsOf,
  head,
  type Hl7Server,
  hl7File,
  lines,
  order,
  person,
  result,
  settings,
  startHl7Server,
  SYSTEM,
  verdictOf,
} from './hl7-server.ts';

let hl7: Hl7Server;
beforeAll(async () => {
  hl7 = await startHl7Server();
});
afterAll(async () => {
  await hl7[Symbol.asyncDispose]();
});

const oru = { app: 'LAB' };
const send = (...segments: readonly string[]) => hl7.line.send(lines(...segments));
const observation = async (name: string) =>
  (await hl7.found(`Observation?identifier=${encodeURIComponent(`${SYSTEM}/result|${name}`)}`))[0];
const rows = (): Promise<readonly InboxRow[]> => hl7.server.app.received.inbox.list({ limit: 200 });

describe('A result by HL7 v2', () => {
  it('becomes an Observation with translated code, unit, range, flag and note, and is answered AA.', async () => {
    const answer = await send(
      head('ORU^R01^ORU_R01', { ...oru, id: 'R1' }),
      person(101),
      order('S-101'),
      result(1, 'HIVRNA', { value: '<20', unit: 'kopier/mL', range: '<20', flag: 'N' }),
      'NTE|1||Prøven er analysert på nytt\\.br\\med ny metode',
      result(2, 'CD4', { value: '310.50', unit: '10\\S\\6/L', range: '400-1600', flag: 'L' }),
      result(3, 'HBSAG', { type: 'CWE', value: 'NEG^Negativ^L' }),
    );

    expect(answer[0]).toMatch(/^MSH\|\^~\\&\|RYGGRAD\|SKDE\|LAB\|FJORDHEIM\|\d{14}\+0000\|\|ACK\^R01\^ACK\|/);
    expect(answer[1]).toBe('MSA|AA|R1');
    expect(answer).toHaveLength(2);
    expect(await observation('S-101/HIVRNA')).toMatchObject({
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '20447-9' }, { code: 'HIVRNA' }] },
      effectiveDateTime: '2026-02-18T08:30:00+01:00',
      valueQuantity: { comparator: '<', value: 20, unit: 'kopier/mL', code: '{copies}/mL' },
      interpretation: [{ coding: [{ code: 'N' }] }],
      note: [{ text: 'Prøven er analysert på nytt\nmed ny metode' }],
      referenceRange: [{ high: { value: 20 }, text: '<20' }],
    });
    expect(await observation('S-101/CD4')).toMatchObject({
      valueQuantity: { value: 310.5, code: '10*6/L' },
      referenceRange: [{ low: { value: 400 }, high: { value: 1600 } }],
    });
    expect(await observation('S-101/HBSAG')).toMatchObject({
      valueCodeableConcept: { coding: [{ code: 'negative' }, { code: 'NEG', display: 'Negativ' }] },
    });
  });

  it('keeps the letters of ISO 8859/1, by the header alone.', async () => {
    const { mllpFrame } = await import('../../support/mllp.ts');
    hl7.line.write(
      mllpFrame(
        lines(
          head('ORU^R01', { ...oru, charset: '8859/1' }),
          person(102),
          order('S-102'),
          result(1, 'CD4', { value: '1' }),
          'NTE|1||Blåbær og øl',
        ),
        'latin1',
      ),
    );

    expect(verdictOf((await hl7.line.answer()) ?? [])).toBe('AA');
    expect(await observation('S-102/CD4')).toMatchObject({ note: [{ text: 'Blåbær og øl' }] });
  });

  it('is corrected, cancelled and taken back by later messages (IR-05).', async () => {
    const about = (state: string, value: string, ago: number) =>
      send(
        head('ORU^R01', { ...oru, ago }),
        person(103),
        order('S-103'),
        result(1, 'CD4', { value, unit: '10^6/L', state }),
      );
    const seen = [];
    for (const [state, value] of [
      ['P', '300'],
      ['F', '310'],
      ['C', '410'],
      ['X', ''],
      ['W', ''],
    ] as const) {
      await about(state, value, 20 - seen.length);
      seen.push((await observation('S-103/CD4'))?.['status']);
    }

    expect(seen).toEqual(['preliminary', 'final', 'corrected', 'cancelled', 'entered-in-error']);
  });

  it('comes to the same state in whatever order it comes, and twice (IR-03, IR-05).', async () => {
    const first = lines(
      head('ORU^R01', { ...oru, ago: 30 }),
      person(104),
      order('S-104'),
      result(1, 'CD4', { value: '1' }),
    );
    const second = lines(
      head('ORU^R01', { ...oru, ago: 20 }),
      person(104),
      order('S-104'),
      result(1, 'CD4', { value: '2', state: 'C' }),
    );

    const answers = [];
    for (const message of [second, first, second, first]) {
      answers.push(await hl7.line.send(message));
    }

    expect(answers.map(verdictOf)).toEqual(['AA', 'AA', 'AA', 'AA']);
    expect(errorsOf(answers[1] ?? [])).toEqual([expect.arrayContaining(['I', 'late-message'])]);
    expect(await observation('S-104/CD4')).toMatchObject({
      valueQuantity: { value: 2 },
      meta: { versionId: '1' },
    });
  });

  it('repeated under one code is several, each known again.', async () => {
    const message = (ago: number) =>
      send(
        head('ORU^R01', { ...oru, ago }),
        person(105),
        order('S-105'),
        result(1, 'CD4', { value: '5' }),
        result(2, 'CD4', { value: '6' }),
      );

    await message(9);
    await message(8);

    expect(await observation('S-105/CD4')).toMatchObject({
      valueQuantity: { value: 5 },
      meta: { versionId: '1' },
    });
    expect(await observation('S-105/CD4#2')).toMatchObject({ valueQuantity: { value: 6 } });
  });
});

describe('A message with faults', () => {
  it('is answered AE with an ERR for each, at its place, and nothing of it is stored.', async () => {
    const answer = await send(
      head('ORU^R01', { ...oru, id: 'BAD1' }),
      person(106),
      order('S-106', '20261399'),
      result(1, 'CD4', { value: 'mange' }),
      result(2, 'HIVRNE', { value: '5' }),
      result(3, 'CD4', { value: '5', state: 'Q' }),
    );

    expect(answer[1]).toMatch(/^MSA\|AE\|BAD1\|/);
    expect(
      errorsOf(answer).map((fields) => [fields[2], fields[3]?.split('^')[0], fields[4], fields[5]]),
    ).toEqual([
      ['OBR^1^7^1', '102', 'E', 'hl7-type'],
      ['OBX^1^5^1', '102', 'E', 'hl7-type'],
      ['OBX^2^3^1', '103', 'E', 'unmapped-code'],
      ['OBX^3^11^1', '103', 'E', 'hl7-table'],
    ]);
    expect(answer.find((segment) => segment.includes('unmapped-code'))).toContain('Nearest are HIVRNA (');
    expect(await observation('S-106/CD4')).toBeUndefined();
  });

  it('has its faults in ERR-1 where the sender speaks an older version.', async () => {
    const answer = await send(
      head('ORU^R01', { ...oru, version: '2.3' }),
      person(107),
      result(1, 'CD4', { value: '5' }),
    );

    expect(answer[0]).toContain('|ACK^R01|');
    expect(answer[0]).toContain('|P|2.3|');
    expect(answer[2]).toBe('ERR|OBX^1^^101&Required field missing&HL70357');
  });

  it('with a national number that is none is refused where it stands, without repeating it.', async () => {
    const { pid, number } = { pid: person(108), number: /\|(\d{11})\^/.exec(person(108))?.[1] ?? '' };
    const wrong = `${number.slice(0, 10)}${(Number(number[10]) + 1) % 10}`;
    const answer = await send(
      head('ORU^R01', oru),
      pid.replace(number, wrong),
      order('S-108'),
      result(1, 'CD4', { value: '5' }),
    );

    expect(verdictOf(answer)).toBe('AE');
    expect(answer.join('\n')).not.toContain(wrong);
    expect(errorsOf(answer)[0]?.[2]).toMatch(/^PID/);
  });

  it.each([
    ['of an event that is not taken', 'ADT^A60', {}, 'hl7-event'],
    ['of a kind that is not taken', 'MDM^T02', {}, 'hl7-message-type'],
    ['of another sender', 'ORU^R01', { app: 'STRANGER' }, 'hl7-sender'],
    ['of a version that is not known', 'ORU^R01', { version: '2.9' }, 'hl7-version'],
    ['from the future', 'ORU^R01', { ago: -60 }, 'message-time'],
  ])('%s is refused whole.', async (_what, event, more, rule) => {
    const answer = await send(
      head(event, { ...oru, ...more }),
      person(109),
      order('S-109'),
      result(1, 'CD4', { value: '5' }),
    );

    expect(verdictOf(answer)).toBe(rule === 'message-time' ? 'AE' : 'AR');
    expect(errorsOf(answer)[0]?.[5] ?? answer.join()).toContain(rule);
  });

  it('is in the inbox with its reasons, and is replayed when the map knows the code.', async () => {
    const answer = await send(
      head('ORU^R01', { ...oru, id: 'REPLAY1' }),
      person(110),
      order('S-110'),
      result(1, 'CD4NY', { value: '5' }),
    );
    const row = (await rows()).find(({ message }) => message?.endsWith('|REPLAY1') === true);
    const again = await replay(hl7.server.app.received, row?.id ?? '', 'test');

    const mended = await hl7File({ ...settings(), codeSystems: {}, maps: [], unmapped: 'keep' });
    const restarted = await restartTestApp(hl7.server, { HL7V2_FILE: mended });
    const third = await replay(restarted.app.received, row?.id ?? '', 'test');
    const ehr = await restarted.client('ehr');
    const { body } = await ehr.get(`fhir/Observation?identifier=${SYSTEM}/result|S-110/CD4NY`);
    hl7.line[Symbol.dispose]();
    await hl7.server.app.hl7v2.stop();
    await restarted[Symbol.asyncDispose]();
    hl7 = await startHl7Server();

    expect(verdictOf(answer)).toBe('AE');
    expect(row).toMatchObject({
      door: 'hl7v2',
      outcome: 'refused',
      isKept: true,
      issues: [{ rule: 'unmapped-code' }],
    });
    expect(again).toMatchObject({ outcome: 'refused' });
    expect(third).toEqual({ outcome: 'replayed' });
    expect(body).toMatchObject({ total: 1 });
  });
});

describe('Results for a register that nobody types into', () => {
  it('fill its form: NORHIV has the laboratory’s answers by HL7 v2.', async () => {
    const journal = await readFile('registers/norhiv/cases/nora-new/input.json', 'utf8');
    const before = await hl7.ehr.post('fhir', JSON.parse(journal));
    const nora = 'PID|1||08889010852^^^FNR||Prøve^Nora||19900808|F';
    expect(before).toMatchObject({ status: 200 });
    const answer = await send(
      head('ORU^R01', oru),
      nora,
      contact('V120'),
      order('S-120'),
      result(1, 'HIVRNA', { value: '48000', unit: 'kopier/mL' }),
      result(2, 'CD4', { value: '310', unit: '10^6/L' }),
    );
    expect(await hl7.server.app.jobs.runOnce()).toEqual([]);
    const forms = await hl7.found('QuestionnaireResponse?status=completed');

    expect(verdictOf(answer)).toBe('AA');
    expect(JSON.stringify(forms)).toContain('48000');
    expect(JSON.stringify(forms)).toContain('310');
  });
});
