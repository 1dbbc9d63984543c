/** SQL text and parameters of each kind of search. */
import { hash32, hash64 } from '../../../src/fhir/id.ts';
import { typeCode } from '../../../src/fhir/resource-types.ts';
import { parseSearch } from '../../../src/search/parse.ts';
import { planSearch, signature } from '../../../src/search/plan.ts';
import type { Plan } from '../../../src/search/plan.ts';
import { boundedCountSql, columnSql, countSql, estimateSql, pageSql } from '../../../src/search/print.ts';
import { writeCursor } from '../../../src/search/cursor.ts';
import type { PlainCriterion } from '../../../src/search/tree.ts';
import type { Sql } from '../../../src/storage/store.ts';
import { parameters } from './definitions.ts';

const OPTIONS = { now: new Date('2024-06-01T00:00:00Z'), filter: undefined };
const OBSERVATION = typeCode('Observation');
const LOINC = 'http://loinc.org';

const plan = (type: string | undefined, query: string): Plan => {
  const tree = parseSearch(type, new URLSearchParams(query), parameters);
  return planSearch(tree, tree.criteria as readonly PlainCriterion[], parameters);
};

const page = (type: string | undefined, query: string): Sql => pageSql(plan(type, query), OPTIONS);

/** The conditions of a search beside its type. */
const conditions = (
  type: string,
  query: string,
): { texts: readonly string[]; values: readonly unknown[] } => {
  const { text, values } = page(type, query);
  const where = /where ([^]*)\norder by/.exec(text)?.[1] ?? '';
  return {
    texts: where
      .split('\n  and ')
      .filter((line) => line !== 'r.content is not null' && line !== 'r.type = $1'),
    values: values.slice(1, -1),
  };
};

const COLUMNS = 'r.cmp, r.type, r.id, r.ver, r.lu, r.rid, r.content, r.reg, r.unit, r.episode, r.natl';
const JOINED = 'i.cmp = r.cmp and i.type = r.type and i.rid = r.rid';

