/** [Innleverte registreringer]: a search, and the pathways of which everything is completed. */
import type { ReactNode } from 'react';
import { Button, Select, Table, TextField } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { formatDate, formatNationalId } from '../ui/format.ts';
import { LinkButton } from '../ui/link-button.tsx';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { moduleTexts } from '../ui/module-texts.ts';
import { workbenchTexts } from '../ui/workbench-texts.ts';
import type { DeliveredModel, DeliveredRow } from '../models/delivered.ts';
import { deliveredHref } from './delivered-query.ts';
import { PageLinks } from './page-links.tsx';

export function DeliveredPage({ model }: { readonly model: DeliveredModel }): ReactNode {
  const t = useTexts(workbenchTexts);
  const { query, rows, count, pages } = model;
  return (
    <div className="stack print-wide">
      <div className="row row--apart">
        <h1 className="page-title">{t.deliveredTitle}</h1>
        <div className="row no-print">
          <LinkButton href={deliveredHref(query, 'file')}>{t.csv}</LinkButton>
          <button type="button" className="print-button" data-print hidden>
            {t.print}
          </button>
        </div>
      </div>
      <p>{t.deliveredLead}</p>
      <Search model={model} />
      <p role="status">{fill(t.deliveredCount, { n: count })}</p>
      {rows.length === 0 ? <p className="card empty">{t.deliveredNone}</p> : <Rows rows={rows} />}
      <PageLinks page={query.page} pages={pages} hrefOf={(page) => deliveredHref({ ...query, page })} />
    </div>
  );
}

function Search({ model: { query, places, modules } }: { readonly model: DeliveredModel }): ReactNode {
  const t = useTexts(workbenchTexts);
  const m = useTexts(moduleTexts);
  const day = { htmlSize: 12, size: 'small', inputMode: 'numeric', autoComplete: 'off' } as const;
  const years = { ...day, htmlSize: 4 } as const;
  return (
    <form method="get" action="/innleverte" className="card row search-form no-print" role="search">
      {modules.length > 0 && (
        <Select id="modul" name="modul" label={m.module} size="small" defaultValue={query.module ?? ''}>
          <option value="">{m.all}</option>
          {modules.map(({ id, short }) => (
            <option key={id} value={id}>
              {short}
            </option>
          ))}
        </Select>
      )}
      <TextField id="fra" name="fra" label={t.from} defaultValue={formatDate(query.from)} {...day} />
      <TextField id="til" name="til" label={t.to} defaultValue={formatDate(query.to)} {...day} />
      <TextField
        id="alderfra"
        name="alderfra"
        label={t.ageFrom}
        defaultValue={query.ageFrom ?? ''}
        {...years}
      />
      <TextField id="aldertil" name="aldertil" label={t.ageTo} defaultValue={query.ageTo ?? ''} {...years} />
      <Select id="sted" name="sted" label={t.place} size="small" defaultValue={query.place ?? ''}>
        <option value="">–</option>
        {places.map((place) => (
          <option key={place} value={place}>
            {place}
          </option>
        ))}
      </Select>
      <Button type="submit" size="small">
        {t.search}
      </Button>
      <a href="/innleverte">{t.reset}</a>
    </form>
  );
}

function Rows({ rows }: { readonly rows: readonly DeliveredRow[] }): ReactNode {
  const { t: p } = usePage();
  const t = useTexts(workbenchTexts);
  const m = useTexts(moduleTexts);
  const hasModules = rows.some(({ module }) => module !== undefined);
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={t.deliveredTitle}>
      <Table size="small" className="work-list">
        <thead>
          <tr>
            <th scope="col">{p.patient}</th>
            {hasModules && <th scope="col">{m.module}</th>}
            <th scope="col">{p.pathwayNumber}</th>
            <th scope="col">{p.start}</th>
            <th scope="col">{t.completedAt}</th>
            <th scope="col">{t.age}</th>
            <th scope="col">{p.location}</th>
            <th scope="col">{p.department}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.patient.id}${row.pathwayNumber ?? ''}`}>
              <th scope="row">
                <a href={`/pasient/${row.patient.id}`}>{row.patient.name ?? row.patient.id}</a>
                <span className="work-list__id">
                  {row.patient.nationalId === undefined
                    ? row.patient.patientNumber
                    : formatNationalId(row.patient.nationalId)}
                </span>
              </th>
              {hasModules && <td>{row.module}</td>}
              <td className="tabular">{row.pathwayNumber}</td>
              <td className="nowrap tabular">{formatDate(row.start)}</td>
              <td className="nowrap tabular">{formatDate(row.completedAt)}</td>
              <td className="tabular">{row.age}</td>
              <td>{row.location}</td>
              <td>{row.department}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
