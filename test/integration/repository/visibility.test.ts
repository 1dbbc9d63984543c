/**
 * Who may see what, by every road (OWASP API1, CO-04): an oracle that knows no SQL computes it for a small store, and each
 * read, search, chain, include and write is compared with it.
 */
import type { Principal } from '../../../src/access/principal.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import type { Found } from '../../../src/repository/search.ts';
import {
  as,
  post,
  put,
  refusalOf,
  remove,
  type RepositoryUnderTest,
  startRepository,
} from '../../support/repository.ts';
import { CALLERS, type Fixture, LIVE, maySee, resourceOf, ROWS, storeFixture } from './visibility-fixture.ts';

const seen = (principal: Principal, test: (row: Fixture) => boolean = () => true): readonly string[] =>
  LIVE.filter((row) => maySee(principal, row) && test(row)).map(nameOf);

const nameOf = ({ type, id }: { readonly type: string; readonly id: string }): string => `${type}/${id}`;
const sortedNames = (rows: readonly { readonly type: string; readonly id: string }[]): readonly string[] =>
  rows.map(nameOf).toSorted();

describe.each(Object.entries(CALLERS))('What %s sees', (_who, principal) => {
  let sut: RepositoryUnderTest;

  beforeAll(async () => {
    sut = await startRepository();
    await storeFixture(sut);
  });
  afterAll(async () => {
    await sut[Symbol.asyncDispose]();
  });

  const search = (type: string, query: string): Promise<Found> =>
    sut.search.search(as(principal, 'search-type'), type, new URLSearchParams(query), { lenient: false });
  const found = async (type: string, query: string): Promise<readonly string[]> =>
    sortedNames((await search(type, query)).matches);

  it('is read by id; the rest answers like what never was.', async () => {
    const unknown = await refused(
      sut.repository.read(as(principal, 'read'), { type: 'Observation', id: 'XX' }),
    );
    for (const row of ROWS) {
      const answer = await refused(sut.repository.read(as(principal, 'read'), row));
      const hidden = unknown?.replaceAll('Observation/XX', nameOf(row));

      const expected = maySee(principal, row) ? whenSeen(row) : hidden;
      expect([nameOf(row), answer]).toEqual([nameOf(row), expected]);
    }
  });

  it('is read by version and history, unless earlier versions are not given out.', async () => {
    for (const row of LIVE) {
      const answers = [
        await refusalOf(sut.repository.vread(as(principal, 'vread'), row, '1')),
        await refusalOf(
          sut.repository.history(as(principal, 'history-instance'), { ...keyOf(row), count: 5 }),
        ),
      ];

      const seenOrNot = maySee(principal, row) ? 'done' : '404 not-found';
      const expected = principal.kind === 'analytics' ? '403 client-kind' : seenOrNot;
      expect([nameOf(row), ...answers]).toEqual([nameOf(row), expected, expected]);
    }
  });

  it('is all that histories of types and of the whole list.', async () => {
    if (principal.kind === 'analytics') {
      return;
    }
    const whole = await sut.repository.history(as(principal, 'history-system'), { count: 500 });
    const observations = await sut.repository.history(as(principal, 'history-type'), {
      type: 'Observation',
      count: 500,
    });

    const expected = ROWS.filter((row) => maySee(principal, row)).map(nameOf);
    expect([...new Set(whole.map(nameOf))].toSorted()).toEqual(expected.toSorted());
    expect([...new Set(observations.map(nameOf))].toSorted()).toEqual(
      expected.filter((name) => name.startsWith('Observation/')).toSorted(),
    );
  });

  it('is what searches find and count, page by page.', async () => {
    for (const type of new Set(ROWS.map((row) => row.type))) {
      const expected = seen(principal, (row) => row.type === type).toSorted();
      const counted = await search(type, '_summary=count');
      const pages: string[] = [];
      for (let query: string | undefined = '_count=2&_total=accurate'; query !== undefined;) {
        const page = await search(type, query);
        expect(page.total ?? expected.length).toBe(expected.length);
        pages.push(...page.matches.map(nameOf));
        query = page.nextQuery?.toString();
      }

      expect(await found(type, '')).toEqual(expected);
      expect(pages.toSorted()).toEqual(expected);
      expect(counted.total).toBe(expected.length);
    }
  });

  it('is found by id and by reference, one by one.', async () => {
    for (const row of LIVE) {
      const expected = maySee(principal, row) ? [nameOf(row)] : [];

      expect(await found(row.type, `_id=${row.id}`)).toEqual(expected);
    }
    for (const patient of ['p1', 'p2', 'p3', 'p4', 'p5', 'p6']) {
      expect(await found('Observation', `patient=Patient/${patient}`)).toEqual(
        seen(principal, (row) => row.type === 'Observation' && row.patient === patient).toSorted(),
      );
    }
  });

  it('bounds what includes bring along.', async () => {
    const observations = LIVE.filter(({ type }) => type === 'Observation').filter((row) =>
      maySee(principal, row),
    );
    const subjects = new Set(observations.map(({ patient }) => `Patient/${patient ?? ''}`));
    const included = await search('Observation', '_include=Observation:subject&_count=100');
    const patients = seen(principal, ({ type }) => type === 'Patient');
    const revincluded = await search(
      'Patient',
      '_count=100&_revinclude=Observation:subject&_revinclude=QuestionnaireResponse:subject&_revinclude=Task:patient',
    );

    expect(sortedNames(included.included)).toEqual(patients.filter((name) => subjects.has(name)).toSorted());
    expect(sortedNames(revincluded.included)).toEqual(
      seen(
        principal,
        ({ type, patient }) =>
          ['Observation', 'QuestionnaireResponse', 'Task'].includes(type) &&
          patients.includes(`Patient/${patient ?? ''}`),
      ).toSorted(),
    );
  });

  it('bounds what chains and _has can conclude.', async () => {
    const visible = new Set(seen(principal));
    const women = new Set(
      LIVE.filter(({ gender, ...row }) => gender === 'female' && visible.has(nameOf(row))).map(
        ({ id }) => id,
      ),
    );
    const marked = new Set(
      LIVE.filter(({ mark, ...row }) => mark === 'x' && visible.has(nameOf(row))).map(
        ({ patient }) => patient,
      ),
    );

    expect(await found('Observation', 'subject:Patient.gender=female')).toEqual(
      seen(principal, ({ type, patient = '' }) => type === 'Observation' && women.has(patient)).toSorted(),
    );
    expect(await found('Patient', '_has:Observation:subject:code=x')).toEqual(
      seen(principal, ({ type, id }) => type === 'Patient' && marked.has(id)).toSorted(),
    );
  });

  it('is what a reference may point at and a condition may match.', async () => {
    if (principal.kind !== 'ehr') {
      return;
    }
    const about = (reference: string): JsonObject => ({
      resourceType: 'Basic',
      code: { text: 'note' },
      author: { reference },
    });
    for (const row of LIVE.filter(({ type }) => type === 'Patient' || type === 'Practitioner')) {
      const isSeen = maySee(principal, row);

      expect([
        nameOf(row),
        await refusalOf(sut.repository.commit(as(principal), [post(about(nameOf(row)))])),
        await refusalOf(
          sut.repository.commit(as(principal), [post(about(`${row.type}?identifier=urn:test|${row.id}`))]),
        ),
      ]).toEqual([
        nameOf(row),
        isSeen ? 'done' : '422 dangling-reference',
        isSeen ? 'done' : '412 conditional-reference',
      ]);
    }
  });

  it('is what it may change at most, and never another’s.', async () => {
    if (principal.kind !== 'ehr') {
      return;
    }
    for (const row of LIVE.filter(({ type }) => type === 'Observation')) {
      const isOwn = principal.units.includes(row.unit ?? '');
      const foreign = maySee(principal, row) ? '403 unit' : '404 not-found';
      const expected = isOwn ? 'done' : foreign;
      const condition = `identifier=urn:test|${row.id}`;
      const [conditional] = maySee(principal, row)
        ? []
        : await sut.repository.commit(as(principal), [{ kind: 'delete', type: row.type, condition }]);

      expect([
        nameOf(row),
        await refusalOf(sut.repository.commit(as(principal), [put(resourceOf(row), { ifMatch: '1' })])),
        await refusalOf(sut.repository.commit(as(principal), [remove(row.type, row.id, { ifMatch: '1' })])),
        conditional?.effect,
      ]).toEqual([nameOf(row), expected, expected, maySee(principal, row) ? undefined : 'absent']);
    }
  });

  it('holds no number and no name of a person, where it is pseudonymised (ID-02).', async () => {
    if (principal.kind !== 'analytics') {
      return;
    }
    const { matches, included } = await search(
      'QuestionnaireResponse',
      '_include=QuestionnaireResponse:subject',
    );
    const text = [...matches, ...included].map(({ content }) => content).join('\n');

    expect(text).not.toMatch(/urn:test|Fjell/);
    for (const query of ['identifier=urn:test|p1', 'family=Fjell', '_sort=family', 'birthdate=1985']) {
      expect(await refusalOf(search('Patient', query))).toBe('400 pseudonymised');
    }
    for (const query of ['subject:Patient.family=Fjell', 'subject:identifier=urn:test|p1']) {
      expect(await refusalOf(search('QuestionnaireResponse', query))).toBe('400 pseudonymised');
    }
    expect(await refusalOf(search('Patient', '_has:RelatedPerson:patient:name=Fjell'))).toBe(
      '400 pseudonymised',
    );
  });
});

const whenSeen = ({ deleted }: Fixture): unknown =>
  deleted === true ? expect.stringMatching(/^410/) : undefined;

const keyOf = ({ type, id }: Fixture): { readonly type: string; readonly id: string } => ({ type, id });

/** `<status> <whole outcome>` of a refusal; undefined when it went well. */
async function refused(running: Promise<unknown>): Promise<string | undefined> {
  try {
    await running;
    return undefined;
  } catch (error) {
    return error instanceof FhirError ? `${error.status} ${JSON.stringify(error.issues)}` : String(error);
  }
}
