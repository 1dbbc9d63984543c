/** https://hl7.org/fhir/R4/patient-operation-match.html */
import { rowFilter } from '../access/filter.ts';
import { readsPseudonymised } from '../access/redact.ts';
import { parseDate } from '../fhir/date.ts';
import { directValue, markOf } from '../fhir/direct-identifiers.ts';
import { hash32, hash64 } from '../fhir/id.ts';
import { parseJson } from '../fhir/json.ts';
import { FhirError, error, forbidden, unprocessable } from '../fhir/outcome.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { JsonObject, JsonValue, Patient } from '../fhir/types.ts';
import { bundleText } from '../interactions/bundle-text.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse } from '../interactions/exchange.ts';
import { auditRead } from '../repository/audit.ts';
import { revealRows } from '../repository/protect.ts';
import { normaliseSystems } from '../repository/spelling.ts';
import { codeKey } from '../search/keys.ts';
import { fromSql, raw, sql, toSql } from '../search/sql.ts';
import { normaliseText } from '../search/text.ts';
import { type RowRecord, ROW_COLUMNS, toRow } from '../storage/row.ts';
import type { Row, Sql, StoreSession } from '../storage/store.ts';
import {
  countOf,
  type Given,
  givenParameters,
  refuseUnknown,
  single,
  singleText,
} from './given-parameters.ts';
import { NATIONAL_SYSTEMS } from '../fhir/identifiers.ts';
import { type Score, scoreOf } from './match-score.ts';
import type { OperationRoute } from './route.ts';

const GRADE = 'http://hl7.org/fhir/StructureDefinition/match-grade';
const KNOWN = ['resource', 'onlyCertainMatches', 'count'];
const MOST = 100;
const DEFAULT = 10;
/** Candidates that are looked at; those with the birth date come first. */
const CANDIDATES = 500;

export function matchRoutes(): readonly OperationRoute[] {
  return [
    {
      method: 'post',
      path: '/Patient/$match',
      name: 'match',
      definition: 'http://hl7.org/fhir/OperationDefinition/Patient-match',
      run: match,
    },
  ];
}

/** Persons who may be the one described, the surest first. Only among those whom the caller may see anyway. */
async function match({ repository, fhirBase }: Deps, request: FhirRequest): Promise<FhirResponse> {
  const caller = callerOf(request, '$match');
  await repository.authorise(caller, 'search', { type: 'Patient' });
  if (readsPseudonymised(request.principal)) {
    throw forbidden('A client that reads pseudonymised data does not look for persons.', 'pseudonymised');
  }
  const given = givenParameters(request);
  refuseUnknown(given, KNOWN, '$match');
  const sought = soughtPerson(given);
  const onlyCertain = isTrue(given, 'onlyCertainMatches');
  const count = countOf(given, 'count', { min: 1, max: MOST }) ?? DEFAULT;
  const session = repository.readAs(request.principal);
  const numbers = await storedNumbers(sought, session);
  const records = await session.query<RowRecord>(
    candidatesSql(sought, numbers, rowFilter(request.principal)),
  );
  const rows = await revealRows(records.map(toRow), repository.deps.store);
  const found = rows
    .map((row) => ({ row, ...scoreOf(sought, parseJson(row.content ?? '{}') as unknown as Patient) }))
    .filter(({ grade }) => grade === 'certain' || (!onlyCertain && grade !== 'certainly-not'))
    .toSorted((a, b) => b.score - a.score || (a.row.id < b.row.id ? -1 : 1))
    .slice(0, count);
  await auditRead(repository.deps, caller, { status: 200, patients: found.map(({ row }) => row.id) });
  const now = repository.deps.clock.now();
  return {
    status: 200,
    headers: {},
    body: bundleText({
      id: repository.deps.newId(now),
      type: 'searchset',
      lastUpdated: now.toISOString(),
      total: found.length,
      links: [],
      entries: found.map((one) => toEntry(one, fhirBase)),
    }),
  };
}

function toEntry({ row, score, grade }: Score & { readonly row: Row }, fhirBase: string) {
  const search = { extension: [{ url: GRADE, valueCode: grade }], mode: 'match' as const, score };
  return { fullUrl: `${fhirBase}/Patient/${row.id}`, resource: row.content ?? '', search };
}

const isTrue = (given: readonly Given[], name: string): boolean => singleText(given, name) === 'true';

/** The Patient that is sought. Throws 400 without one, 422 when it says too little to look for anybody. */
function soughtPerson(given: readonly Given[]): Patient {
  const resource = single(given, 'resource')?.resource;
  if (resource?.['resourceType'] !== 'Patient') {
    throw new FhirError(
      400,
      error(
        'required',
        '$match needs the parameter resource with a Patient.',
        'Parameters.parameter',
        'operation-parameter',
      ),
    );
  }
  const sought = comparable(normaliseSystems(resource));
  const hasNumber = nationalNumbers(sought).length > 0;
  const hasName = (sought.name ?? []).some(({ family }) => family !== '');
  if (
    !hasNumber &&
    !(hasName && typeof sought.birthDate === 'string' && parseDate(sought.birthDate) !== undefined)
  ) {
    throw unprocessable(
      error(
        'required',
        'Give a national identity number, or family name and birth date: less describes too many.',
        'Parameters.parameter.resource',
        'match-too-little',
      ),
    );
  }
  return sought;
}

