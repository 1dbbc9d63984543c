/** Persons kept up with the population registry, on real PostgreSQL. */
import type { RegisteredPerson } from '../../../src/registry/person/population-registry.ts';
import { keepIdentifiers } from '../../../src/registry/person/keep-identifiers.ts';
import { keepUp, type KeptUp } from '../../../src/registry/person/keep-up.ts';
import { IDENTIFIER_SYSTEMS } from '../../../src/fhir/identifiers.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { SYSTEM } from '../../../src/access/principal.ts';
import { personNumbers } from '../../../bench/synthetic.ts';
import { as, bodyOf, type RepositoryUnderTest, startRepository } from '../../support/repository.ts';

let store: RepositoryUnderTest;
let ids = 0;
const numbers = personNumbers();
const newNumber = (): string => numbers.next().value;

beforeAll(async () => {
  store = await startRepository([keepIdentifiers]);
});

afterAll(() => store[Symbol.asyncDispose]());

const fnr = (value: string, use?: string): JsonObject => ({
  ...(use !== undefined && { use }),
  system: IDENTIFIER_SYSTEMS.fnr,
  value,
});

const patient = (id: string, number: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Patient',
  id,
  identifier: [
    fnr(number),
    { system: 'https://ryggrad.no/fhir/NamingSystem/pasient-id', value: `7${id.length}` },
  ],
  name: [{ use: 'official', family: 'Feilskrevet', given: ['Kari'] }],
  birthDate: '1985-03-15',
  telecom: [{ system: 'phone', value: '40012345' }],
  ...more,
});

const registered = (number: string, more: Partial<RegisteredPerson> = {}): RegisteredPerson => ({
  number,
  otherNumbers: [],
  given: 'Kari Anne',
  family: 'Testnes',
  birthDate: '1985-03-15',
  gender: 'female',
  isProtected: false,
  ...more,
});

/** One round with a registry that has these people. */
const round = (
  persons: readonly RegisteredPerson[],
  during: (numbers: readonly string[]) => Promise<unknown> = () => Promise.resolve(),
): Promise<KeptUp> =>
  keepUp({
    repository: store.repository,
    newId: () => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}`,
    population: {
      find: () => Promise.reject(new Error('asked for one')),
      async findMany(numbers) {
        await during(numbers);
        return new Map(
          numbers.flatMap((number) => {
            const person = persons.find((one) => one.number === number || one.otherNumbers.includes(number));
            return person === undefined ? [] : [[number, person] as const];
          }),
        );
      },
    },
  });

const stored = async (id: string): Promise<JsonObject> =>
  bodyOf(await store.repository.read(as(SYSTEM), { type: 'Patient', id }));

const provenances = () => store.count('Provenance');

describe('A round with the population registry', () => {
  const number = newNumber();
  const address = { lines: ['Fjordgata 12B'], postalCode: '5003', city: 'BERGEN', municipality: '4601' };

  it('writes what the registry has of a person, keeps what it does not have, and says where it is from.', async () => {
    await store.seed([patient('kari', number)]);

    expect(await round([registered(number, { address })])).toEqual({
      asked: 1,
      changed: 1,
      unknown: 0,
      left: 0,
      doubles: [],
    });

    expect(await stored('kari')).toMatchObject({
      identifier: [{ value: number }, { value: '74' }],
      name: [{ use: 'official', family: 'Testnes', given: ['Kari', 'Anne'] }],
      gender: 'female',
      telecom: [{ value: '40012345' }],
      address: [
        {
          use: 'home',
          line: ['Fjordgata 12B'],
          postalCode: '5003',
          city: 'BERGEN',
          _district: { extension: [{ valueCoding: { code: '4601' } }] },
        },
      ],
    });
    expect(await provenances()).toBe(1);
  });

  it('writes nothing when nothing is new.', async () => {
    const before = await stored('kari');

    expect(await round([registered(number, { address })])).toMatchObject({ asked: 1, changed: 0 });

    expect(await stored('kari')).toEqual(before);
    expect(await provenances()).toBe(1);
  });

  it('writes a death, and takes it back when the registry does.', async () => {
    await round([registered(number, { address, deceased: '2026-10-02' })]);
    expect(await stored('kari')).toMatchObject({ deceasedDateTime: '2026-10-02' });

    await round([registered(number, { address })]);
    expect(await stored('kari')).not.toHaveProperty('deceasedDateTime');
  });

  it('drops the address of somebody whose address has become confidential.', async () => {
    await round([registered(number, { isProtected: true })]);

    expect(await stored('kari')).not.toHaveProperty('address');
  });

  it('takes the number in use, and keeps the earlier one so that what is sent under it finds the person.', async () => {
    const now = newNumber();

    await round([registered(now, { otherNumbers: [number] })]);

    expect(await stored('kari')).toMatchObject({
      identifier: [{ use: 'official', value: now }, { use: 'old', value: number }, { value: '74' }],
    });
    expect(await round([registered(now, { otherNumbers: [number] })])).toMatchObject({ changed: 0 });
  });

  it('names a person who is here twice, once by each number, and changes neither.', async () => {
    const [first, second] = [newNumber(), newNumber()];
    await store.seed([patient('twice-a', first), patient('twice-b', second)]);
    const same = registered(second, { otherNumbers: [first] });

    const kept = await round([same]);

    expect(kept.doubles).toEqual(['twice-a']);
    expect((await stored('twice-a'))['identifier']).toMatchObject([{ value: first }, {}]);
  });

  it('asks for many in pages, and leaves those that the registry does not know.', async () => {
    const many = Array.from({ length: 230 }, (_, n) => patient(`many-${n}`, newNumber()));
    await store.seed(many);
    const questions: number[] = [];

    const kept = await round([], () => Promise.resolve(questions.push(1)));

    expect(kept.asked).toBe(233);
    expect(kept.unknown).toBe(233);
    expect(questions.length).toBe(3);
  });

  it('leaves for the next round what somebody writes meanwhile.', async () => {
    const own = newNumber();
    await store.seed([patient('meanwhile', own)]);
    const person = registered(own);

    const kept = await round([person], async (asked) => {
      if (asked.includes(own)) {
        await store.seed([{ ...(await stored('meanwhile')), active: true }]);
      }
    });

    expect(kept).toMatchObject({ left: 1, changed: 0 });
    expect(await round([person])).toMatchObject({ left: 0, changed: 1 });
    expect(await stored('meanwhile')).toMatchObject({ active: true, name: [{ family: 'Testnes' }] });
  });

  it('ends when the registry cannot be asked, with what is written kept.', async () => {
    const failing = round([], () => Promise.reject(new Error('The population registry answered 503')));

    await expect(failing).rejects.toThrow('answered 503');
  });
});
