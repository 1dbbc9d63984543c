/**
 * Pathways with their tasks, forms, consent and person, read in a fixed number of statements however many there are.
 */
import { typeCode } from '../../fhir/resource-types.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type {
  Consent,
  EpisodeOfCare,
  JsonObject,
  Patient,
  QuestionnaireResponse,
  Resource,
  Task,
} from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import { heldConsent, isShared } from '../../registry/consent/held-consent.ts';
import { currentConsent } from '../../registry/consent/current-consent.ts';
import { scheduleOf } from '../../registry/schedule/of-pathway.ts';
import type { Schedule } from '../../registry/schedule/plan.ts';
import { isTaskOf } from '../../registry/schedule/tasks.ts';
import type { Sql } from '../../storage/store.ts';
import type { Sources } from './sources.ts';

export interface PathwayData {
  readonly episode: EpisodeOfCare & { readonly id: string };
  readonly register: string;
  /** The one that it follows: of a register with several modules, its module's. */
  readonly schedule: Schedule | undefined;
  readonly unit: string | undefined;
  readonly patient: Patient | undefined;
  readonly tasks: readonly Task[];
  /** Drafts: of locked forms the lists show no more than their Tasks say. */
  readonly responses: readonly QuestionnaireResponse[];
  /** The newest consent, as locked or as the open form says now. */
  readonly consent: Consent | undefined;
}

const EPISODE = typeCode('EpisodeOfCare');
const PATIENT = typeCode('Patient');
const RESPONSE = typeCode('QuestionnaireResponse') ?? 0;
const CONSENT = typeCode('Consent') ?? 0;
const FORM_TYPES = ['Task', 'QuestionnaireResponse', 'Consent'].map((type) => typeCode(type) ?? 0);

/** All pathways of a person in a register. */
export const pathwaysOf = (register: string, patient: string): Sql => ({
  text: `r.type = ${EPISODE ?? 0} and r.reg = $1 and r.patient = $2`,
  values: [register, patient],
});

/** Load the pathways that a condition selects, with everything the lists show of them. */
export async function loadPathways(
  sources: Sources,
  caller: Caller,
  condition: Sql,
): Promise<readonly PathwayData[]> {
  const { repository, forms } = sources;
  const episodes = (await repository.select(caller, condition)).map(({ content, labels }) => ({
    episode: parseJson(content) as unknown as EpisodeOfCare & { id: string },
    labels,
  }));
  if (episodes.length === 0) {
    return [];
  }
  const ids = episodes.map(({ episode }) => episode.id);
  const about = new Set(episodes.map(({ episode }) => idOfReference(episode.patient, 'Patient') ?? ''));
  const [rows, patients] = await Promise.all([
    repository.select(caller, {
      text: `r.episode = any($1) and r.type = any($2::smallint[])
      and (r.type <> ${RESPONSE} or r.status = 'in-progress')`,
      values: [ids, FORM_TYPES],
    }),
    repository.select(caller, { text: `r.type = ${PATIENT ?? 0} and r.id = any($1)`, values: [[...about]] }),
  ]);
  const shared = await sharedConsents(sources, caller, [...about]);
  const people = new Map(patients.map(({ id, content }) => [id, parseJson(content) as unknown as Patient]));
  const byEpisode = Map.groupBy(rows, ({ labels }) => labels.episode ?? '');
  return episodes.map(({ episode, labels }) => {
    const person = idOfReference(episode.patient, 'Patient') ?? '';
    const own = (byEpisode.get(episode.id) ?? []).map(
      ({ content }) => parseJson(content) as unknown as Resource,
    );
    const responses = own.filter(
      (resource): resource is QuestionnaireResponse => resource.resourceType === 'QuestionnaireResponse',
    );
    const tasks = own.filter((resource): resource is Task => resource.resourceType === 'Task');
    const schedule = scheduleOf(sources.registry.schedules, [episode, ...tasks].map(asRow));
    const consents = own.filter((resource): resource is Consent => resource.resourceType === 'Consent');
    return {
      episode,
      register: labels.register ?? '',
      unit: labels.unit ?? undefined,
      patient: people.get(person),
      schedule,
      tasks: ordered(schedule, tasks),
      responses,
      consent: withOthers(
        currentConsent(forms, consents, responses, repository.deps.clock.now()),
        (shared.get(`${labels.register ?? ''}|${person}`) ?? []).filter(
          ({ episode: other }) => other !== episode.id,
        ),
      ),
    };
  });
}

/** Tasks of one pathway in the order in which its schedule has their forms. */
export const inOrder = ({ registry }: Sources, tasks: readonly Task[]): readonly Task[] =>
  ordered(scheduleOf(registry.schedules, tasks.map(asRow)), tasks);

function ordered(schedule: Schedule | undefined, tasks: readonly Task[]): readonly Task[] {
  const place = (task: Task): number =>
    schedule?.forms.findIndex((form) => isTaskOf(form, schedule, task as unknown as JsonObject)) ?? -1;
  return tasks.toSorted((a, b) => place(a) - place(b));
}

const asRow = (resource: EpisodeOfCare | Task): { type: string; resource: JsonObject } => ({
  type: resource.resourceType,
  resource: resource as unknown as JsonObject,
});

interface OtherConsent {
  readonly episode: string | null;
  readonly consent: Consent;
}

/** By `register|person`: their Consents that the reader may see, in registers where one consent is for all of their pathways. */
async function sharedConsents(
  { repository, registry }: Sources,
  caller: Caller,
  people: readonly string[],
): Promise<ReadonlyMap<string, readonly OtherConsent[]>> {
  const registers = registry.content.registers.filter(({ access }) => isShared(access)).map(({ id }) => id);
  const rows =
    registers.length === 0
      ? []
      : await repository.select(caller, {
          text: `r.type = ${CONSENT} and r.patient = any($1) and r.reg = any($2) and r.episode is not null`,
          values: [people, registers],
        });
  const found = rows.map(({ content, labels }) => {
    const consent = parseJson(content) as unknown as Consent;
    const person = idOfReference(consent.patient, 'Patient') ?? '';
    return { key: `${labels.register ?? ''}|${person}`, episode: labels.episode, consent };
  });
  return Map.groupBy(found, ({ key }) => key);
}

function withOthers(own: Consent | undefined, others: readonly OtherConsent[]): Consent | undefined {
  return others.length === 0
    ? own
    : heldConsent(
        own === undefined ? [] : [own],
        others.map(({ consent }) => consent),
      );
}
