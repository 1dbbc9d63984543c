/**
 * The work list [Arbeidsliste]: pathways under way in the chosen department (registers.md section 5, rule 1).
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import { FORLOPS_ID } from '../../registry/person/register-identifiers.ts';
import {
  WORK_LIST_FILTERS,
  type WorkListFilter,
  type WorkListModel,
  type WorkListQuery,
  type WorkListRow,
} from '../view-models.ts';
import { consentHead, formCells, formNames, patientHead } from './heads.ts';
import { activePathways, loadPathways, type PathwayData } from './pathways.ts';
import { callerOf, type Sources, textsOf } from './sources.ts';

const PAGE = 50;

export async function workList(
  sources: Sources,
  principal: StaffPrincipal,
  query: WorkListQuery,
): Promise<WorkListModel> {
  const caller = callerOf(sources, principal, 'work-list');
  const pathways = await loadPathways(sources, caller, activePathways(principal.register, principal.units));
  const rows = await Promise.all(pathways.map((pathway) => toRow(sources, pathway)));
  const selected = rows.filter((row) => FILTERS[query.filter](row)).toSorted(comparator(query));
  const pages = Math.max(1, Math.ceil(selected.length / PAGE));
  const page = Math.min(query.page, pages);
  return {
    query: { ...query, page },
    counts: Object.fromEntries(
      WORK_LIST_FILTERS.map((filter) => [filter, rows.filter((row) => FILTERS[filter](row)).length]),
    ) as Record<WorkListFilter, number>,
    columns: columnsOf(sources, principal.register, pathways),
    rows: selected.slice((page - 1) * PAGE, page * PAGE),
    pages,
  };
}

async function toRow(sources: Sources, pathway: PathwayData): Promise<WorkListRow> {
  const { episode, patient, consent, unit, register } = pathway;
  const number = episode.identifier?.find(({ system }) => system === FORLOPS_ID)?.value;
  const department = unit === undefined ? undefined : await sources.units.unit(unit);
  const start = episode.period?.start;
  return {
    patient: patientHead(patient),
    ...consentHead(consent),
    ...(number !== undefined && { pathwayNumber: number }),
    ...(start !== undefined && { start }),
    ...(department !== undefined && { department: department.name }),
    forms: formCells(pathway, textsOf(sources, register, 'nb')),
  };
}

const FILTERS: Readonly<Record<WorkListFilter, (row: WorkListRow) => boolean>> = {
  all: () => true,
  new: ({ forms }) => forms.every(({ status }) => status === 'new' || status === 'not-open'),
  'in-progress': ({ forms }) => forms.some(({ status }) => status === 'in-progress'),
  'to-confirm': ({ forms }) => forms.some(({ toConfirm }) => toConfirm !== undefined),
  completed: ({ forms }) => forms.every(({ status }) => status === 'completed' || status === 'not-open'),
};

function comparator({ sort, direction }: WorkListQuery): (a: WorkListRow, b: WorkListRow) => number {
  const sign = direction === 'ascending' ? 1 : -1;
  return (a, b) => sign * (a[sort] ?? '').localeCompare(b[sort] ?? '', 'nb');
}

/** One column per form of the register's schedule. */
function columnsOf(
  sources: Sources,
  register: string,
  pathways: readonly PathwayData[],
): WorkListModel['columns'] {
  const texts = textsOf(sources, register, 'nb');
  const tasks = pathways[0]?.tasks ?? [];
  return tasks.map((task) => formNames(task, texts));
}
