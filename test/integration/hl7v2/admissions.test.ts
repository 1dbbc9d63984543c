/** Admissions, moves, discharges, deaths and merges by HL7 version 2 (ADT) over a real socket. docs/adr/0034 */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { mllpClient, mllpFrame } from '../../support/mllp.ts';
import { syntheticNumber } from '../../support/synthetic-number.ts';
import {
  contact,
  errorsOf,
  head,
  type Hl7Server,
  lines,
  LOCAL,
  order,
  person,
  result,
  startHl7Server,
  SYSTEM,
  verdictOf,
} from './hl7-server.ts';

const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';

let hl7: Hl7Server;
beforeAll(async () => {
  hl7 = await startHl7Server();
});
afterAll(async () => {
  await hl7[Symbol.asyncDispose]();
});

const send = (...segments: readonly string[]) => hl7.line.send(lines(...segments));
const visit = async (number: string): Promise<JsonObject | undefined> =>
  (await hl7.found(`Encounter?identifier=${SYSTEM}/visit|${number}`))[0];

/** A search with a national number is not made by address. */
async function patient(seed: number): Promise<JsonObject | undefined> {
  const all = await hl7.found('Patient?_count=200');
  const { number } = syntheticNumber(seed);
  return all.find(({ identifier }) =>
    ((identifier ?? []) as readonly JsonObject[]).some(
      ({ system, value }) => system === FNR && value === number,
    ),
  );
}
const local = async (value: string): Promise<JsonObject | undefined> =>
  (await hl7.found(`Patient?identifier=${LOCAL}|${value}`))[0];

describe('A contact by HL7 v2', () => {
  const course = [
    ['ADT^A01', { from: '20260301080000' }, 'in-progress'],
    ['ADT^A02', { from: '20260301080000', unit: 'RYGG' }, 'in-progress'],
    ['ADT^A03', { from: '20260301080000', to: '20260304120000', unit: 'RYGG' }, 'finished'],
    ['ADT^A13', { from: '20260301080000', unit: 'RYGG' }, 'in-progress'],
    ['ADT^A11', { from: '20260301080000', unit: 'RYGG' }, 'cancelled'],
  ] as const;

  it('is admitted, moved, discharged, and taken back.', async () => {
    const seen = [];
    for (const [at, [event, more]] of course.entries()) {
      const answer = await send(head(event, { ago: 50 - at }), person(201), contact('V-201', more));
      const encounter = await visit('V-201');
      seen.push([verdictOf(answer), encounter?.['status']]);
    }

    expect(seen).toEqual(course.map(([, , status]) => ['AA', status]));
    expect(await visit('V-201')).toMatchObject({
      class: { code: 'IMP' },
      period: { start: '2026-03-01T08:00:00+01:00' },
      serviceProvider: { reference: 'Organization/demo-ryggkirurgi' },
      location: [{ location: { display: 'RYGG 12 B' } }],
    });
    expect(await patient(201)).toMatchObject({
      name: [{ family: 'Prøve', given: ['Nora', 'Maria'] }],
      address: [{ postalCode: '5003' }],
    });
  });

  it('ends in the same state in whatever order its messages come (IR-05).', async () => {
    const shuffled = [2, 4, 0, 3, 1];
    for (const at of shuffled) {
      const [event, more] = course[at] as (typeof course)[number];
      await send(head(event, { ago: 50 - at }), person(202), contact('V-202', more));
    }

    expect((await visit('V-202'))?.['status']).toBe('cancelled');
  });

  it('at a unit that the connection does not know is refused with the nearest ones.', async () => {
    const answer = await send(
      head('ADT^A01'),
      person(203),
      contact('V-203', { unit: 'INFPOLI', from: '20260301' }),
    );

    expect(verdictOf(answer)).toBe('AE');
    expect(errorsOf(answer)[0]).toEqual(expect.arrayContaining(['PV1^1^3^1', 'unknown-unit']));
    expect(answer.join()).toContain('INFPOL');
    expect(await visit('V-203')).toBeUndefined();
    expect(await patient(203)).toBeUndefined();
  });
});

describe('A person by HL7 v2', () => {
  it('is changed by what a later message tells, and by nothing that it leaves out.', async () => {
    await send(head('ADT^A28', { ago: 9 }), person(210));
    const { number } = syntheticNumber(210);
    await send(head('ADT^A31', { ago: 8 }), `PID|1||${number}^^^FNR||Ny^Nora||||||""`);

    const changed = await patient(210);

    expect(changed).toMatchObject({ name: [{ family: 'Ny' }], telecom: [{ value: '90000000' }] });
    expect(changed?.['address']).toBeUndefined();
    expect(changed?.['birthDate']).toBe(syntheticNumber(210).birthDate);
  });

  it('has died when the discharge says so, and lives when that is taken back.', async () => {
    await send(
      head('ADT^A03', { ago: 9 }),
      person(211),
      contact('V-211', { from: '20260301', to: '20260304120000', out: '20' }),
    );
    const dead = await patient(211);
    const fields = person(211).split('|');
    fields[30] = 'N';
    await send(head('ADT^A08', { ago: 8 }), fields.map((field) => field ?? '').join('|'));
    const alive = await patient(211);

    expect(dead?.['deceasedDateTime']).toBe('2026-03-04T12:00:00+01:00');
    expect(alive?.['deceasedDateTime']).toBeUndefined();
  });

  it('with a known number and another birth date is refused.', async () => {
    await send(head('ADT^A28'), person(212));

    const answer = await send(
      head('ADT^A28'),
      person(212).replace(syntheticNumber(212).birthDate.replaceAll('-', ''), '19010101'),
    );

    expect(verdictOf(answer)).toBe('AE');
    expect(errorsOf(answer)[0]).toEqual(expect.arrayContaining(['PID^1^7^1', 'person-conflict']));
  });
});

