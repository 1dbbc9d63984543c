/**
 * What opened a pathway for an event is taken back, and other data still tell of the same event, such as another procedure code of the
 * same examination: the pathway and its forms are about those from now on (docs/adr/0025). Where none is left, it is closed:
 * capture/closing.ts.
 */
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject, Reference, Resource } from '../../fhir/types.ts';
import type { Pending } from '../../repository/operation.ts';
import type { EpisodeRow, WriteRule, WriteScope } from '../../repository/rules.ts';
import { patientOf } from '../../search/hot.ts';
import type { Schedule } from '../schedule/plan.ts';
import { holds, isFired } from '../schedule/trigger.ts';
import { unitOfData } from '../unit/unit-of-data.ts';
import { type Found, isOfEvent, OPENED_BY, pathwaysIn, rowsOf, sourcesOf } from './has-pathway.ts';
import { lockPathway } from './open.ts';

/** Before the rule that opens pathways: what is sent together with what is taken back is of the same pathway. */
export function keepOpen(schedules: readonly Schedule[]): WriteRule {
  const ofEvents = schedules.filter(({ opensFor }) => opensFor === 'referral');
  return {
    name: 'keep-open',
    async apply(scope) {
      for (const entry of scope.pending()) {
        const before = takenBack(entry);
        for (const schedule of ofEvents.filter(({ openedBy }) => isFired(openedBy, before))) {
          await handOver(scope, entry, before, schedule);
        }
      }
      return [];
    },
  };
}

/** What the data said before this write, where they say it no more; a referral is of one pathway alone. */
function takenBack({ type, effect, derived, resource = {}, previous }: Pending): JsonObject {
  const isOver = effect === 'deleted' || (effect === 'updated' && !holds(resource));
  return !isOver || derived === true || type === 'ServiceRequest' || previous?.content == null
    ? {}
    : (parseJson(previous.content) as JsonObject);
}

async function handOver(
  scope: WriteScope,
  { type, id }: Pending,
  before: JsonObject,
  schedule: Schedule,
): Promise<void> {
  const source = `${type}/${id}`;
  const patient = patientOf(before as unknown as Resource);
  const types = ['EpisodeOfCare', ...new Set(schedule.openedBy.map((trigger) => trigger.type))];
  const opened = async (): Promise<{ readonly all: readonly Found[]; readonly own: readonly Found[] }> => {
    const all = patient === null ? [] : await rowsOf(scope, patient, types);
    return { all, own: pathwaysIn(all, schedule).filter(({ resource }) => isOpenedBy(resource, source)) };
  };
  const [found] = (await opened()).own;
  if (patient === null || found?.unit == null) {
    return;
  }
  await lockPathway(scope, patient, found.unit, schedule); // who opens one of the same event at this moment is waited for
  const { all, own } = await opened();
  const [pathway] = own;
  const other = pathway && (await otherOf(scope, all, { pathway, before, schedule }));
  if (pathway !== undefined && other !== undefined) {
    await follow(scope, pathway.id, source, `${other.type}/${other.id}`);
  }
}

const isOpenedBy = (episode: JsonObject, source: string): boolean => sourcesOf(episode).includes(source);

/** Other data of the same event, in the department of the pathway, that opened none themselves. */
async function otherOf(
  scope: WriteScope,
  all: readonly Found[],
  event: { readonly pathway: Found; readonly before: JsonObject; readonly schedule: Schedule },
): Promise<Found | undefined> {
  const { pathway, before, schedule } = event;
  const taken = new Set(pathwaysIn(all, schedule).flatMap(({ resource }) => sourcesOf(resource)));
  const others = all.filter(
    ({ type, id, register, resource }) =>
      register == null &&
      !taken.has(`${type}/${id}`) &&
      isFired(schedule.openedBy, resource) &&
      isOfEvent(before, resource),
  );
  for (const other of others) {
    const { unit } = await unitOfData(scope, other.resource); // what is of one day is little
    if (unit === pathway.unit) {
      return other;
    }
  }
  return undefined;
}

/** The pathway, and those of its forms that were about what is taken back, are about the other. */
async function follow(scope: WriteScope, episode: string, from: string, to: string): Promise<void> {
  const rows = await scope.rowsOfEpisode(episode);
  for (const row of rows) {
    const resource = changed(row, from, to);
    if (resource !== undefined && row.row !== undefined) {
      const { type, id, row: previous } = row;
      scope.add({ kind: 'update', type, id, labels: previous.labels, resource, previous });
    }
  }
}

function changed({ type, resource }: EpisodeRow, from: string, to: string): JsonObject | undefined {
  if (type === 'EpisodeOfCare') {
    const extensions = (resource['extension'] ?? []) as readonly JsonObject[];
    const moved = extensions.map((one) =>
      one['url'] === OPENED_BY && (one['valueReference'] as Reference | undefined)?.reference === from
        ? { ...one, valueReference: { reference: to } }
        : one,
    );
    return { ...resource, extension: moved };
  }
  return type === 'Task' && (resource['focus'] as Reference | undefined)?.reference === from
    ? { ...resource, focus: { reference: to } }
    : undefined;
}
