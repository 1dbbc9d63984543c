/** One application: what was asked for, by whom, and the decision. */
import type { ReactNode } from 'react';
import type { StoredApplication } from '../../../smart/people/applications.ts';
import type { OrganisationChoice } from '../../../smart/people/unit-choices.ts';
import { accountTexts } from '../../ui/account-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Button, Select, TextField } from '../../ui/aksel.ts';
import { fill } from '../../ui/form-texts.ts';
import { usersTexts } from '../../ui/users-texts.ts';
import { formatInstant } from '../../ui/format.ts';
import { DepartmentOptions } from './application.tsx';
import { ProblemBox } from './problem-box.tsx';

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
  const t = useTexts(usersTexts);
  const { given, family, username, account, mobile, email, position, role, created, status } = application;
  const facts = [
    [t.name, `${given} ${family}`],
    [a.fieldLabels.brukernavn, account === undefined ? fill(t.newUser, { username }) : username],
    [a.fieldLabels.mobil, mobile],
    [a.fieldLabels.epost, email],
    [a.fieldLabels.stilling, position],
    [a.fieldLabels.organisasjon, employer],
    [a.fieldLabels.avdeling, unit],
    [a.fieldLabels.register, register],
    [a.fieldLabels.rolle, a.roleNames[role]],
    [t.sent, formatInstant(created)],
  ];
  return (
    <div className="stack">
      <h1 className="page-title">{t.application}</h1>
      <ProblemBox text={t.decisionProblems[problem ?? '']} />
      <dl className="card facts">
        {facts.map(([name, value]) => [<dt key={`${name}?`}>{name}</dt>, <dd key={name}>{value}</dd>])}
      </dl>
      {status === 'new' ? (
        <Decision application={application} organisations={organisations} problem={problem} />
      ) : (
        <p className="card">
          {fill(t.decided, {
            status: t.statuses[status],
            at: formatInstant(application.decided),
            who: application.decidedBy?.replace('user:', '') ?? '',
          })}{' '}
          {application.reason !== undefined && fill(t.because, { reason: application.reason })}
        </p>
      )}
      <p>
        <a href="/brukere">{t.toUsers}</a>
      </p>
    </div>
  );
}

function Decision({
  application: { id, unit, role },
  organisations,
  problem,
}: {
  readonly application: StoredApplication;
  readonly organisations: readonly OrganisationChoice[];
  readonly problem: string | undefined;
}): ReactNode {
  const t = useTexts(usersTexts);
  return (
    <form method="post" action={`/brukere/soknader/${id}`} className="card stack">
      <p>{t.check}</p>
      {unit === undefined && role !== 'SC' && (
        <Select
          id="avdeling"
          name="avdeling"
          label={t.department}
          error={problem === 'avdeling' ? t.decisionProblems['avdeling'] : undefined}
        >
          <option value="">{t.choose}</option>
          {organisations.map((organisation) => (
            <DepartmentOptions key={organisation.id} target={organisation} />
          ))}
        </Select>
      )}
      <TextField
        id="grunn"
        name="grunn"
        label={t.reason}
        description={t.reasonHint}
        autoComplete="off"
        error={problem === 'grunn' ? t.decisionProblems['grunn'] : undefined}
      />
      <div className="row">
        <Button type="submit" name="svar" value="ja">
          {t.approve}
        </Button>
        <Button type="submit" name="svar" value="nei" variant="secondary">
          {t.refuse}
        </Button>
      </div>
    </form>
  );
}
