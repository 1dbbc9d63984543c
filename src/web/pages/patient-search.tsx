/** [Pasientsøk]: three ways to ask, and who was found. */
import type { ReactNode } from 'react';
import { Alert, Button, Table, TextField } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { formatDate, formatNationalId } from '../ui/format.ts';
import { LinkButton } from '../ui/link-button.tsx';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { workbenchTexts } from '../ui/workbench-texts.ts';
import type { SearchField, SearchHits, SearchQuery } from '../models/registration.ts';
import type { PatientHead } from '../view-models.ts';

interface Props {
  readonly query?: SearchQuery;
  readonly hits?: SearchHits;
  /** Nothing was filled in. */
  readonly isEmpty?: boolean;
}

const LABELS = {
  tekst: 'searchText',
  pasientid: 'searchPatientNumber',
  forlopsid: 'searchPathwayNumber',
} as const satisfies Record<SearchField, string>;

export function PatientSearchPage({ query, hits, isEmpty }: Props): ReactNode {
  const t = useTexts(workbenchTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{t.searchTitle}</h1>
      <p>{t.searchLead}</p>
      {isEmpty === true && (
        <Alert variant="error" role="alert">
          {t.searchEmpty}
        </Alert>
      )}
      <div className="search-forms">
        {(Object.keys(LABELS) as SearchField[]).map((name) => (
          <form
            key={name}
            method="post"
            action="/pasientsok"
            className="card row search-form"
            autoComplete="off"
            role="search"
            aria-label={t[LABELS[name]]}
          >
            <TextField
              id={`sok-${name}`}
              name={name}
              label={t[LABELS[name]]}
              size="small"
              defaultValue={query?.field === name ? query.text : ''}
              autoComplete="off"
              {...(name !== 'tekst' && { inputMode: 'numeric' as const, htmlSize: 12 })}
            />
            <Button type="submit" size="small" variant={name === 'tekst' ? 'primary' : 'secondary'}>
              {t.search}
              <span className="visually-hidden">: {t[LABELS[name]]}</span>
            </Button>
          </form>
        ))}
      </div>
      {hits !== undefined && <Hits hits={hits} />}
    </div>
  );
}

function Hits({ hits: { patients, hasMore, mayRegister } }: { readonly hits: SearchHits }): ReactNode {
  const t = useTexts(workbenchTexts);
  if (patients.length === 0) {
    return (
      <div className="card empty" role="status">
        <p>{t.searchNone}</p>
        {mayRegister && <LinkButton href="/ny-registrering">{t.newRegistration}</LinkButton>}
      </div>
    );
  }
  return (
    <div className="stack stack--tight">
      <h2 id="treff" className="section-title">
        {fill(hasMore ? t.searchMore : t.searchHits, { n: patients.length })}
      </h2>
      <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="treff">
        <Table size="small">
          <Head />
          <tbody>
            {patients.map((patient) => (
              <Hit key={patient.id} patient={patient} />
            ))}
          </tbody>
        </Table>
      </div>
    </div>
  );
}

function Head(): ReactNode {
  const { t } = usePage();
  return (
    <thead>
      <tr>
        <th scope="col">{t.patient}</th>
        <th scope="col">{t.nationalId}</th>
        <th scope="col">{t.born}</th>
        <th scope="col">{t.patientNumber}</th>
      </tr>
    </thead>
  );
}

const Hit = ({ patient }: { readonly patient: PatientHead }): ReactNode => (
  <tr>
    <th scope="row">
      <a href={`/pasient/${patient.id}`}>{patient.name ?? patient.patientNumber ?? patient.id}</a>
    </th>
    <td className="tabular nowrap">
      {patient.nationalId === undefined ? '' : formatNationalId(patient.nationalId)}
    </td>
    <td className="tabular nowrap">{formatDate(patient.birthDate)}</td>
    <td className="tabular">{patient.patientNumber}</td>
  </tr>
);
