/**
 * Codes that the validator cannot decide in memory, decided against the loaded systems: one statement for a whole write.
 * https://hl7.org/fhir/R4/terminologies.html#strength
 * A system that is not loaded either is told as information, never guessed.
 */
import type { Clock } from '../fhir/id.ts';
import { issue, type Issue } from '../fhir/outcome.ts';
import type { Queryable } from '../storage/db.ts';
import { systemName } from './aliases.ts';
import { composeValueSet, type Part } from './compose.ts';
import { conditionSql, Parameters } from './condition-sql.ts';
import { or } from './condition.ts';
import type { ConceptDetail } from './tables.ts';
import type { Terminology } from './terminology.ts';
import { foldCode, foldText } from './words.ts';

/** One undecided question: does the code exist (without a value set), or is one of the codings in the value set. */
export interface DeferredCode {
  /** FHIRPath of the element. */
  readonly expression: string;
  readonly codings: readonly { readonly system: string; readonly code: string; readonly display?: string }[];
  readonly valueSet?: string;
  readonly strength?: 'required' | 'extensible' | 'preferred';
}

export interface CodeChecker {
  /** Findings for each question, in order; none when all is well. One query at most. */
  check(db: Queryable, asked: readonly DeferredCode[]): Promise<readonly (readonly Issue[])[]>;
}

const FRESH_MS = 5000;
const MAX_SETS = 2000;

/** The checker; which systems are loaded is asked at most every five seconds. */
export function createCodeChecker({
  terminology,
  clock,
}: {
  readonly terminology: Pick<Terminology, 'definitions'>;
  readonly clock: Clock;
}): CodeChecker {
  const sets = new Map<string, Promise<readonly Part[] | undefined>>();
  let loaded: { readonly urls: ReadonlySet<string>; readonly until: number } | undefined;
  const { own, base } = terminology.definitions;

  const partsOf = (canonical: string): Promise<readonly Part[] | undefined> => {
    const known = sets.get(canonical) ?? compose(canonical);
    if (sets.size < MAX_SETS) {
      sets.set(canonical, known);
    }
    return known;
  };
  const compose = async (canonical: string): Promise<readonly Part[] | undefined> => {
    const find = (url: string) =>
      own.valueSet(url) ?? base.valueSet(url) ?? base.valueSet(url.split('|', 1)[0] ?? '');
    const valueSet = find(canonical);
    return (
      valueSet &&
      (await composeValueSet(valueSet, (urls) => Promise.resolve(mapOf(urls, find))).catch(() => undefined))
    );
  };
  const loadedUrls = async (db: Queryable): Promise<ReadonlySet<string>> => {
    if (loaded === undefined || loaded.until < clock.now().getTime()) {
      const rows = await db.query<{ url: string }>({
        text: 'select distinct url from term_system where ready',
        name: 'term-loaded',
      });
      loaded = { urls: new Set(rows.map(({ url }) => url)), until: clock.now().getTime() + FRESH_MS };
    }
    return loaded.urls;
  };

  return {
    async check(db, asked) {
      if (asked.length === 0) {
        return [];
      }
      const urls = await loadedUrls(db);
      const isLoaded = ({ codings }: DeferredCode): boolean =>
        codings.some(({ system }) => urls.has(systemName(system)));
      if (!asked.some(isLoaded)) {
        return asked.map(notChecked);
      }
      const canonicals = [...new Set(asked.flatMap(({ valueSet }) => valueSet ?? []))];
      const parts = new Map(
        await Promise.all(
          canonicals.map(async (canonical) => [canonical, await partsOf(canonical)] as const),
        ),
      );
      const answers = await answer(db, asked, canonicals, parts, clock.now().toISOString().slice(0, 10));
      return asked.map((question, index) =>
        findings(
          question,
          answers.filter((row) => row.question === index),
        ),
      );
    },
  };
}

const mapOf = <T>(keys: readonly string[], find: (key: string) => T | undefined): ReadonlyMap<string, T> =>
  new Map(
    keys.flatMap((key) => {
      const found = find(key);
      return found === undefined ? [] : [[key, found] as const];
    }),
  );

interface Answer {
  readonly question: number;
  readonly place: number;
  readonly known: boolean;
  readonly found: boolean;
  readonly display: string | null;
  readonly detail: string | null;
  /** Null when there is no value set, or when it cannot be decided. */
  readonly is_in: boolean | null;
}

