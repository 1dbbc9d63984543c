/** [Pasientregistreringer]: the department's pathways with forms that patients answer, and how each form stands. */
import type { ReactNode } from 'react';
import { Table } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { formatDate } from '../ui/format.ts';
import { ModuleLinks } from '../ui/module-links.tsx';
import { PatientCell, patientName } from '../ui/patient-cell.tsx';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { patientFormsTexts } from '../ui/patient-forms-texts.ts';
import { SendingStatus } from '../ui/sending-status.tsx';
import { ConsentMark } from '../ui/status.tsx';
import type {
  PatientFormCell,
  PatientFormsModel,
  PatientFormsQuery,
  PatientFormsRow,
  PatientFormState,
} from '../models/patient-forms.ts';

export const PATIENT_FORMS = '/pasientregistreringer';

export function PatientFormsPage({ model }: { readonly model: PatientFormsModel }): ReactNode {
  const t = useTexts(patientFormsTexts);
  const { query, rows } = model;
  return (
    <div className="stack">
      <div className="row row--apart">
        <h1 className="page-title">{t.title}</h1>
        <Filter query={query} />
      </div>
      <p>{t.lead}</p>
      <ModuleLinks
        modules={model.modules}
        chosen={query.module}
        hrefOf={(module) => patientFormsHref({ ...query, module, page: 1 })}
      />
      {rows.length === 0 ? <p className="card empty">{t.none}</p> : <Rows model={model} />}
      <Paging model={model} />
    </div>
  );
}

/** The address of a page of the list. */
export function patientFormsHref({ module, show, page }: PatientFormsQuery): string {
  const query = new URLSearchParams({
    ...(module !== undefined && { modul: module }),
    ...(show !== 'waiting' && { vis: show }),
    ...(page > 1 && { side: String(page) }),
  });
  return query.size === 0 ? PATIENT_FORMS : `${PATIENT_FORMS}?${query}`;
}

function Filter({ query }: { readonly query: PatientFormsQuery }): ReactNode {
  const t = useTexts(patientFormsTexts);
  return (
    <nav aria-label={t.show}>
      <ul className="chips">
        {(['waiting', 'all'] as const).map((show) => (
          <li key={show}>
            <a
              className="chip"
              href={patientFormsHref({ ...query, show, page: 1 })}
              aria-current={show === query.show ? 'true' : undefined}
            >
              {t[show]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Rows({ model: { columns, rows } }: { readonly model: PatientFormsModel }): ReactNode {
  const { t: p } = usePage();
  const t = useTexts(patientFormsTexts);
  return (
    <>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={t.title}>
        <Table size="small" className="work-list patient-forms">
          <thead>
            <tr>
              <th scope="col">{p.patient}</th>
              <th scope="col">{t.actions}</th>
              <th scope="col">{p.consent}</th>
              <th scope="col">{p.start}</th>
              {columns.map(({ short, title }) => (
                <th key={short} scope="col" title={title}>
                  {short}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.episode} row={row} columns={columns} />
            ))}
          </tbody>
        </Table>
      </div>
      <Legend />
    </>
  );
}

function Row({
  row,
  columns,
}: {
  readonly row: PatientFormsRow;
  readonly columns: PatientFormsModel['columns'];
}): ReactNode {
  const t = useTexts(patientFormsTexts);
  const { patient } = row;
  const name = patientName(patient);
  return (
    <tr>
      <PatientCell patient={patient} />
      <td>
        <a className="gear" href={`${PATIENT_FORMS}/${row.episode}`}>
          <span aria-hidden="true">⚙</span>
          <span className="visually-hidden">{fill(t.open, { name })}</span>
        </a>
      </td>
      <td>
        <ConsentMark consent={row.consent} note={row.consentNote} />
      </td>
      <td className="nowrap tabular">{formatDate(row.start)}</td>
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
  readonly cell: PatientFormCell | undefined;
  readonly patient: string;
}): ReactNode {
  if (cell === undefined) {
    return null;
  }
  const mark = <SendingStatus state={cell.state} />;
  if (cell.taskId === undefined) {
    return mark;
  }
  return (
    <>
      <a className="work-list__open" href={`/skjema/${cell.taskId}`}>
        <span className="visually-hidden">{cell.short}: </span>
        {mark}
        <span className="visually-hidden">, {patient}</span>
      </a>
      <CellNote cell={cell} />
    </>
  );
}

/** Why it is as it is, or when it was sent and is due. */
export function CellNote({ cell }: { readonly cell: PatientFormCell }): ReactNode {
  const t = useTexts(patientFormsTexts);
  const { reason, sentAt, until } = cell;
  const notes = [
    reason,
    sentAt === undefined || reason !== undefined ? undefined : fill(t.sentAt, { at: formatDate(sentAt) }),
    until === undefined ? undefined : fill(t.until, { at: formatDate(until) }),
  ].filter((note) => note !== undefined);
  return notes.map((note) => (
    <span key={note} className="sending__note">
      {note}
    </span>
  ));
}

const LEGEND: readonly PatientFormState[] = [
  'not-open',
  'not-ready',
  'waiting',
  'no-content',
  'available',
  'ordered',
  'sent',
  'reminded',
  'not-reachable',
  'stopped',
  'started',
  'answered',
  'locked',
];

function Legend(): ReactNode {
  const t = useTexts(patientFormsTexts);
  return (
    <ul className="legend" aria-label={t.legend}>
      {LEGEND.map((state) => (
        <li key={state}>
          <SendingStatus state={state} />
        </li>
      ))}
    </ul>
  );
}

function Paging({ model: { query, hasMore } }: { readonly model: PatientFormsModel }): ReactNode {
  const t = useTexts(patientFormsTexts);
  if (query.page === 1 && !hasMore) {
    return null;
  }
  return (
    <nav aria-label={t.pages}>
      <ul className="chips">
        {query.page > 1 && (
          <li>
            <a className="chip" href={patientFormsHref({ ...query, page: query.page - 1 })}>
              {t.newer}
            </a>
          </li>
        )}
        {hasMore && (
          <li>
            <a className="chip" href={patientFormsHref({ ...query, page: query.page + 1 })}>
              {t.older}
            </a>
          </li>
        )}
      </ul>
    </nav>
  );
}
