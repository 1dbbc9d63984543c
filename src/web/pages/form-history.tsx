/**
 * The versions of a form, and what differs between two of them.
 */
import type { ReactNode } from 'react';
import { Table } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { formatInstant } from '../ui/format.ts';
import { CompareVersions } from '../ui/compare-versions.tsx';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { withdrawTexts } from '../ui/withdraw-texts.ts';
import { PatientBanner } from '../ui/patient-banner.tsx';
import { TableHead } from '../ui/table-head.tsx';
import type { FormHistoryModel } from '../view-models.ts';

export function FormHistoryPage({ model }: { readonly model: FormHistoryModel }): ReactNode {
  const { t } = usePage();
  const { patient, taskId, title, versions } = model;
  return (
    <div className="stack">
      <PatientBanner patient={patient}>
        <a href={`/skjema/${taskId}`}>{t.backToForm}</a>
      </PatientBanner>
      <h1 className="page-title">{fill(t.formHistoryOf, { form: title })}</h1>
      {versions.length === 0 ? (
        <p className="card empty">{t.noVersions}</p>
      ) : (
        <Versions versions={versions} />
      )}
      {versions.length > 1 && <Choose model={model} />}
      <Differences model={model} />
    </div>
  );
}

function Versions({ versions }: Pick<FormHistoryModel, 'versions'>): ReactNode {
  const { t } = usePage();
  const withdraw = useTexts(withdrawTexts);
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={t.formHistory}>
      <Table size="small">
        <TableHead columns={[t.version, t.when, t.who, t.state, t.reason]} />
        <tbody>
          {versions.map(({ version, at, who, state, reason }) => (
            <tr key={version}>
              <td className="tabular">{version}</td>
              <td className="nowrap tabular">{formatInstant(at)}</td>
              <td>{who}</td>
              <td>{state === 'withdrawn' ? withdraw.state : t[`version-${state}`]}</td>
              <td>{reason}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

const Choose = ({
  model: { taskId, versions, compared },
}: {
  readonly model: FormHistoryModel;
}): ReactNode => {
  const { t } = usePage();
  return (
    <CompareVersions
      action={`/skjema/${taskId}/historikk`}
      versions={versions}
      compared={compared}
      texts={{ from: t.compareFrom, to: t.compareTo, compare: t.compare }}
    />
  );
};

function Differences({ model: { compared } }: { readonly model: FormHistoryModel }): ReactNode {
  const { t } = usePage();
  if (compared === undefined) {
    return null;
  }
  const { from, to, differences } = compared;
  return (
    <div className="stack">
      <h2 id="forskjeller" className="section-title">
        {fill(t.differences, { from, to })}
      </h2>
      {differences.length === 0 ? (
        <p>{t.noDifferences}</p>
      ) : (
        <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="forskjeller">
          <Table size="small">
            <TableHead columns={[t.question, t.before, t.after]} />
            <tbody>
              {differences.map(({ question, before, after }) => (
                <tr key={question}>
                  <th scope="row">{question}</th>
                  <td>{before === undefined ? t.nothing : <del>{before}</del>}</td>
                  <td>{after === undefined ? t.nothing : <ins>{after}</ins>}</td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </div>
  );
}
