/**
 * A data dump [datadump]: every pathway that the caller may see, as rows of the tables that the register lays out. Read in
 * batches, in the order in which the pathways were opened; comments are no part of it (registers.md section 5, rule 3).
 */
import { typeCode } from '../../fhir/resource-types.ts';
import { NATIONAL_SYSTEMS } from '../../fhir/identifiers.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type {
  Consent,
  EpisodeOfCare,
  JsonObject,
  Patient,
  QuestionnaireResponse,
  Resource,
} from '../../fhir/types.ts';
import { CHANGE_REASON } from '../../registry/form/lock.ts';
import { provisionOf, typeOf } from '../../registry/consent/withdrawal.ts';
import type { DumpColumn, DumpTable } from '../../registry/dump/shape.ts';
import { toCells } from '../../registry/dump/to-cells.ts';
import {
  FORLOPS_ID,
  identifiers,
  identifierValue,
  PASIENT_ID,
} from '../../registry/person/register-identifiers.ts';
import { plannedName } from '../../registry/schedule/planned-form.ts';
import { EXT, hasFlag } from '../../sdc/extensions.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import { readCentres } from './centres.ts';
import { oldSystem, stateCode } from '../../registry/dump/solution.ts';
import { writeDate, writeMoment } from '../../registry/dump/written.ts';
import { type DumpLayout, genderCodes, isOfPathways, moduleOf } from './tables.ts';

/** A row of a table, its cells in the order of the table's head. */
export interface DumpRow {
  readonly table: string;
  readonly cells: readonly string[];
}

export interface DumpOptions {
  /** National numbers of the persons as a table of their own, and answers that say who somebody is; or neither. */
  readonly numbers: 'left-out' | 'as-table';
  /** One table alone. */
  readonly only?: string;
}

const BATCH = 200;
const code = (type: Resource['resourceType']): number => typeCode(type) ?? 0;
const FORM_TYPES = [code('QuestionnaireResponse'), code('Consent')];

/** Rows as they are read; rows of one table come in the order of the pathways. Throws what reading throws (403). */
export async function* writeDump(
  repository: Repository,
  caller: Caller,
  layout: DumpLayout,
  options: DumpOptions,
): AsyncGenerator<DumpRow> {
  const { only } = options;
  const centres = new Map((await readCentres(repository, caller)).map(({ id, resh }) => [id, resh]));
  const persons = new Set<string>();
  const tables = layout.tables.filter(({ name }) => only === undefined || name === only);
  const wanted = { ...layout, tables };
  for await (const batch of pathwaysOf(repository, caller, layout.register)) {
    const patients = await patientsOf(repository, caller, batch);
    const forms = tables.length === 0 ? new Map() : await formsOf(repository, caller, batch);
    for (const episode of batch) {
      const patient = patients.get(idOfReference(episode.patient, 'Patient') ?? '');
      if (patient?.id !== undefined && !persons.has(patient.id)) {
        persons.add(patient.id);
        yield* personRows(patient, layout, options);
      }
      const unit = idOfReference(episode.managingOrganization, 'Organization') ?? '';
      const keys = [
        keyOf(layout, 'pathway', episode),
        centres.get(unit) ?? unit,
        patient === undefined ? '' : keyOf(layout, 'person', patient),
      ];
      const own = moduleOf(layout, episode)?.tables ?? [];
      const module = { ...wanted, tables: tables.filter((table) => own.includes(table)) };
      yield* pathwayRows(module, options, keys, episode, forms.get(episode.id) ?? []);
    }
  }
}

type Known<T> = T & { readonly id: string };

async function* pathwaysOf(
  repository: Repository,
  caller: Caller,
  register: string,
): AsyncGenerator<readonly Known<EpisodeOfCare>[]> {
  let after = '0';
  for (;;) {
    const last = await endOfPage(repository, caller, register, after);
    if (last === null) {
      return;
    }
    const rows = await repository.select(caller, {
      text: `r.type = ${code('EpisodeOfCare')} and r.reg = $1 and r.rid > $2 and r.rid <= $3`,
      values: [register, after, last],
    });
    after = last; // also where the caller may see none of the page
    yield rows.map(({ content }) => parseJson(content) as unknown as Known<EpisodeOfCare>);
  }
}

/** Row of the last pathway of the next page; null when there is none left. */
async function endOfPage(
  repository: Repository,
  { principal }: Caller,
  register: string,
  after: string,
): Promise<string | null> {
  const [page] = await repository.readAs(principal).query<{ last: string | null }>({
    text: `select max(page.rid) as last
      from (
        select e.rid
        from resource e
        where e.type = ${code('EpisodeOfCare')} and e.reg = $1 and e.rid > $2
        order by e.rid
        limit ${BATCH}
      ) page`,
    values: [register, after],
  });
  return page?.last ?? null;
}

async function patientsOf(
  repository: Repository,
  caller: Caller,
  episodes: readonly EpisodeOfCare[],
): Promise<ReadonlyMap<string, Known<Patient>>> {
  const ids = new Set(episodes.map(({ patient }) => idOfReference(patient, 'Patient') ?? ''));
  const rows = await repository.select(caller, {
    text: `r.type = ${code('Patient')} and r.id = any($1)`,
    values: [[...ids]],
  });
  return new Map(rows.map(({ id, content }) => [id, parseJson(content) as unknown as Known<Patient>]));
}

