/**
 * Forms that are filled again and again in a pathway: one Task for each resource that the plan's action waits for, such as one for
 * each result of a laboratory test. What came before the pathway was opened gets its Task when it is; what comes twice has one.
 */
import { hash64 } from '../../fhir/id.ts';
import type { JsonObject, Reference, Resource } from '../../fhir/types.ts';
import { parseJson } from '../../fhir/json.ts';
import { compareInstants, dateRange } from '../../fhir/date.ts';
import { idOfReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import { type Pending, storesVersion } from '../../repository/operation.ts';
import type { WriteRule, WriteScope } from '../../repository/rules.ts';
import { ROW_COLUMNS, type RowRecord, toRow } from '../../storage/row.ts';
import type { Row } from '../../storage/store.ts';
import { patientOf } from '../../search/hot.ts';
import { isWithoutSource } from '../capture/capture-state.ts';
import { isOfType } from '../schedule/of-pathway.ts';
import { isRepeated, type PlannedForm, type Schedule } from '../schedule/plan.ts';
import { isTaskOf, newTask } from '../schedule/tasks.ts';
import { isFired, lastOf, startOf } from '../schedule/trigger.ts';
import { unitOfData } from '../unit/unit-of-data.ts';
import { pathwayLabels } from './open.ts';

/** After the rule that opens pathways. */
export function repeatedForms(schedules: readonly Schedule[]): WriteRule {
  const repeating = schedules.filter(({ forms }) => forms.some(isRepeated));
  return {
    name: 'repeated-forms',
    async apply(scope) {
      const persons = personsOf(scope, repeating);
      if (persons.length > 0) {
        await lockPersons(scope, persons);
        const data = await dataOf(scope, persons, repeating);
        for (const person of persons) {
          await openFor(scope, data, person, repeating);
        }
      }
      return [];
    },
  };
}

/** A pathway that opens and a result that arrives at the same moment: the second sees the first. */
async function lockPersons(scope: WriteScope, persons: readonly string[]): Promise<void> {
  await scope.query({
    text: `select pg_advisory_xact_lock(k.h)
      from (select h from unnest($1::bigint[]) as u(h) order by h) as k`,
    values: [persons.map((person) => hash64(`repeated-forms|${person}`))],
  });
}

/** Persons about whom something has come that a form waits for, or who get a pathway in this write. */
function personsOf(scope: WriteScope, repeating: readonly Schedule[]): readonly string[] {
  const triggers = repeating.flatMap(({ forms }) => forms.flatMap((form) => form.triggers));
  const found = scope
    .pending()
    .filter(({ effect }) => storesVersion(effect) && effect !== 'deleted')
    .flatMap(({ type, effect, resource, labels }) => {
      const isOpened = effect === 'created' && type === 'EpisodeOfCare';
      return resource !== undefined &&
        isUsed(type, labels?.register ?? null) &&
        (isFired(triggers, resource) ||
          (isOpened && repeating.some((schedule) => isOfType(resource['type'], schedule))))
        ? (patientOf(resource as unknown as Resource) ?? [])
        : [];
    });
  return [...new Set(found)];
}

interface Datum {
  readonly type: string;
  readonly id: string;
  readonly resource: JsonObject;
  /** The organisation that has sent it, or whose it is. */
  readonly unit: string | null;
  readonly row: Row | undefined;
}

type Data = ReadonlyMap<string | null, readonly Datum[]>;

/** By person: pathways, their Tasks, and everything of the types that forms wait for, as they will be after the write. */
async function dataOf(
  scope: WriteScope,
  persons: readonly string[],
  repeating: readonly Schedule[],
): Promise<Data> {
  const waited = repeating.flatMap(({ forms }) => forms.flatMap(({ triggers }) => triggers));
  const types = [...new Set(['EpisodeOfCare', 'Task', ...waited.map(({ type }) => type)])];
  const records = await scope.query<RowRecord>({
    text: `select ${ROW_COLUMNS}
      from resource r
      where r.patient = any($1)
        and r.type = any($2::smallint[])
        and r.content is not null`,
    values: [persons, types.map((type) => typeCode(type) ?? 0)],
  });
  const pending = scope.pending().filter(({ type, effect }) => types.includes(type) && effect !== 'matched');
  const touched = new Set(pending.map(({ type, id }) => `${type}/${id}`));
  const stored = records
    .map(toRow)
    .filter(({ type, id, labels }) => !touched.has(`${type}/${id}`) && isUsed(type, labels.register));
  const all = [...stored.map(fromRow), ...pending.flatMap((entry) => fromPending(scope, entry))];
  return Map.groupBy(all, ({ resource }) => patientOf(resource as unknown as Resource));
}

/** What a form states of a result is no new result. */
const isUsed = (type: string, register: string | null): boolean =>
  type === 'EpisodeOfCare' || type === 'Task' || register === null;

const fromRow = (row: Row): Datum => ({
  type: row.type,
  id: row.id,
  resource: parseJson(row.content ?? '{}') as JsonObject,
  unit: row.labels.unit,
  row,
});

function fromPending(
  { principal }: WriteScope,
  { type, id, effect, resource, labels, previous }: Pending,
): readonly Datum[] {
  const sender = 'units' in principal ? principal.units[0] : undefined;
  return effect === 'deleted' || resource === undefined || !isUsed(type, labels?.register ?? null)
    ? []
    : [{ type, id, resource, unit: labels?.unit ?? sender ?? null, row: previous }];
}

/** A pathway that takes no more: closed by mistake, or given up. Of one that death has ended, results may still come. */
const CLOSED: ReadonlySet<unknown> = new Set(['cancelled', 'entered-in-error']);

async function openFor(
  scope: WriteScope,
  data: Data,
  person: string,
  repeating: readonly Schedule[],
): Promise<void> {
  const own = data.get(person) ?? [];
  const pathways = own.filter(
    ({ type, resource }) => type === 'EpisodeOfCare' && !CLOSED.has(resource['status']),
  );
  for (const pathway of pathways) {
    const schedule = repeating.find((one) => isOfType(pathway.resource['type'], one));
    for (const form of schedule?.forms.filter(isRepeated) ?? []) {
      const fired = own.filter(({ resource }) => isFired(form.triggers, resource));
      for (const datum of fired) {
        if (schedule !== undefined && !hasTask(own, { pathway, schedule, form, datum })) {
          await openOne(scope, { pathway, schedule, form, datum, pathways });
        }
      }
    }
  }
}

const hasTask = (
  own: readonly Datum[],
  { pathway, schedule, form, datum: { type, id } }: Omit<Opening, 'pathways'>,
): boolean =>
  own.some(
    ({ type: kind, resource }) =>
      kind === 'Task' &&
      !isWithoutSource(resource) &&
      isTaskOf(form, schedule, resource) &&
      (resource['focus'] as Reference | undefined)?.reference === `${type}/${id}` &&
      idOfReference((resource['basedOn'] as readonly Reference[] | undefined)?.[0], 'EpisodeOfCare') ===
        pathway.id,
  );

interface Opening {
  readonly pathway: Datum;
  readonly schedule: Schedule;
  readonly form: PlannedForm;
  readonly datum: Datum;
  /** The person's, in all departments. */
  readonly pathways: readonly Datum[];
}

async function openOne(scope: WriteScope, opening: Opening): Promise<void> {
  const { pathway, schedule, form, datum } = opening;
  if (isBefore(datum, pathway) || !(await isOfPathway(scope, opening))) {
    return;
  }
  const state = { episode: pathway.resource, patient: undefined, responses: [] };
  const task = newTask(scope.newId(), form, schedule, state, scope.now.toISOString());
  const unit = idOfReference(
    pathway.resource['managingOrganization'] as Reference | undefined,
    'Organization',
  );
  scope.add({
    kind: 'create',
    type: 'Task',
    id: task['id'] as string,
    labels: pathwayLabels(schedule, unit ?? '', pathway.id),
    resource: { ...task, ...dayOf(datum), focus: { reference: `${datum.type}/${datum.id}` } },
  });
}

/** Which of them it is, for people. */
function dayOf({ resource }: Datum): JsonObject {
  const [year, month, day] = (startOf(resource) ?? '').slice(0, 10).split('-');
  return day === undefined ? {} : { description: `${day}.${month}.${year}` };
}

/** What was before the pathway began is no part of it. */
function isBefore({ resource }: Datum, pathway: Datum): boolean {
  const start = (pathway.resource['period'] as { readonly start?: string } | undefined)?.start;
  const [began, was] = [dateRange(start), dateRange(lastOf(resource))];
  return began !== undefined && was !== undefined && compareInstants(was.hi, began.lo) < 0;
}

/** Types that say where the person was: there, and not elsewhere, the form belongs. */
const OF_PLACE: ReadonlySet<string> = new Set(['Encounter', 'Procedure', 'ServiceRequest']);

/**
 * Whose pathway is it of? Of the department that it names; where it names none that has a pathway of the person, such as the
 * laboratory, of those of the organisation that has sent it.
 */
async function isOfPathway(scope: WriteScope, { pathway, datum, pathways }: Opening): Promise<boolean> {
  const { unit } = await unitOfData(scope, datum.resource);
  if (unit !== undefined && (OF_PLACE.has(datum.type) || pathways.some((one) => one.unit === unit))) {
    return unit === pathway.unit;
  }
  return datum.unit === null || (await isWithin(scope, pathway.unit, datum.unit));
}

/** RHF, HF, hospital, department: no tree is deeper. */
const MOST_LEVELS = 8;

async function isWithin(scope: WriteScope, unit: string | null, organisation: string): Promise<boolean> {
  let id: string | undefined = unit ?? undefined;
  for (let level = 0; id !== undefined && level < MOST_LEVELS; level += 1) {
    if (id === organisation) {
      return true;
    }
    const above: JsonObject | undefined = await scope.get({ type: 'Organization', id });
    id = idOfReference(above?.['partOf'] as Reference | undefined, 'Organization');
  }
  return false;
}
