/** One application: what was asked for, by whom, and the decision. */
import type { ReactNode } from 'react';
import type { StoredApplication } from '../../../smart/people/applications.ts';
import type { OrganisationChoice } from '../../../smart/people/unit-choices.ts';
import { accountTexts } from '../../ui/account-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Button, Select, TextField } from '../../ui/aksel.ts';
import { formatInstant } from '../../ui/format.ts';
import { DepartmentOptions } from './application.tsx';
import { ProblemBox } from './problem-box.tsx';

const PROBLEMS: Readonly<Record<string, string>> = {
  grunn: 'Skriv hvorfor søknaden ikke innvilges. Søkeren får se det.',
  avdeling: 'Velg avdelingen som søkeren skal ha tilgang til.',
};

export function DecisionPage({
  application,
  employer,
  unit,
  register,
  organisations,
  problem,
}: {
  readonly application: StoredApplication;
  readonly employer: string;
  readonly unit: string;
  readonly register: string;
  readonly organisations: readonly OrganisationChoice[];
  readonly problem: string | undefined;
}): ReactNode {
  const a = useTexts(accountTexts);
  const { given, family, username, account, mobile, email, position, role, created, status } = application;
  const facts = [
    ['Navn', `${given} ${family}`],
    [a.fieldLabels.brukernavn, account === undefined ? `${username} (ny bruker)` : username],
    [a.fieldLabels.mobil, mobile],
    [a.fieldLabels.epost, email],
    [a.fieldLabels.stilling, position],
    [a.fieldLabels.organisasjon, employer],
    [a.fieldLabels.avdeling, unit],
    [a.fieldLabels.register, register],
    [a.fieldLabels.rolle, a.roleNames[role]],
    ['Sendt', formatInstant(created)],
  ];
  return (
    <div className="stack">
      <h1 className="page-title">Søknad om tilgang</h1>
      <ProblemBox text={PROBLEMS[problem ?? '']} />
      <dl className="card facts">
        {facts.map(([name, value]) => [<dt key={`${name}?`}>{name}</dt>, <dd key={name}>{value}</dd>])}
      </dl>
      {status === 'new' ? (
        <Decision application={application} organisations={organisations} problem={problem} />
      ) : (
        <p className="card">
          {status === 'approved' ? 'Innvilget' : 'Ikke innvilget'} {formatInstant(application.decided)} av{' '}
          {application.decidedBy?.replace('user:', '')}.{' '}
          {application.reason !== undefined && `Grunn: ${application.reason}`}
        </p>
      )}
      <p>
        <a href="/brukere">Til brukere</a>
      </p>
    </div>
  );
}

const Decision = ({
  application: { id, unit, role },
  organisations,
  problem,
}: {
  readonly application: StoredApplication;
  readonly organisations: readonly OrganisationChoice[];
  readonly problem: string | undefined;
}): ReactNode => (
  <form method="post" action={`/brukere/soknader/${id}`} className="card stack">
    <p>Kontroller at personen arbeider ved avdelingen og trenger tilgangen. Den gjelder i tolv måneder.</p>
    {unit === undefined && role !== 'SC' && (
      <Select
        id="avdeling"
        name="avdeling"
        label="Avdeling"
        error={problem === 'avdeling' ? PROBLEMS['avdeling'] : undefined}
      >
        <option value="">Velg</option>
        {organisations.map((organisation) => (
          <DepartmentOptions key={organisation.id} target={organisation} />
        ))}
      </Select>
    )}
    <TextField
      id="grunn"
      name="grunn"
      label="Begrunnelse"
      description="Må fylles ut når søknaden ikke innvilges. Søkeren får den da på e-post."
      autoComplete="off"
      error={problem === 'grunn' ? PROBLEMS['grunn'] : undefined}
    />
    <div className="row">
      <Button type="submit" name="svar" value="ja">
        Innvilg
      </Button>
      <Button type="submit" name="svar" value="nei" variant="secondary">
        Ikke innvilg
      </Button>
    </div>
  </form>
);
