/**
 * The patient page and [Mottatte data]: pathways of one person, and what EHRs have sent about them.
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import { parseJson } from '../../fhir/json.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject, Patient } from '../../fhir/types.ts';
import { isForPatients } from '../../registry/form/patient-answers.ts';
import { questionnaireOf } from '../../registry/schedule/tasks.ts';
import { receivedOf } from '../../registry/sending/statements.ts';
import { FORLOPS_ID } from '../../registry/person/register-identifiers.ts';
import { fill } from '../ui/form-texts.ts';
import { pathwayTexts } from '../ui/pathway-texts.ts';
import type {
  FormCell,
  HistoryEntry,
  Pathway,
  PatientModel,
  ReceivedItem,
  ReceivedModel,
} from '../view-models.ts';
import { consentHead, formCells, formNames, patientHead } from './heads.ts';
import { modulesToStart, moduleTitle, startable } from './modules.ts';
import { loadPathways, type PathwayData, pathwaysOf } from './pathways.ts';
import { hasReservations } from './reservation.ts';
import { callerOf, langOf, type Sources, textsOf } from './sources.ts';

export async function patientPage(
  sources: Sources,
  principal: StaffPrincipal,
  id: string,
): Promise<PatientModel> {
  const caller = callerOf(sources, principal, 'patient-page');
  const row = await sources.repository.read(caller, { type: 'Patient', id });
  const pathways = await loadPathways(sources, caller, pathwaysOf(principal.register, id));
  return {
    patient: patientHead(parseJson(row.content) as unknown as Patient),
    pathways: await Promise.all(
      pathways.map(async (pathway) => ({
        ...(await toPathway(sources, pathway)),
        ...withdrawal(principal, pathway),
      })),
    ),
    history: pathways
      .flatMap((pathway) => historyOf(sources, pathway))
      .toSorted((a, b) => b.at.localeCompare(a.at)),
    modules: modulesToStart(sources, principal.register),
    mayStart:
      principal.role !== 'SC' &&
      principal.units.length > 0 &&
      principal.launch === undefined &&
      startable(sources, principal.register).length > 0,
    ...(hasReservations(sources, principal) && { reserveHref: `/reservasjon?pasient=${id}` }),
    hasAccessList: principal.role !== 'LU' && principal.launch === undefined,
  };
}

/** Only a national coordinator turns a Yes into a No. */
const withdrawal = ({ role }: StaffPrincipal, { consent }: PathwayData): { withdrawHref?: string } =>
  role === 'SC' && consent?.id !== undefined && consent.provision?.type === 'permit'
    ? { withdrawHref: `/samtykke/${consent.id}/trekk` }
    : {};

export async function toPathway(sources: Sources, pathway: PathwayData): Promise<Pathway> {
  const { episode, unit, consent, register } = pathway;
  const number = episode.identifier?.find(({ system }) => system === FORLOPS_ID)?.value;
  const department = unit === undefined ? undefined : await sources.units.unit(unit);
  const module = moduleTitle(sources, pathway.schedule);
  return {
    id: episode.id,
    ...(module !== undefined && { module }),
    state: pathwayTexts[langOf(sources)].states[episode.status ?? ''] ?? episode.status ?? '',
    isActive: episode.status === 'active',
    ...consentHead(consent),
    ...(number !== undefined && { pathwayNumber: number }),
    ...(episode.period?.start !== undefined && { start: episode.period.start }),
    ...(episode.period?.end !== undefined && { end: episode.period.end }),
    ...(department !== undefined && { department: department.name }),
    forms: formCells(pathway, textsOf(sources, register, langOf(sources))).map((cell) =>
      withInvitation(sources, pathway, cell),
    ),
  };
}

