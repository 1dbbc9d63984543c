/**
 * [Mottatte data]: what the EHR has sent about a patient, where it came from and when.
 */
import type { ReactNode } from 'react';
import { Table } from '../ui/aksel.ts';
import { formatDate, formatInstant } from '../ui/format.ts';
import { usePage } from '../ui/page-context.tsx';
import { PatientBanner } from '../ui/patient-banner.tsx';
import { TableHead } from '../ui/table-head.tsx';
import type { ReceivedModel } from '../view-models.ts';

export function ReceivedPage({ model: { patient, items } }: { readonly model: ReceivedModel }): ReactNode {
  const { t } = usePage();
  return (
    <div className="stack">
      <PatientBanner patient={patient}>
        <a href={`/pasient/${patient.id}`}>{t.backToPatient}</a>
      </PatientBanner>
      <h1 className="page-title">{t.received}</h1>
      <p className="lead">{t.receivedLead}</p>
      {items.length === 0 ? (
        <p className="card empty">{t.noReceived}</p>
      ) : (
        <div className="table-scroll" tabIndex={0} role="region" aria-label={t.received}>
          <Table size="small">
            <TableHead columns={[t.kind, t.content, t.code, t.date, t.source, t.receivedAt]} />
            <tbody>
              {items.map((item) => (
                <tr key={item.reference}>
                  <td>{item.kind}</td>
                  <td>
                    <a href={`/ressurs/${item.reference}`}>{item.text}</a>
                  </td>
                  <td className="nowrap">{item.code}</td>
                  <td className="nowrap tabular">{formatDate(item.date)}</td>
                  <td>{item.source}</td>
                  <td className="nowrap tabular">{formatInstant(item.receivedAt)}</td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </div>
  );
}