describe('A merge by HL7 v2', () => {
  const temporary = (id: string): string => `PID|1||${id}^^^FJORDHEIM||Ukjent^Mann||||||`;

  it('marks the temporary person as replaced, gives staff a task, and later results are about who stays.', async () => {
    await send(
      head('ORU^R01', { ago: 30, app: 'LAB' }),
      temporary('TMP220'),
      order('S-220'),
      result(1, 'CD4', { value: '5' }),
    );
    const merge = lines(head('ADT^A40', { ago: 20 }), person(220), 'MRG|TMP220^^^FJORDHEIM');
    const answers = [await hl7.line.send(merge), await hl7.line.send(merge)];
    await send(
      head('ORU^R01', { ago: 10, app: 'LAB' }),
      temporary('TMP220'),
      order('S-221'),
      result(1, 'CD4', { value: '6' }),
    );

    const [survivor, merged] = [await patient(220), await local('TMP220')];
    const [later] = await hl7.found(`Observation?identifier=${SYSTEM}/result|S-221/CD4`);
    const tasks = await hl7.found(`Task?identifier=${SYSTEM}/merge|${String(merged?.['id'])}`);

    expect(answers.map(verdictOf)).toEqual(['AA', 'AA']);
    expect(merged).toMatchObject({
      active: false,
      link: [{ type: 'replaced-by', other: { reference: `Patient/${String(survivor?.['id'])}` } }],
    });
    expect(later).toMatchObject({ subject: { reference: `Patient/${String(survivor?.['id'])}` } });
    expect(tasks).toMatchObject([{ status: 'requested', code: { coding: [{ code: 'merge-persons' }] } }]);
  });

  it('that comes before the temporary person holds for what comes after.', async () => {
    await send(head('ADT^A40', { ago: 20 }), person(222), 'MRG|TMP222^^^FJORDHEIM');
    await send(
      head('ORU^R01', { ago: 30, app: 'LAB' }),
      temporary('TMP222'),
      order('S-222'),
      result(1, 'CD4', { value: '5' }),
    );

    const [observation] = await hl7.found(`Observation?identifier=${SYSTEM}/result|S-222/CD4`);

    expect(observation).toMatchObject({
      subject: { reference: `Patient/${String((await patient(222))?.['id'])}` },
    });
  });
});

describe('A line of HL7 v2', () => {
  it('takes messages that are cut anywhere and several in a packet, and answers in order.', async () => {
    using client = await mllpClient(hl7.port);
    const messages = [0, 1, 2].map((at) =>
      mllpFrame(lines(head('ADT^A28', { id: `CUT${at}` }), person(230 + at))),
    );
    const bytes = Buffer.concat(messages);
    for (let at = 0; at < bytes.length; at += 97) {
      client.write(bytes.subarray(at, at + 97));
    }

    const answers = [await client.answer(), await client.answer(), await client.answer()];

    expect(answers.map((answer) => answer?.[1])).toEqual(['MSA|AA|CUT0', 'MSA|AA|CUT1', 'MSA|AA|CUT2']);
  });

  it.each([
    ['bytes without a frame', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    [
      'a frame of noise',
      Buffer.concat([Buffer.of(0x0b), Buffer.from([1, 2, 255, 254]), Buffer.of(0x1c, 0x0d)]),
    ],
    ['an empty frame', Buffer.of(0x0b, 0x1c, 0x0d)],
    ['a header that is none', mllpFrame('MSH|||||')],
    ['letters for separators', mllpFrame('MSHabcdefgh')],
    ['bytes that are not of their character set', mllpFrame(`${head('ADT^A28')}\nPID|1||å`, 'latin1')],
    ['a frame that is too large', mllpFrame(`MSH|^~\\&|${'x'.repeat(200_000)}`)],
    ['a frame that begins twice', Buffer.concat([Buffer.of(0x0b), Buffer.from('MSH'), mllpFrame('MSH|')])],
  ])('answers %s with a refusal, and the next connection is served.', async (_what, bytes) => {
    using broken = await mllpClient(hl7.port);
    broken.write(bytes);

    const answer = await broken.answer();
    const next = await send(head('ADT^A28'), person(240));

    expect(answer?.[1]).toMatch(/^MSA\|A[ER]\|/);
    expect(verdictOf(next)).toBe('AA');
  });

  it('never crashes on a message that is spoilt anywhere, and always answers.', async () => {
    const whole = lines(head('ADT^A01'), person(241), contact('V-241', { from: '20260301' }));
    const random = seeded(7);
    const verdicts = new Set<string | undefined>();
    for (let count = 0; count < 60; count++) {
      const at = Math.floor(random() * whole.length);
      const signs = '|^~&\\"\u0000x9-';
      const spoilt = `${whole.slice(0, at)}${signs[Math.floor(random() * signs.length)] ?? ''}${whole.slice(at + Math.floor(random() * 4))}`;
      verdicts.add(verdictOf(await hl7.line.send(spoilt)));
    }

    expect([...verdicts].filter((verdict) => !/^A[AER]$/.test(verdict ?? ''))).toEqual([]);
  });

  it('is stopped when the message under way is answered.', async () => {
    const client = await mllpClient(hl7.port);
    client.write(mllpFrame(lines(head('ADT^A28', { id: 'LAST' }), person(250))));
    const answer = client.answer();
    const first = await answer;
    await hl7.server.app.hl7v2.stop();

    expect(first?.[1]).toBe('MSA|AA|LAST');
    expect(await client.answer()).toBeUndefined();
  });
});

/** Numbers in [0, 1), the same every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
