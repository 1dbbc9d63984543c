/** National registries by the shapes that they document, over HTTP, with their faults. */
import type { NationalStandIn } from '../../../demo/national/stand-in.ts';
import { type NationalRegistries, openRegistries } from '../../../src/adapters/national/settings.ts';
import { clockAt, type TestClock } from '../../support/clock.ts';
import { type NationalServer, startNationalServer } from './national-server.ts';
import { KARI, OLA } from './people.ts';

let national: NationalServer;
let standIn: NationalStandIn;
let clock: TestClock;
let registries: NationalRegistries;

beforeAll(async () => {
  national = await startNationalServer();
  standIn = national.standIn;
});

beforeEach(async () => {
  clock = clockAt(new Date().toISOString());
  standIn.faults.length = 0;
  standIn.asked.length = 0;
  registries = await openRegistries(await national.write(national.settings), clock);
});

afterAll(() => national[Symbol.asyncDispose]());

describe('The population registry', () => {
  it('tells what holds of a person: name, birth, sex, and where they live.', async () => {
    const person = await registries.population.find(KARI.numbers[0] ?? '');

    expect(person).toEqual({
      number: KARI.numbers[0],
      otherNumbers: [],
      given: 'Kari Anne',
      family: 'Testnes',
      birthDate: '1985-03-15',
      gender: 'female',
      isProtected: false,
      address: {
        lines: ['Fjordgata 12B'],
        postalCode: '5003',
        city: 'BERGEN',
        municipality: '4601',
        urbanDistrict: '460101',
      },
    });
  });

  it('finds somebody by a number that is no longer in use, says which one is, and keeps a confidential address to itself.', async () => {
    const found = await registries.population.findMany([OLA.numbers[1] ?? '', '00000000000']);

    expect([...found]).toEqual([
      [
        OLA.numbers[1],
        {
          number: OLA.numbers[0],
          otherNumbers: [OLA.numbers[1]],
          given: 'Ola',
          family: 'Testmo',
          birthDate: '1985-03-15',
          gender: 'male',
          deceased: '2026-10-02',
          isProtected: true,
        },
      ],
    ]);
  });

  it('knows nobody by a number that it does not have.', async () => {
    expect(await registries.population.find('13916900028')).toBeUndefined();
  });

  it('is asked for a hundred at a time, with one token until that is about to end.', async () => {
    const before = standIn.tokens;

    await registries.population.findMany(Array.from({ length: 250 }, (_, n) => String(10_000_000_000 + n)));
    expect(standIn.asked).toEqual([100, 100, 50].map((numbers) => ({ operation: 'bulk-by-nin', numbers })));
    expect(standIn.tokens - before).toBe(1);

    clock.advance({ seconds: 46 });
    await registries.population.find('13916900028');
    expect(standIn.tokens - before).toBe(2);
  });

  it('is asked with a new token after it has refused one.', async () => {
    await registries.population.find('13916900028');
    standIn.revoke();

    await expect(registries.population.find('13916900028')).rejects.toThrow('answered 401');
    expect(await registries.population.find(KARI.numbers[0] ?? '')).toMatchObject({ family: 'Testnes' });
  });

  it.each([
    ['an error', { status: 503 } as const, 'The population registry answered 503'],
    ['too many questions', { status: 429 } as const, 'The population registry answered 429'],
    ['a cut connection', 'cut' as const, /went wrong|socket hang up/],
    ['something that is no JSON', 'garbage' as const, /JSON|token/i],
  ])('throws after %s: nobody is taken for unknown.', async (_what, fault, message) => {
    standIn.faults.push(fault);

    await expect(registries.population.find(KARI.numbers[0] ?? '')).rejects.toThrow(message);
  });
});

describe('The registry of contact data', () => {
  it('tells where somebody wants messages, and whether they want none.', async () => {
    expect(await registries.contacts.find(KARI.numbers[0] ?? '')).toEqual({
      isReserved: false,
      hasMailbox: true,
      mobile: '+4740012345',
      email: 'kari@testnes.example',
    });
    expect(await registries.contacts.find('13916900028')).toBeUndefined();
  });

  it('gives no address that has not been confirmed for too long.', async () => {
    expect(await registries.contacts.find(OLA.numbers[0] ?? '')).toEqual({
      isReserved: true,
      hasMailbox: false,
    });
  });

  it('throws when it does not answer, so that the message is tried again.', async () => {
    standIn.faults.push({ status: 500 });

    await expect(registries.contacts.find(KARI.numbers[0] ?? '')).rejects.toThrow('answered 500');
  });
});

describe('The file of national registries', () => {
  it.each([
    [{ url: 'http://registry.example.no' }, 'population.url must be an https address'],
    [{ url: undefined }, 'population.url is missing'],
    [{ account: undefined }, 'population.account must be an object'],
    [{ basis: 'anything' }, 'population.basis must be legal-basis or no-legal-basis'],
  ])('with %j is refused: %s.', async (change, message) => {
    const file = await national.write({ population: { ...national.settings.population, ...change } });

    await expect(openRegistries(file, clock)).rejects.toThrow(message);
  });

  it('is not needed: nobody is asked then.', async () => {
    const none = await openRegistries(undefined, clock);

    expect(none.isKeptUp).toBe(false);
    expect(await none.population.find(KARI.numbers[0] ?? '')).toBeUndefined();
  });
});