describe('The search planner', () => {
  it('lets the patient lead, in the order of the patient index.', () => {
    expect(page('Observation', `patient=p1&code=${LOINC}|8867-4&date=ge2024&_count=20`)).toEqual({
      text: `select ${COLUMNS}, (r.d_lo)::text as k0
from resource r
where r.type = $1
  and r.content is not null
  and r.patient = $2
  and exists (select 1 from idx_token i where ${JOINED} and i.param = $3 and i.h = $4)
  and (r.d_hi > $5)
order by r.d_lo desc, r.rid desc
limit $6`,
      values: [OBSERVATION, 'p1', hash32('code'), hash64(`${LOINC}|8867-4`), '2023-12-31T23:00:00.000Z', 21],
    });
  });

  it('joins the token table once, in date order, when a code leads.', () => {
    expect(page('Observation', `category=laboratory&code=${LOINC}|8867-4`)).toEqual({
      text: `select ${COLUMNS}, (t.d)::text as k0
from idx_token t
cross join lateral (select * from resource r where r.cmp = t.cmp and r.type = $1 and r.rid = t.rid offset 0) r
where t.type = $2
  and r.type = $3
  and t.param = $4 and t.h = $5
  and r.content is not null
  and exists (select 1 from idx_token i where ${JOINED} and i.param = $6 and i.hv = $7)
order by t.d desc, t.rid desc
limit $8`,
      values: [
        OBSERVATION,
        OBSERVATION,
        OBSERVATION,
        hash32('code'),
        hash64(`${LOINC}|8867-4`),
        hash32('category'),
        hash64('laboratory'),
        51,
      ],
    });
  });

  it('orders a search without criteria by row number.', () => {
    expect(page('Patient', '').text).toMatch(/order by r\.rid desc\nlimit \$2$/);
  });

  it.each([
    ['Patient', '_id=a,b', ['r.id = any($2)'], [['a', 'b']]],
    ['Observation', 'status=final,amended', ['r.status = any($2)'], [['final', 'amended']]],
    ['Observation', 'status:not=final', ['(r.status = $2) is not true'], ['final']],
    ['QuestionnaireResponse', 'questionnaire=http://q', ['r.canon = $2'], ['http://q']],
    ['EpisodeOfCare', 'organization=Organization/o', ['r.org = $2'], ['o']],
    ['Patient', '_lastUpdated=gt2024-01-01T00:00:00Z', ['r.lu >= $2'], ['2024-01-01T00:00:01.000Z']],
    [
      'Observation',
      'subject=Group/g,Patient/p',
      [
        `(r.patient = $2 or exists (select 1 from idx_token i where ${JOINED} and i.param = $3 and i.h = $4))`,
      ],
      ['p', hash32('subject'), hash64('Group/g')],
    ],
    [
      'Observation',
      'subject:missing=true',
      [
        `not ((r.patient is not null or exists (select 1 from idx_token i where ${JOINED} and i.param = $2) or exists (select 1 from idx_token i where ${JOINED} and i.param = $3)))`,
      ],
      [hash32('subject'), hash32('subject:identifier')],
    ],
    [
      'Patient',
      'family=Sør',
      [`exists (select 1 from idx_text i where ${JOINED} and i.param = $2 and i.val ^@ $3)`],
      [hash32('family'), 'sør'],
    ],
    [
      'Patient',
      'family:exact=Sør',
      [`exists (select 1 from idx_text i where ${JOINED} and i.param = $2 and i.val = $3 and i.exact = $4)`],
      [hash32('family'), 'sør', 'Sør'],
    ],
    [
      'Patient',
      'gender:not=male',
      [`not (exists (select 1 from idx_token i where ${JOINED} and i.param = $2 and i.hv = $3))`],
      [hash32('gender'), hash64('male')],
    ],
    [
      'Observation',
      'value-quantity=5.4||stk',
      [
        `exists (select 1 from idx_number i where ${JOINED} and i.param = $2 and i.unit = $3 and i.lo >= $4 and i.hi < $5)`,
      ],
      [hash32('value-quantity'), hash64('|stk'), 5.35, 5.45],
    ],
    [
      'Condition',
      'onset-date=le2024-01-01T00:00:00Z',
      [`exists (select 1 from idx_date i where ${JOINED} and i.param = $2 and (i.lo < $3))`],
      [hash32('onset-date'), '2024-01-01T00:00:01.000Z'],
    ],
  ])('%s?%s becomes %j.', (type, query, texts, values) => {
    expect(conditions(type, query)).toEqual({ texts, values });
  });

  it('goes on after a position by one row comparison that an index can begin at.', () => {
    const first = plan('Observation', 'patient=p1');
    const cursor = writeCursor(signature(first.order), { keys: ['2024-03-01 00:00:00+00'], rid: '4711' });

    const { text, values } = page('Observation', `patient=p1&_cursor=${cursor}`);

    expect(text).toContain('\n  and (r.d_lo, r.rid) < ($3, $4)\n');
    expect(values.slice(2, 4)).toEqual(['2024-03-01 00:00:00+00', '4711']);
  });

  it('goes on after a missing value to those that have one.', () => {
    const cursor = writeCursor('date desc', { keys: [null], rid: '4711' });

    expect(page('Observation', `patient=p1&_cursor=${cursor}`).text).toContain(
      '\n  and (r.d_lo is not null or r.d_lo is null and r.rid < $3)\n',
    );
  });

  it('compares several sort keys one after the other.', () => {
    const cursor = writeCursor('status asc,date desc', {
      keys: ['final', '2024-03-01 00:00:00+00'],
      rid: '4711',
    });

    const { text } = page('Observation', `patient=p1&_sort=status,-date&_cursor=${cursor}`);

    expect(text).toContain(
      '((r.status > $3 or r.status is null) or r.status = $4 and r.d_lo < $5 or r.status = $6 and r.d_lo = $7 and r.rid < $8)',
    );
    expect(text).toContain('order by r.status asc, r.d_lo desc, r.rid desc');
  });

  it.each(['2024-03-01; drop table', "1' or '1'='1", 'x'])(
    'refuses the sort value %j in a cursor.',
    (value) => {
      const cursor = writeCursor('date desc', { keys: [value], rid: '1' });

      expect(() => plan('Observation', `patient=p1&_cursor=${cursor}`)).toThrow(/_cursor/);
    },
  );

  it('adds the access filter to pages, counts and ids, with parameters of its own.', () => {
    const options = {
      ...OPTIONS,
      filter: { text: 'r.unit = any($1) or r.reg = $2', values: [['u1'], 'reg'] },
    };
    const filtered = plan('Observation', 'patient=p1');

    for (const { text, values } of [
      pageSql(filtered, options),
      countSql(filtered, options),
      columnSql(filtered, 'patient', options),
    ]) {
      expect(text).toContain('and (r.unit = any($3) or r.reg = $4)');
      expect(values.slice(0, 4)).toEqual([OBSERVATION, 'p1', ['u1'], 'reg']);
    }
  });

  it('counts and estimates with the same conditions as the page.', () => {
    const matches = plan('Observation', 'patient=p1&_sort=status');
    const where = 'from resource r\nwhere r.type = $1\n  and r.content is not null\n  and r.patient = $2';

    expect(countSql(matches, OPTIONS).text).toBe(`select count(*)::int as total\n${where}`);
    expect(estimateSql(matches, OPTIONS).text).toBe(`explain (format json) select 1\n${where}`);
    expect(boundedCountSql(matches, 10, OPTIONS).values).toEqual([OBSERVATION, 'p1', 10]);
  });

  it('never lets a value become text.', () => {
    const evil = "'; drop table resource; --";

    const { text, values } = page(
      'Patient',
      `name=${evil}&identifier=${evil}&_id=${evil}&general-practitioner=${evil}`,
    );

    expect(text).not.toContain('drop');
    expect(values).toContain(evil);
  });

  it('names no type when all are searched.', () => {
    expect(page(undefined, '_id=1').text).not.toContain('r.type =');
    expect(page(undefined, '_type=Patient,Task').values[0]).toEqual([typeCode('Patient'), typeCode('Task')]);
  });
});
