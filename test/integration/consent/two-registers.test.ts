/**
 * Reservation where one server keeps several registers: what belongs to another register stays (registers.md section 3). Pain runs by
 * reservation, back by consent.
 */
import { refuseReserved } from '../../../src/registry/consent/reserved.ts';
import { reservation } from '../../../src/registry/consent/reservation.ts';
import { typeCode } from '../../../src/fhir/resource-types.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import {
  as,
  ehrOf,
  post,
  refusalOf,
  type RepositoryUnderTest,
  startRepository,
} from '../../support/repository.ts';
import { staff } from '../../unit/access/principals.ts';

const REGISTERS = [
  { id: 'pain', access: { basis: [{ from: '2020-01-01', mode: 'reservation' }], national: 'true' } },
  { id: 'back', access: { basis: [{ from: '2020-01-01', mode: 'consent' }], national: 'true' } },
] as const;

let under: RepositoryUnderTest;

beforeAll(async () => {
  under = await startRepository([refuseReserved(REGISTERS), reservation(REGISTERS)]);
});

afterAll(() => under[Symbol.asyncDispose]());

const episode = (id: string, patient: string): JsonObject => ({
  resourceType: 'EpisodeOfCare',
  ...(id !== '' && { id }),
  status: 'active',
  patient: { reference: `Patient/${patient}` },
});
const condition = (id: string, patient: string): JsonObject => ({
  resourceType: 'Condition',
  ...(id !== '' && { id }),
  subject: { reference: `Patient/${patient}` },
});

/** In both registers, or in the one; with a diagnosis that the hospital has sent. */
async function person(id: string, registers: readonly string[]): Promise<void> {
  await under.seed([{ resourceType: 'Patient', id, name: [{ family: 'Berg' }] }], { unit: 'hospital' });
  await under.seed([condition(`sent-${id}`, id)], { unit: 'hospital' });
  for (const register of registers) {
    const labels = { register, unit: 'clinic', episode: `${register}-${id}`, national: true };
    await under.seed([episode(`${register}-${id}`, id)], labels);
  }
}

const reserved = (patient: string) => post(saysNo(patient, 'reserved'));

/** A Consent that says No, of a type. */
function saysNo(patient: string, code: string): JsonObject {
  return {
    resourceType: 'Consent',
    extension: [
      {
        url: 'https://ryggrad.no/fhir/StructureDefinition/missing-consent-type',
        valueCodeableConcept: {
          coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/missing-consent-type', code }],
        },
      },
    ],
    status: 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: `Patient/${patient}` },
    dateTime: '2026-11-19',
    policy: [{ uri: 'https://example.no/register' }],
    provision: { type: 'deny' },
  };
}

const kept = async (patient: string): Promise<readonly string[]> =>
  (
    await under.database.db.query<{ id: string }>({
      text: `select id from resource where patient = $1 and content is not null and type <> $2 order by id`,
      values: [patient, typeCode('Consent')],
    })
  ).map(({ id }) => id);

describe('A reservation against one of two registers', () => {
  it('deletes what that register has, and leaves the other one’s data, the person, and what was sent.', async () => {
    await person('both', ['pain', 'back']);

    await under.repository.commit(as(staff('SC')), [reserved('both')]);

    expect(await kept('both')).toEqual(['back-both', 'both', 'sent-both']);
    expect(await under.count('Patient', 'Berg')).toBe(1);
  });

  it('refuses a new pathway in that register alone; journals go on sending for the other one.', async () => {
    await person('goes-on', ['pain', 'back']);
    await under.repository.commit(as(staff('SC')), [reserved('goes-on')]);
    const hospital = as(ehrOf('hospital', 'clinic'));
    const inRegister = (register: string) =>
      under.repository.commit(as(staff('LU', { register })), [
        post(episode('', 'goes-on'), {
          labels: { register, unit: 'clinic', episode: null, national: false },
        }),
      ]);

    const sent = await refusalOf(under.repository.commit(hospital, [post(condition('', 'goes-on'))]));

    expect(sent).toBe('done');
    expect(await refusalOf(inRegister('pain'))).toBe('422 person-reserved');
    expect(await refusalOf(inRegister('back'))).toBe('done');
  });

  it('leaves the number alone of somebody who is in no other register.', async () => {
    await person('alone', ['pain']);

    await under.repository.commit(as(staff('SC')), [reserved('alone')]);

    expect(await kept('alone')).toEqual(['alone']);
    const sent = under.repository.commit(as(ehrOf('hospital', 'clinic')), [post(condition('', 'alone'))]);
    expect(await refusalOf(sent)).toMatch(/^422/);
  });

  it('is there already where a consent was withdrawn: nobody gets a new pathway; in a register with consent they are asked again.', async () => {
    await person('withdrew', []);
    for (const register of ['pain', 'back']) {
      await under.seed([{ ...saysNo('withdrew', 'withdrawn'), id: `no-${register}` }], {
        register,
        unit: 'clinic',
        episode: `earlier-${register}`,
      });
    }

    const opened = ['pain', 'back'].map((register) =>
      refusalOf(
        under.repository.commit(as(ehrOf('hospital', 'clinic')), [
          post(episode('', 'withdrew'), {
            labels: { register, unit: 'clinic', episode: null, national: false },
          }),
        ]),
      ),
    );

    expect(await Promise.all(opened)).toEqual(['422 person-reserved', 'done']);
  });

  it('leaves nothing when the other one is reserved against, too.', async () => {
    const third = { id: 'neck', access: REGISTERS[0].access };
    await using three = await startRepository([
      refuseReserved([...REGISTERS, third]),
      reservation([...REGISTERS, third]),
    ]);
    await three.seed([{ resourceType: 'Patient', id: 'p', name: [{ family: 'Berg' }] }], {
      unit: 'hospital',
    });
    await three.seed([condition('sent', 'p')], { unit: 'hospital' });
    for (const register of ['pain', 'neck']) {
      const labels = { register, unit: 'clinic', episode: register, national: true };
      await three.seed([episode(register, 'p')], labels);
    }

    await three.repository.commit(as(staff('SC')), [reserved('p')]);
    const between = [await three.count('Patient', 'Berg'), await three.count('Condition')];
    await three.repository.commit(as(staff('SC', { register: 'neck' })), [reserved('p')]);

    expect(between).toEqual([1, 1]);
    expect([await three.count('Patient', 'Berg'), await three.count('Condition')]).toEqual([0, 0]);
    expect([await three.count('Patient'), await three.count('Consent')]).toEqual([1, 2]);
  });

  it('is stated by a coordinator of that register, and not for the other one.', async () => {
    await person('other', ['pain', 'back']);

    const refused = under.repository.commit(as(staff('SC', { register: 'back' })), [reserved('other')]);

    expect(await refusalOf(refused)).toBe('422 reservation-mode');
    expect(await kept('other')).toEqual(['back-other', 'other', 'pain-other', 'sent-other']);
  });
});