async function formsOf(
  repository: Repository,
  caller: Caller,
  episodes: readonly Known<EpisodeOfCare>[],
): Promise<ReadonlyMap<string, readonly Resource[]>> {
  const rows = await repository.select(caller, {
    text: 'r.episode = any($1) and r.type = any($2::smallint[])',
    values: [episodes.map(({ id }) => id), FORM_TYPES],
  });
  const grouped = Map.groupBy(rows, ({ labels }) => labels.episode ?? '');
  return new Map(
    [...grouped].map(([id, own]) => [
      id,
      own.map(({ content }) => parseJson(content) as unknown as Resource),
    ]),
  );
}

function* pathwayRows(
  layout: DumpLayout,
  options: DumpOptions,
  keys: readonly string[],
  { status, period }: EpisodeOfCare,
  resources: readonly Resource[],
): Generator<DumpRow> {
  const withdrawn = resources.find(
    (resource): resource is Consent => resource.resourceType === 'Consent' && isWithdrawal(resource),
  );
  const moment = (value = ''): string => writeMoment(value, layout.solution);
  const pathway = [status ?? '', moment(period?.start), moment(period?.end), moment(withdrawn?.dateTime)];
  for (const table of layout.tables) {
    const response = resources.find(
      (resource): resource is QuestionnaireResponse =>
        resource.resourceType === 'QuestionnaireResponse' &&
        resource.questionnaire === table.form.canonical &&
        plannedName(resource as unknown as JsonObject) === table.planned,
    );
    const isMain = isOfPathways(layout, table);
    const own = isMain ? keys[0] : response && keyOf(layout, 'form', response);
    const form = table.group === undefined && layout.solution.columns.form !== '' ? [own ?? ''] : [];
    const lead = [...form, ...keys, ...(isMain ? pathway : [])];
    yield* formRows(layout, options, table, lead, response);
  }
}

const isWithdrawal = (consent: Consent): boolean => {
  const json = consent as unknown as JsonObject;
  return consent.status === 'active' && provisionOf(json) === 'deny' && typeOf(json) === 'withdrawn';
};

function* formRows(
  layout: DumpLayout,
  { numbers }: DumpOptions,
  table: DumpTable,
  lead: readonly string[],
  response: QuestionnaireResponse | undefined,
): Generator<DumpRow> {
  const { name, columns, group } = table;
  const { codes, solution } = layout;
  if (response === undefined) {
    if (isOfPathways(layout, table)) {
      yield { table: name, cells: [...lead, '', '', '', ...columns.map(() => '')] };
    }
    return;
  }
  const reason = response.extension?.find(({ url }) => url === CHANGE_REASON)?.valueString ?? '';
  const authored = writeMoment(response.authored ?? '', solution);
  const state = [stateCode(solution, response.status ?? ''), authored, reason];
  for (const [index, cells] of toCells(table, response, codes, solution).entries()) {
    const before = group === undefined ? [...lead, ...state] : [...lead, String(index + 1)];
    yield {
      table: name,
      cells: [
        ...before,
        ...columns.map((column) => (isLeftOut(column, numbers) ? '' : (cells[column.name] ?? ''))),
      ],
    };
  }
}

/** Answers that say where somebody is reached go with the numbers, or not at all; birth dates are in the table of persons. */
const isLeftOut = ({ items }: DumpColumn, numbers: DumpOptions['numbers']): boolean =>
  numbers === 'left-out' &&
  items.some(({ source, type }) => type !== 'date' && hasFlag(source, EXT.directIdentifier));

function* personRows(
  patient: Known<Patient>,
  layout: DumpLayout,
  { numbers, only }: DumpOptions,
): Generator<DumpRow> {
  const { solution } = layout;
  if (only !== undefined && only !== solution.patients) {
    return;
  }
  const { birthDate, gender, deceasedBoolean, deceasedDateTime } = patient;
  const number = keyOf(layout, 'person', patient);
  const isDead = deceasedBoolean === true || deceasedDateTime !== undefined;
  yield {
    table: solution.patients,
    cells: [
      number,
      writeDate(birthDate ?? '', solution),
      genderCodes(layout).get(gender ?? '') ?? '',
      solution.booleans[Number(isDead) as 0 | 1],
      writeMoment(deceasedDateTime ?? '', solution),
    ],
  };
  const national = identifiers(patient as unknown as JsonObject).filter(
    ({ system, use }) => NATIONAL_SYSTEMS.includes(String(system)) && use !== 'old',
  );
  for (const { system, value } of numbers === 'as-table' ? national : []) {
    yield { table: solution.numbers, cells: [number, String(system), String(value)] };
  }
}

/** What the dump calls a person, a pathway or a form: the number here, or the GUID that it came with, or its id. */
function keyOf(
  { solution }: DumpLayout,
  of: 'person' | 'pathway' | 'form',
  resource: Known<EpisodeOfCare> | Known<Patient> | QuestionnaireResponse,
): string {
  const system = oldSystem(solution, of);
  if (system === undefined) {
    const own = of === 'person' ? PASIENT_ID : FORLOPS_ID;
    return of === 'form' ? '' : (identifierValue(resource as unknown as JsonObject, own) ?? '');
  }
  const { identifier = [] } = resource;
  const all = Array.isArray(identifier) ? identifier : [identifier];
  return all.find((each) => each.system === system)?.value ?? resource.id ?? '';
}
