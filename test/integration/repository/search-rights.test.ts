/** Scopes behind a search (SC-03): what it reaches needs a scope too. */
import { ehrOf, as, refusalOf, type RepositoryUnderTest, startRepository } from '../../support/repository.ts';

describe('A search with few scopes', () => {
  let sut: RepositoryUnderTest;
  const principal = { ...ehrOf('hospital'), scopes: ['system/Observation.rs', 'system/Encounter.r'] };

  beforeAll(async () => {
    sut = await startRepository();
    await sut.seed(
      [
        { resourceType: 'Patient', id: 'p' },
        {
          resourceType: 'Observation',
          id: 'o',
          status: 'final',
          code: { text: 'smerte' },
          subject: { reference: 'Patient/p' },
        },
      ],
      { unit: 'hospital' },
    );
  });
  afterAll(async () => {
    await sut[Symbol.asyncDispose]();
  });

  const search = (type: string, query: string, scopes = principal.scopes) =>
    sut.search.search(as({ ...principal, scopes }, 'search-type'), type, new URLSearchParams(query), {
      lenient: false,
    });

  it('finds the types that it may search.', async () => {
    const { matches } = await search('Observation', '');

    expect(matches.map(({ id }) => id)).toEqual(['o']);
    expect(await refusalOf(search('Patient', ''))).toBe('403 scope');
    expect(await refusalOf(search('Encounter', ''))).toBe('403 scope');
    expect(await refusalOf(search('', '_type=Observation,Patient'))).toBe('403 scope');
  });

  it.each([
    ['Observation', 'subject:Patient.gender=female'],
    ['Observation', 'subject:Patient._id=p'],
    ['Observation', '_has:Provenance:target:agent=x'],
    ['Observation', '_include=Observation:subject:Patient'],
    ['Observation', '_revinclude=Provenance:target'],
  ])('is refused when it reaches others: %s?%s.', async (type, query) => {
    expect(await refusalOf(search(type, query))).toBe('403 scope');
  });

  it('brings along no type that it may not search, when an include names none.', async () => {
    const few = await search('Observation', '_include=Observation:subject');
    const all = await search('Observation', '_include=Observation:subject', ['system/*.rs']);

    expect(few.included).toEqual([]);
    expect(all.included.map(({ id }) => id)).toEqual(['p']);
  });
});
