/**
 * [Hvem har sett på meg?]: a registered person's own list, made by a coordinator on request, to be printed or handed over as
 * a file (AU-05).
 */
import type { ReactNode } from 'react';
import { Table } from '../ui/aksel.ts';
import { auditTexts } from '../ui/audit-texts.ts';
import { fill } from '../ui/form-texts.ts';
import { formatInstant } from '../ui/format.ts';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { PatientBanner } from '../ui/patient-banner.tsx';
import { TableHead } from '../ui/table-head.tsx';
import type { AccessListModel } from '../models/trail.ts';

export function AccessListPage({
  model: { patient, register, madeAt, lines },
}: {
  readonly model: AccessListModel;
}): ReactNode {
  const a = useTexts(auditTexts);
  const { t } = usePage();
  return (
    <div className="stack">
      <PatientBanner patient={patient}>
        <a href={`/pasient/${patient.id}`}>{t.backToPatient}</a>
      </PatientBanner>
      <h1 className="page-title">{a.accessTitle}</h1>
      <p className="lead">{fill(a.accessLead, { register })}</p>
      <p className="subtle">{fill(a.accessMade, { at: formatInstant(madeAt) })}</p>
      <p className="row no-print">
        <span>{a.download}:</span>
        <a href={`/pasient/${patient.id}/innsyn.csv`}>CSV</a>
        <a href={`/pasient/${patient.id}/innsyn.json`}>JSON</a>
        <span className="subtle">{a.print}</span>
      </p>
      {lines.length === 0 ? (
        <p className="card empty">{a.accessNone}</p>
      ) : (
        <div className="table-scroll" tabIndex={0} role="region" aria-label={a.accessTitle}>
          <Table size="small">
            <TableHead columns={[a.when, a.who, a.where, a.what, a.outcome]} />
            <tbody>
              {lines.map(({ at, who, role, where, what, outcome }, index) => (
                <tr key={index}>
                  <td className="nowrap tabular">{at}</td>
                  <td>{role === '' ? who : `${who}, ${role}`}</td>
                  <td>{where}</td>
                  <td>{what}</td>
                  <td>{outcome}</td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </div>
  );
}