async function answer(
  db: Queryable,
  asked: readonly DeferredCode[],
  canonicals: readonly string[],
  parts: ReadonlyMap<string, readonly Part[] | undefined>,
  day: string,
): Promise<readonly Answer[]> {
  const rows = asked.flatMap(({ codings, valueSet }, question) =>
    codings.map(({ system, code }, place) => ({
      question,
      place,
      url: systemName(system),
      code,
      folded: foldCode(code),
      set: valueSet === undefined ? -1 : canonicals.indexOf(valueSet),
    })),
  );
  const parameters = new Parameters();
  const column = (values: readonly unknown[], type: string): string => `${parameters.add(values)}::${type}[]`;
  const source = `unnest(
      ${column(
        rows.map(({ question }) => question),
        'int',
      )}, ${column(
        rows.map(({ place }) => place),
        'int',
      )},
      ${column(
        rows.map(({ url }) => url),
        'text',
      )}, ${column(
        rows.map(({ code }) => code),
        'text',
      )},
      ${column(
        rows.map(({ folded }) => folded),
        'text',
      )}, ${column(
        rows.map(({ set }) => set),
        'int',
      )})`;
  const urls = column([...new Set(rows.map(({ url }) => url))], 'text');
  const today = parameters.add(day);
  const sets = canonicals.map(
    (canonical, index) => `when ${index} then ${setSql(parts.get(canonical), parameters)}`,
  );
  return await db.query<Answer>({
    text: `with s as materialized (
        select distinct on (url) url, sid, meta from term_system
        where ready and url = any(${urls})
        order by url, (dated is null or dated <= ${today}::date) desc, place desc
      )
      select k.question, k.place, s.sid is not null as known, c.code is not null as found, c.display, c.detail,
        ${sets.length === 0 ? 'null::boolean' : `case k.set ${sets.join(' ')} end`} as is_in
      from ${source} k(question, place, url, code, folded, set)
      left join s on s.url = k.url
      left join lateral (
        (select * from term_concept t where t.sid = s.sid and t.code = k.code)
        union all
        (select * from term_concept t
         where t.sid = s.sid and t.folded = k.folded and s.meta->>'isDotless' = 'true' and t.code <> k.code)
        limit 1
      ) c on true`,
    values: parameters.values,
  });
}

/** Whether `c` is in the set; null for a set that is not known or that names versions. */
function setSql(parts: readonly Part[] | undefined, parameters: Parameters): string {
  if (parts === undefined || parts.some(({ version }) => version !== undefined)) {
    return 'null';
  }
  const bySystem = Map.groupBy(parts, ({ system }) => systemName(system));
  const alternatives = [...bySystem].map(
    ([system, group]) =>
      `(k.url = ${parameters.add(system)} and ${conditionSql(or(...group.map(({ condition }) => condition)), parameters)})`,
  );
  return alternatives.length === 0 ? 'false' : `(c.code is not null and (${alternatives.join(' or ')}))`;
}

function findings(question: DeferredCode, answers: readonly Answer[]): readonly Issue[] {
  if (question.valueSet === undefined) {
    const [row] = answers;
    return row === undefined || !row.known ? notChecked(question) : existence(question, row);
  }
  if (answers.some(({ is_in: isIn }) => isIn === true)) {
    return [];
  }
  return answers.some(({ known, is_in: isIn }) => !known || isIn === null) ? [] : [notInSet(question)];
}

function existence(
  { expression, codings }: DeferredCode,
  { found, display, detail }: Answer,
): readonly Issue[] {
  const [coding] = codings;
  if (!found) {
    const text = `The system ${coding?.system ?? ''} has no code "${coding?.code ?? ''}".`;
    return [issue('warning', 'code-invalid', text, `${expression}.code`, 'unknown-code')];
  }
  const sent = coding?.display;
  const { designations = [] } = detail === null ? {} : (JSON.parse(detail) as ConceptDetail);
  const names = [display ?? '', ...designations.map(({ value }) => value)].map(foldText);
  return sent === undefined || names.includes(foldText(sent))
    ? []
    : [
        issue(
          'warning',
          'value',
          `The code system gives this code the text "${display ?? ''}".`,
          `${expression}.display`,
          'display',
        ),
      ];
}

const SEVERITY = { required: 'error', extensible: 'warning', preferred: 'information' } as const;

function notInSet({ expression, codings, valueSet = '', strength = 'preferred' }: DeferredCode): Issue {
  const codes = codings.map(({ system, code }) => `"${code}" (${system})`).join(', ');
  const text = `The code ${codes} is not in the value set ${valueSet}${strength === 'required' ? ', which is required here' : ''}.`;
  return issue(SEVERITY[strength], 'code-invalid', text, expression, `${strength}-binding`);
}

/** Told where the coding stands; a set over a system that is not here says nothing more. */
function notChecked({ expression, codings, valueSet }: DeferredCode): readonly Issue[] {
  const text = `The code system ${codings[0]?.system ?? ''} is not here; its codes in this resource were not checked.`;
  return valueSet === undefined
    ? [issue('information', 'not-supported', text, `${expression}.system`, 'code-not-checked')]
    : [];
}
