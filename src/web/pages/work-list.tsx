/**
 * [Arbeidsliste]: active pathways of the department, one column per form. The address holds filter, sorting and page.
 */
import type { ReactNode } from 'react';
import { Table } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { formatDate } from '../ui/format.ts';
import { PatientCell, patientName } from '../ui/patient-cell.tsx';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { ConsentMark, FormStatusMark } from '../ui/status.tsx';
import type { FormCell, FormStatus } from '../view-models.ts';
import {
  WORK_LIST_FILTERS,
  type WorkListModel,
  type WorkListQuery,
  type WorkListRow,
  type WorkListSort,
} from '../models/work-list.ts';
import { receivedTexts } from '../ui/received-texts.ts';
import { workbenchTexts } from '../ui/workbench-texts.ts';
import { ModuleLinks } from '../ui/module-links.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { PageLinks } from './page-links.tsx';
import { workListHref } from './work-list-query.ts';

export function WorkList({ model }: { readonly model: WorkListModel }): ReactNode {
  const { t } = usePage();
  const { query, rows, counts } = model;
  return (
    <div className="stack print-wide">
      <div className="row row--apart">
        <h1 className="page-title">{t.workList}</h1>
        <Actions model={model} />
      </div>
      <ModuleLinks
        modules={model.modules}
        chosen={query.module}
        hrefOf={(module) => workListHref({ ...query, module, page: 1 })}
      />
      <Filters query={query} counts={counts} filters={model.filters} />
      {rows.length === 0 ? <Empty model={model} /> : <Rows model={model} />}
      <PageLinks pages={model.pages} page={query.page} hrefOf={(page) => workListHref({ ...query, page })} />
    </div>
  );
}

function Actions({ model }: { readonly model: WorkListModel }): ReactNode {
  const t = useTexts(workbenchTexts);
  return (
    <div className="row no-print">
      {model.mayRegister === true && <LinkButton href="/ny-registrering">{t.newRegistration}</LinkButton>}
      {model.rows.length > 0 && (
        <button type="button" className="print-button" data-print hidden>
          {t.print}
        </button>
      )}
    </div>
  );
}

function Filters({
  query,
  counts,
  filters = WORK_LIST_FILTERS,
}: Pick<WorkListModel, 'query' | 'counts'> & {
  readonly filters: WorkListModel['filters'] | undefined;
}): ReactNode {
  const { t } = usePage();
  return (
    <nav aria-label={t.filterLabel} className="no-print">
      <ul className="chips">
        {filters.map((filter) => (
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
  const own = useTexts(workbenchTexts);
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
              <th scope="col" className="no-print">
                {own.pathwayHistory}
              </th>
              {columns.map(({ short, title }) => (
                <th key={short} scope="col" title={title}>
                  {short}
                </th>
              ))}
              <th scope="col" className="print-only">
                {own.comment}
              </th>
              {model.mayDelete === true && (
                <th scope="col" className="no-print">
                  <span className="visually-hidden">{own.remove}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.episode} row={row} model={model} />
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
  readonly model: WorkListModel;
}

function Row({ row, model }: RowProps): ReactNode {
  const own = useTexts(workbenchTexts);
  const { patient } = row;
  const name = patientName(patient);
  return (
    <tr>
      <PatientCell patient={patient}>
        <ToImport row={row} />
      </PatientCell>
      <td>
        <ConsentMark consent={row.consent} note={row.consentNote} />
      </td>
      <td className="nowrap tabular">{formatDate(row.start)}</td>
      <td>{row.location}</td>
      <td>
        {row.department}
        {row.placeHref !== undefined && (
          <a href={row.placeHref} className="work-list__edit no-print" title={own.changePlace}>
            <span aria-hidden="true">✎</span>
            <span className="visually-hidden">
              {own.changePlace}: {name}
            </span>
          </a>
        )}
      </td>
      <td className="no-print">
        <a href={`/pasient/${patient.id}#hendelser`}>
          {own.pathwayHistory}
          <span className="visually-hidden">: {name}</span>
        </a>
      </td>
      {model.columns.map(({ short }) => (
        <td key={short} className="work-list__form">
          <Cell
            cell={cellOf(row.forms, short)}
            patient={name}
            text={model.columns.length > MOST_WORDED ? 'hidden' : 'shown'}
          />
        </td>
      ))}
      <td className="print-only">{row.printedComment}</td>
      {model.mayDelete === true && (
        <td className="no-print">
          <a href={`/forlop/${row.episode}/slett`}>
            {own.remove}
            <span className="visually-hidden">
              : {name}, {formatDate(row.start)}
            </span>
          </a>
        </td>
      )}
    </tr>
  );
}

/** [Pasientregistrering klar til import]: what the patient has sent in, and nobody has taken over. */
function ToImport({ row: { toImport = [], patient } }: Pick<RowProps, 'row'>): ReactNode {
  const { status } = useTexts(receivedTexts);
  return toImport.map(({ taskId, short, title }) => (
    <a key={short} className="work-list__import" href={`/skjema/${taskId ?? ''}`} title={title}>
      <FormStatusMark status="submitted" text="hidden" /> {status(short)}
      <span className="visually-hidden">: {patientName(patient)}</span>
    </a>
  ));
}

/** Of a form that is filled again and again the one that is not done yet, else the last. */
function cellOf(forms: readonly FormCell[], short: string): FormCell | undefined {
  const own = forms.filter((form) => form.short === short);
  return own.find(({ status }) => status !== 'completed' && status !== 'not-applicable') ?? own.at(-1);
}

/** With more columns the symbols stand alone, and what they mean stands below the list. */
const MOST_WORDED = 4;

function Cell({
  cell,
  patient,
  text,
}: {
  readonly cell: FormCell | undefined;
  readonly patient: string;
  readonly text: 'shown' | 'hidden';
}): ReactNode {
  const { t } = usePage();
  if (cell === undefined) {
    return <FormStatusMark status="not-applicable" text="hidden" />;
  }
  const mark = <FormStatusMark status={cell.status} text={text} />;
  const extra = (
    <>
      {cell.toConfirm !== undefined && cell.toConfirm > 0 && (
        <span className="work-list__note">{fill(t.toConfirm, { n: cell.toConfirm })}</span>
      )}
      {cell.waitsFor !== undefined && <span className="work-list__note">{cell.waitsFor}</span>}
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

function Empty({
  model: { counts, query, mayRegister, isCaptured },
}: {
  readonly model: WorkListModel;
}): ReactNode {
  const { t } = usePage();
  const own = useTexts(workbenchTexts);
  const isFiltered = query.filter !== 'all' && counts.all > 0;
  if (isFiltered) {
    return (
      <div className="card empty">
        <p>{t.workListNone}</p>
        <a href={workListHref({ ...query, filter: 'all', page: 1 })}>{t.showAll}</a>
      </div>
    );
  }
  return (
    <div className="card empty">
      <p>{isCaptured === true ? own.emptyCaptured : own.emptyList}</p>
      {mayRegister === true && <LinkButton href="/ny-registrering">{own.newRegistration}</LinkButton>}
    </div>
  );
}
