/**
 * The work list [Arbeidsliste]: pathways under way in the chosen department, or in a register's national store
 * (registers.md section 5, rule 1). The page's ids and the counts come from one small table; what is shown is read as resources.
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject, Task } from '../../fhir/types.ts';
import { hasListColumn } from '../../registry/episode/list-entry.ts';
import { isPrinted } from '../../registry/form/printed-comment.ts';
import { FORLOPS_ID } from '../../registry/person/register-identifiers.ts';
import { noteOf } from '../../registry/schedule/task-notes.ts';
import { questionnaireOf } from '../../registry/schedule/tasks.ts';
import {
  allModules,
  countListed,
  listPage,
  type ListedPathway,
  type PathwayCounts,
} from '../../repository/pathway-list.ts';
import { CONSENT_STATES } from '../../storage/pathway-list.ts';
import type { Sql } from '../../storage/store.ts';
import {
  WORK_LIST_FILTERS,
  type WorkListModel,
  type WorkListQuery,
  type WorkListRow,
} from '../models/work-list.ts';
import type { ModuleChoice } from '../models/modules.ts';
import { consentHead, formCells, namesOfForm, patientHead } from './heads.ts';
import { chosenSchedule, modulesOf, startable } from './modules.ts';
import { loadPathways, type PathwayData } from './pathways.ts';
import { callerOf, langOf, type Sources, textsOf } from './sources.ts';

const PAGE = 50;
/** What is further back is found by filter, sorting or search (docs/adr/0021). */
const MOST_PAGES = 100;

export async function workList(
  sources: Sources,
  principal: StaffPrincipal,
  query: WorkListQuery,
): Promise<WorkListModel> {
  const { repository } = sources;
  const counted = await countListed(repository, principal);
  const modules = modulesOf(sources, principal.register);
  const module = moduleOf(modules, query.module, counted);
  const counts = module === undefined ? allModules(counted) : (counted.get(module) ?? NOTHING);
  const linesOf = (page: number): Promise<readonly ListedPathway[]> =>
    listPage(repository, principal, {
      module,
      state: query.filter === 'all' ? undefined : query.filter,
      sort: query.sort,
      direction: query.direction,
      limit: PAGE,
      offset: (page - 1) * PAGE,
    });
  const pages = Math.min(MOST_PAGES, Math.max(1, Math.ceil(counts[query.filter] / PAGE)));
  const page = Math.min(query.page, pages);
  const lines = await linesOf(page);
  const { module: _module, ...asked } = query;
  const isCaptured = startable(sources, principal.register).length === 0;
  const isOfDepartment = principal.role !== 'SC' && principal.units.length > 0;
  return {
    query: { ...asked, ...(module !== undefined && { module }), page },
    modules: modules.map((choice) => ({ ...choice, count: counted.get(choice.id)?.all ?? 0 })),
    counts,
    filters: WORK_LIST_FILTERS.filter(
      (filter) => filter !== 'to-import' || (isOfDepartment && hasImports(sources, principal.register)),
    ),
    columns: isOfDepartment ? columnsOf(sources, principal.register, module) : [],
    rows: await rowsOf(sources, principal, lines),
    pages,
    mayRegister: isOfDepartment && principal.launch === undefined && !isCaptured,
    ...(isCaptured && { isCaptured }),
    mayDelete: isOfDepartment && principal.role === 'LC' && principal.launch === undefined,
  };
}

/** Does the register have forms that staff import? */
const hasImports = ({ registry }: Sources, register: string): boolean =>
  registry.schedules.some(
    (schedule) => schedule.register.id === register && schedule.forms.some(({ isImported }) => isImported),
  );

const NOTHING = allModules(new Map());

/** The module that is asked for; else the first with pathways. None where the register is one whole. */
export function moduleOf(
  modules: readonly ModuleChoice[],
  asked: string | undefined,
  counted: ReadonlyMap<string, PathwayCounts>,
): string | undefined {
  const chosen = modules.find(({ id }) => id === asked);
  const inUse = modules.find(({ id }) => (counted.get(id)?.all ?? 0) > 0);
  return (chosen ?? inUse ?? modules[0])?.id;
}

/** The pathways of the page, in its order. */
async function rowsOf(
  sources: Sources,
  principal: StaffPrincipal,
  lines: readonly ListedPathway[],
): Promise<readonly WorkListRow[]> {
  const caller = callerOf(sources, principal, 'work-list');
  const pathways = await loadPathways(sources, caller, withIds(lines.map(({ episode }) => episode)));
  const byId = new Map(pathways.map((pathway) => [pathway.episode.id, pathway]));
  return lines.flatMap((line) => {
    const pathway = byId.get(line.episode);
    return pathway === undefined ? [] : [toRow(sources, pathway, line)];
  });
}

export const withIds = (ids: readonly string[]): Sql => ({
  text: `r.type = ${typeCode('EpisodeOfCare') ?? 0} and r.id = any($1)`,
  values: [ids],
});

function toRow(sources: Sources, pathway: PathwayData, line: ListedPathway): WorkListRow {
  const { episode, patient, consent, register, tasks } = pathway;
  const number = episode.identifier?.find(({ system }) => system === FORLOPS_ID)?.value;
  const start = episode.period?.start;
  const place = tasks.find((task) => isOpenPlace(sources, task))?.id;
  const comment = tasks.flatMap((task) => printedComment(sources, task)).join(' ');
  const forms = formCells(pathway, textsOf(sources, register, langOf(sources)));
  const toImport = forms.filter(({ status }) => status === 'submitted');
  return {
    episode: episode.id,
    patient: patientHead(patient),
    ...shownConsent(consent, line),
    ...(number !== undefined && { pathwayNumber: number }),
    ...(start !== undefined && { start }),
    ...(line.location !== null && { location: line.location }),
    ...(line.department !== null && { department: line.department }),
    ...(place !== undefined && { placeHref: `/skjema/${place}` }),
    forms,
    ...(toImport.length > 0 && { toImport }),
    ...(comment !== '' && { printedComment: comment }),
  };
}

/** A consent that holds in the whole register may stand in a department whose pathways the reader does not see. */
function shownConsent(consent: PathwayData['consent'], line: ListedPathway): ReturnType<typeof consentHead> {
  const state = CONSENT_STATES[line.consent] ?? 'unknown';
  return consent === undefined ? { consent: state } : consentHead(consent);
}

/** A form that has the location or the department, and may be opened. */
function isOpenPlace({ forms }: Sources, task: Task): boolean {
  const form = forms.form(questionnaireOf(task as unknown as JsonObject) ?? '');
  const isShut = task.status === 'draft' || task.status === 'cancelled';
  return form !== undefined && !isShut && hasListColumn(form);
}

function printedComment({ forms }: Sources, task: Task): readonly string[] {
  const resource = task as unknown as JsonObject;
  const form = forms.form(questionnaireOf(resource) ?? '');
  const note = noteOf(resource);
  return form !== undefined && note !== '' && isPrinted(form) ? [note] : [];
}

/** One column per form that clinicians fill; those of patients have a page of their own. */
function columnsOf(sources: Sources, register: string, module: string | undefined): WorkListModel['columns'] {
  const texts = textsOf(sources, register, langOf(sources));
  const schedule = chosenSchedule(sources, register, module);
  return (schedule?.forms ?? [])
    .filter(({ answeredBy }) => answeredBy === 'practitioner')
    .map(({ questionnaire, title }) => namesOfForm(questionnaire, title, texts));
}