const MOST_NAMES = 10;
const MOST_LETTERS = 100;

/** What is compared of it, and no more than a person has. Throws 400 when name or identifier is no list of objects. */
function comparable({ name, identifier, birthDate, gender }: JsonObject): Patient {
  const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, MOST_LETTERS) : '');
  return {
    resourceType: 'Patient',
    identifier: objects(identifier, 'identifier').map(({ system, value }) => ({
      system: text(system),
      value: text(value),
    })),
    name: objects(name, 'name').map(({ family, given }) => ({
      family: text(family),
      given: (Array.isArray(given) ? given : []).slice(0, MOST_NAMES).map(text),
    })),
    ...(typeof birthDate === 'string' && { birthDate }),
    ...(typeof gender === 'string' && { gender: gender as NonNullable<Patient['gender']> }),
  };
}

function objects(value: JsonValue | undefined, name: string): readonly JsonObject[] {
  const list = value ?? [];
  if (!Array.isArray(list) || list.some((entry) => typeof entry !== 'object' || entry === null)) {
    throw new FhirError(
      400,
      error(
        'structure',
        `Patient.${name} is a list of objects.`,
        `Parameters.parameter.resource.${name}`,
        'structure',
      ),
    );
  }
  return (list as readonly JsonObject[]).slice(0, MOST_NAMES);
}

const nationalNumbers = ({ identifier = [] }: Patient): readonly { system: string; value: string }[] =>
  identifier.flatMap(({ system, value }) =>
    system !== undefined && typeof value === 'string' && NATIONAL_SYSTEMS.includes(system)
      ? [{ system, value }]
      : [],
  );

const YEAR_MS = 366 * 24 * 60 * 60 * 1000;

/** The numbers as the index has them: references, of those that are known here. */
async function storedNumbers(sought: Patient, session: StoreSession): Promise<readonly string[]> {
  const keys = nationalNumbers(sought).flatMap(({ system, value }) => {
    const direct = directValue(system, value);
    return direct === undefined ? [] : [{ system, direct }];
  });
  const refs = keys.length === 0 ? undefined : await session.findDirect(keys.map(({ direct }) => direct));
  return keys.flatMap(({ system, direct }) => {
    const ref = refs?.get(direct);
    return ref === undefined ? [] : [hash64(codeKey(system, markOf(ref)))];
  });
}

/** Everybody with one of the numbers, and everybody of that name (or one like it) born about then. */
function candidatesSql(sought: Patient, numbers: readonly string[], filter: Sql | undefined): Sql {
  const type = typeCode('Patient') ?? 0;
  const names = (sought.name ?? []).flatMap(({ family = '', given = [] }) => [
    ...variants(family),
    ...given.flatMap(variants),
  ]);
  const born = sought.birthDate === undefined ? undefined : parseDate(sought.birthDate);
  const low = born === undefined ? 'infinity' : shifted(born.lo, -YEAR_MS);
  const high = born === undefined ? '-infinity' : shifted(born.hi, YEAR_MS);
  return toSql(sql`select ${raw(ROW_COLUMNS)}
from resource r
where r.type = ${type}
  and r.content is not null
  and r.rid in (
    select i.rid from idx_token i
    where i.type = ${type} and i.param = ${hash32('identifier')} and i.h = any(${numbers}::bigint[])
    union
    select i.rid from idx_text i
    join resource b on b.cmp = i.cmp and b.type = i.type and b.rid = i.rid
    where i.type = ${type} and i.param = any(${[hash32('family'), hash32('given')]}::int[]) and i.val = any(${names}::text[])
      and b.d_lo >= ${low} and b.d_lo < ${high})
  and ${filter === undefined ? raw('true') : sql`(${fromSql(filter)})`}
order by r.d_lo = ${born?.lo ?? null} desc nulls last, r.rid desc
limit ${CANDIDATES}`);
}

const shifted = (instant: string, by: number): string => new Date(Date.parse(instant) + by).toISOString();

/** Ways to write a Norwegian letter, in the form that names are indexed in (å is kept as ÿ, search/text.ts). */
const WAYS: readonly (readonly [string, string])[] = [
  ['aa', 'ÿ'],
  ['oe', 'ø'],
  ['ae', 'æ'],
  ['ÿ', 'aa'],
  ['ø', 'oe'],
  ['æ', 'ae'],
  ['ÿ', 'a'],
  ['ø', 'o'],
];

/** How the index may have a name: whole, its words, and with its Norwegian letters written in other ways. */
function variants(name: string): readonly string[] {
  const whole = normaliseText(name);
  const forms = [whole, ...whole.split(' ')].flatMap((text) => [
    ...WAYS.reduce<readonly string[]>(
      (known, [from, to]) => [...new Set([...known, ...known.map((form) => form.replaceAll(from, to))])],
      [text],
    ),
    ...withOneLetter(text),
  ]);
  return [...new Set(forms)].filter((text) => text !== '');
}

/** A keyboard without the letters leaves a and o: one of them may stand for å or ø. */
const withOneLetter = (text: string): readonly string[] =>
  [...text].flatMap((letter, at) => {
    const other = { a: 'ÿ', o: 'ø' }[letter];
    return other === undefined ? [] : [`${text.slice(0, at)}${other}${text.slice(at + 1)}`];
  });