/** A form that the patient answers, while it waits, can be handed over. */
function withInvitation({ forms }: Sources, { tasks }: PathwayData, cell: FormCell): FormCell {
  const task = tasks.find(({ id }) => id === cell.taskId) as unknown as JsonObject | undefined;
  const questionnaire = task === undefined ? undefined : questionnaireOf(task);
  const isWaiting =
    (cell.status === 'new' || cell.status === 'in-progress') && (task === undefined || !receivedOf(task));
  return isWaiting && questionnaire !== undefined && isForPatients(forms, questionnaire)
    ? { ...cell, waitsForPatient: true }
    : cell;
}

function historyOf(sources: Sources, { episode, tasks, register }: PathwayData): readonly HistoryEntry[] {
  const texts = textsOf(sources, register, langOf(sources));
  const t = pathwayTexts[langOf(sources)];
  const number = episode.identifier?.find(({ system }) => system === FORLOPS_ID)?.value ?? '';
  const opened = episode.meta?.lastUpdated ?? episode.period?.start ?? '';
  const saved = tasks
    .filter(({ status }) => status === 'in-progress' || status === 'completed')
    .map((task) => ({
      at: task.lastModified ?? '',
      who: '',
      what: fill(task.status === 'completed' ? t.completed : t.draft, {
        form: formNames(task, texts).short,
      }),
      href: `/skjema/${task.id ?? ''}/historikk`,
    }));
  return [{ at: opened, who: '', what: fill(t.opened, { number }) }, ...saved];
}

export async function received(
  sources: Sources,
  principal: StaffPrincipal,
  id: string,
): Promise<ReceivedModel> {
  const caller = callerOf(sources, principal, 'received-data');
  const row = await sources.repository.read(caller, { type: 'Patient', id });
  const rows = await sources.repository.select(caller, {
    text: 'r.patient = $1 and r.type = any($2::smallint[]) and r.reg is null',
    values: [id, Object.keys(pathwayTexts.nb.kinds).map((type) => typeCode(type) ?? 0)],
  });
  return {
    patient: patientHead(parseJson(row.content) as unknown as Patient),
    items: rows.map(({ content, lastUpdated }) =>
      toItem(parseJson(content) as JsonObject, lastUpdated, pathwayTexts[langOf(sources)].kinds),
    ),
  };
}

interface Coded {
  readonly text?: string;
  readonly coding?: readonly {
    readonly system?: string;
    readonly code?: string;
    readonly display?: string;
  }[];
}

function toItem(
  resource: JsonObject,
  receivedAt: string,
  kinds: Readonly<Record<string, string>>,
): ReceivedItem {
  const type = String(resource['resourceType']);
  const coded = (resource['code'] ??
    resource['medicationCodeableConcept'] ??
    (resource['type'] as readonly unknown[] | undefined)?.[0]) as Coded | undefined;
  const coding = coded?.coding?.[0];
  const date = dateOf(resource);
  const source = String((resource['meta'] as JsonObject | undefined)?.['source'] ?? '').replace(
    /^urn:ryggrad:client:/,
    '',
  );
  return {
    kind: kinds[type] ?? type,
    text: coded?.text ?? coding?.display ?? coding?.code ?? providerOf(resource) ?? kinds[type] ?? type,
    ...(coding?.code !== undefined && { code: coding.code }),
    ...(date !== undefined && { date }),
    source,
    receivedAt,
    reference: `${type}/${String(resource['id'])}`,
  };
}

const providerOf = (resource: JsonObject): string | undefined =>
  (resource['serviceProvider'] as JsonObject | undefined)?.['display'] as string | undefined;

function dateOf(resource: JsonObject): string | undefined {
  const keys = [
    'effectiveDateTime',
    'performedDateTime',
    'recordedDate',
    'onsetDateTime',
    'authoredOn',
    'dateAsserted',
  ];
  const direct = keys.map((key) => resource[key]).find((value) => typeof value === 'string');
  const period = (resource['period'] ?? resource['effectivePeriod']) as JsonObject | undefined;
  return (direct ?? period?.['start']) as string | undefined;
}
