/**
 * [Arbeidsliste]: active pathways of the department, one column per form. The address holds filter, sorting and page.
 */
import type { ReactNode } from 'react';
import { Table } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { formatDate, formatNationalId } from '../ui/format.ts';
import { usePage } from '../ui/page-context.tsx';
import { ConsentMark, FormStatusMark } from '../ui/status.tsx';
import {
  WORK_LIST_FILTERS,
  type FormCell,
  type FormStatus,
  type WorkListModel,
  type WorkListQuery,
  type WorkListRow,
  type WorkListSort,
} from '../view-models.ts';
import { workListHref } from './work-list-query.ts';

export function WorkList({ model }: { readonly model: WorkListModel }): ReactNode {
  const { t } = usePage();
  const { query, rows, counts } = model;
  return (
    <div className="stack">
      <div className="row row--apart">
        <h1 className="page-title">{t.workList}</h1>
        <Filters query={query} counts={counts} />
      </div>
      {rows.length === 0 ? <Empty model={model} /> : <Rows model={model} />}
      <Pages model={model} />
    </div>
  );
}

function Filters({ query, counts }: Pick<WorkListModel, 'query' | 'counts'>): ReactNode {
  const { t } = usePage();
  return (
    <nav aria-label={t.filterLabel}>
      <ul className="chips">
        {WORK_LIST_FILTERS.map((filter) => (
          <li key={filter}>
            <a
              className="chip"
              href={workListHref({ ...query, filter, page: 1 })}
              aria-current={filter === query.filter ? 'true' : undefined}
            >
              {t[`filter-${filter}`]} <span className="chip__count">{counts[filter]}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Rows({ model }: { readonly model: WorkListModel }): ReactNode {
  const { t } = usePage();
  const { query, columns, rows } = model;
  return (
    <>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={t.workList}>
        <Table size="small" className="work-list">
          <thead>
            <tr>
              <th scope="col">{t.patient}</th>
              <SortHead sort="consent" query={query} />
              <SortHead sort="start" query={query} />
              <th scope="col">{t.location}</th>
              <SortHead sort="department" query={query} />
              {columns.map(({ short, title }) => (
                <th key={short} scope="col" title={title}>
                  {short}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row
                key={`${row.patient.id}${row.pathwayNumber ?? row.start ?? ''}`}
                row={row}
                columns={columns}
              />
            ))}
          </tbody>
        </Table>
      </div>
      <Legend />
    </>
  );
}

const headTexts = { consent: 'consent', start: 'start', department: 'department' } as const satisfies Record<
  WorkListSort,
  string
>;

/** A column that the list can be sorted by: the same link again turns the order around. */
function SortHead({
  sort,
  query,
}: {
  readonly sort: WorkListSort;
  readonly query: WorkListQuery;
}): ReactNode {
  const { t } = usePage();
  const isSorted = query.sort === sort;
  const direction = isSorted && query.direction === 'ascending' ? 'descending' : 'ascending';
  const arrow = query.direction === 'ascending' ? '↑' : '↓';
  return (
    <th scope="col" aria-sort={isSorted ? query.direction : undefined}>
      <a className="sort" href={workListHref({ ...query, sort, direction, page: 1 })}>
        {t[headTexts[sort]]} <span aria-hidden="true">{isSorted ? arrow : '↕'}</span>
      </a>
    </th>
  );
}

interface RowProps {
  readonly row: WorkListRow;
  readonly columns: WorkListModel['columns'];
}

function Row({ row, columns }: RowProps): ReactNode {
  const { patient } = row;
  const name = patient.name ?? patient.patientNumber ?? patient.id;
  return (
    <tr>
      <th scope="row">
        <a href={`/pasient/${patient.id}`}>{name}</a>
        <span className="work-list__id">
          {patient.nationalId === undefined ? patient.patientNumber : formatNationalId(patient.nationalId)}
        </span>
      </th>
      <td>
        <ConsentMark consent={row.consent} note={row.consentNote} />
      </td>
      <td className="nowrap tabular">{formatDate(row.start)}</td>
      <td>{row.location}</td>
      <td>{row.department}</td>
      {columns.map(({ short }) => (
        <td key={short} className="work-list__form">
          <Cell cell={row.forms.find((form) => form.short === short)} patient={name} />
        </td>
      ))}
    </tr>
  );
}

function Cell({
  cell,
  patient,
}: {
  readonly cell: FormCell | undefined;
  readonly patient: string;
}): ReactNode {
  const { t } = usePage();
  if (cell === undefined) {
    return <FormStatusMark status="not-applicable" text="hidden" />;
  }
  const mark = <FormStatusMark status={cell.status} />;
  const extra = (
    <>
      {cell.toConfirm !== undefined && cell.toConfirm > 0 && (
        <span className="work-list__note">{fill(t.toConfirm, { n: cell.toConfirm })}</span>
      )}
      {cell.hasComment === true && (
        <span className="work-list__note" title={t.hasComment}>
          <span aria-hidden="true">✎</span>
          <span className="visually-hidden">{t.hasComment}</span>
        </span>
      )}
    </>
  );
  if (cell.taskId === undefined) {
    return mark;
  }
  return (
    <a className="work-list__open" href={`/skjema/${cell.taskId}`}>
      <span className="visually-hidden">{cell.short}: </span>
      {mark}
      {extra}
      <span className="visually-hidden">, {patient}</span>
    </a>
  );
}

const LEGEND: readonly FormStatus[] = ['new', 'in-progress', 'completed', 'not-open', 'not-applicable'];

function Legend(): ReactNode {
  const { t } = usePage();
  return (
    <ul className="legend" aria-label={t.legend}>
      {LEGEND.map((status) => (
        <li key={status}>
          <FormStatusMark status={status} />
        </li>
      ))}
    </ul>
  );
}

function Empty({ model: { counts, query } }: { readonly model: WorkListModel }): ReactNode {
  const { t } = usePage();
  const isFiltered = query.filter !== 'all' && counts.all > 0;
  return (
    <div className="card empty">
      <p>{isFiltered ? t.workListNone : t.workListEmpty}</p>
      {isFiltered && <a href={workListHref({ ...query, filter: 'all', page: 1 })}>{t.showAll}</a>}
    </div>
  );
}

function Pages({ model: { pages, query } }: { readonly model: WorkListModel }): ReactNode {
  const { t } = usePage();
  if (pages <= 1) {
    return null;
  }
  return (
    <nav aria-label={t.pages}>
      <ul className="chips">
        {Array.from({ length: pages }, (_, index) => index + 1).map((page) => (
          <li key={page}>
            <a
              className="chip"
              href={workListHref({ ...query, page })}
              aria-label={fill(t.page, { n: page })}
              aria-current={page === query.page ? 'page' : undefined}
            >
              {page}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
