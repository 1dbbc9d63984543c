/**
 * Step a: an EHR system sends a transaction; the register knows the person, opens the pathway and makes its tasks.
 */
import type { Bundle, EpisodeOfCare, Patient, Provenance, Task } from '../../src/fhir/types.ts';
import { PASIENT_ID, FORLOPS_ID } from '../../src/registry/person/register-identifiers.ts';
import { demoBundle } from '../ehr/bundle.ts';
import type { FhirClient } from './fhir-client.ts';
import { must, type Walk } from './walk.ts';

/** A person with a pathway, as the register answers. */
export interface Registered {
  /** Id in the simulated EHR: `pasient-30`. */
  readonly ehrId: string;
  /** Registry id of the Patient. */
  readonly patient: string;
  readonly episode: string;
  readonly pathwayNumber: string;
  /** Task ids by the form's short name: `to`, `b11`, `b12`. */
  readonly tasks: Readonly<Record<string, string>>;
}

/** Send everything the EHR has on a patient; answers what the register made of it. */
export async function pushPatient(walk: Walk, ehr: FhirClient, ehrId: string): Promise<Registered> {
  const { narrator } = walk;
  const bundle = demoBundle(ehrId, new Date());
  narrator.say(`The EHR posts one transaction: ${counted(bundle)}.`);
  const answer = await ehr.transaction(bundle);
  const patient = idIn(answer, 'Patient');
  narrator.check(
    `all ${bundle.entry?.length ?? 0} entries are stored, together or not at all`,
    answer.entry?.length === bundle.entry?.length,
  );
  const found = await registered(ehr, ehrId, patient);
  await checkPathway(walk, ehr, found);
  await checkOrigin(walk, ehr, patient);
  return found;
}

/** The same message again: the person and the pathway are known, nothing is opened twice. */
export async function pushAgain(walk: Walk, ehr: FhirClient, known: Registered): Promise<void> {
  const answer = await ehr.transaction(demoBundle(known.ehrId, new Date()));
  const again = await registered(ehr, known.ehrId, idIn(answer, 'Patient'));
  walk.narrator.check('the person is known by the identity number', again.patient === known.patient);
  walk.narrator.check('no second pathway is opened', again.episode === known.episode);
}

async function registered(ehr: FhirClient, ehrId: string, patient: string): Promise<Registered> {
  const episodes = await ehr.search<EpisodeOfCare>(`EpisodeOfCare?patient=${patient}&status=active`);
  const episode = must(episodes.at(0), 'open pathway');
  const tasks = await ehr.search<Task>(`Task?patient=${patient}`);
  const number = episode.identifier?.find(({ system }) => system === FORLOPS_ID)?.value;
  return {
    ehrId,
    patient,
    episode: must(episode.id, 'id of the pathway'),
    pathwayNumber: must(number, 'ForløpsID'),
    tasks: Object.fromEntries(tasks.map((task) => [formOf(task), task.id ?? ''])),
  };
}

/** `…/Questionnaire/smertereg-b11|1.0.0` → `b11` */
const formOf = ({ input }: Task): string =>
  /-([a-z0-9]+)\|/.exec(input?.[0]?.valueCanonical ?? '')?.[1] ?? '';

async function checkPathway({ narrator }: Walk, ehr: FhirClient, found: Registered): Promise<void> {
  const { identifier = [] } = await ehr.read<Patient>(`Patient/${found.patient}`);
  const number = identifier.find(({ system }) => system === PASIENT_ID)?.value;
  narrator.check(
    `the referral opened a pathway: ForløpsID ${found.pathwayNumber}, PasientID ${number ?? ''}`,
    number !== undefined,
  );
  const tasks = await ehr.search<Task>(`Task?patient=${found.patient}`);
  const states = Object.fromEntries(tasks.map((task) => [formOf(task), task.status]));
  narrator.check(
    'one task per form: TO and B1.1 are open, B1.2 waits for TO',
    states['to'] === 'ready' && states['b11'] === 'ready' && states['b12'] === 'draft',
    states,
  );
}

async function checkOrigin({ narrator }: Walk, ehr: FhirClient, patient: string): Promise<void> {
  const found = await ehr.search<Provenance>(`Provenance?target=Patient/${patient}`);
  const source = found[0]?.entity?.[0]?.what;
  narrator.check(
    'a Provenance ties every resource to the message, which is kept as it came (Binary, SHA-256)',
    source?.reference?.startsWith('Binary/') === true &&
      source.identifier?.value?.startsWith('ni:///sha-256;') === true,
    source,
  );
}

function idIn({ entry = [] }: Bundle, type: string): string {
  const location = entry
    .map(({ response }) => response?.location ?? '')
    .find((one) => one.includes(`${type}/`));
  return must(/[A-Za-z]+\/([^/]+)/.exec(location?.slice(location.indexOf(type)) ?? '')?.[1], type);
}

function counted({ entry = [] }: Bundle): string {
  const types = Map.groupBy(entry, ({ resource }) => resource?.resourceType ?? '');
  return [...types].map(([type, { length }]) => (length === 1 ? type : `${length} ${type}s`)).join(', ');
}
