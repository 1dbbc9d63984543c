/**
 * Login and choice of role. The forms post to the login of smart/staff-login.ts.
 */
import type { ReactNode } from 'react';
import { Alert, Button, Radio, RadioGroup, TextField } from '../ui/aksel.ts';
import { usePage } from '../ui/page-context.tsx';
import type { LoginModel, RoleChoiceModel } from '../view-models.ts';

export function LoginPage({ model }: { readonly model: LoginModel }): ReactNode {
  const { t } = usePage();
  const { problem, next, demoAccounts } = model;
  return (
    <div className="stack">
      <h1 className="page-title">{t.logIn}</h1>
      {problem !== undefined && (
        <Alert variant="error" size="small" role="alert">
          {problem === 'locked' ? t.loginLocked : t.loginUnknown}
        </Alert>
      )}
      <form method="post" action="/logg-inn" className="card stack login">
        <Next next={next} />
        <TextField
          id="brukernavn"
          name="brukernavn"
          label={t.username}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
        />
        <TextField
          id="passord"
          name="passord"
          type="password"
          label={t.password}
          autoComplete="current-password"
        />
        <div>
          <Button type="submit">{t.logIn}</Button>
        </div>
      </form>
      {demoAccounts.length > 0 && <DemoAccounts accounts={demoAccounts} />}
    </div>
  );
}

const Next = ({ next }: { readonly next: string | undefined }): ReactNode =>
  next === undefined ? null : <input type="hidden" name="neste" value={next} />;

function DemoAccounts({ accounts }: { readonly accounts: LoginModel['demoAccounts'] }): ReactNode {
  const { t } = usePage();
  return (
    <div className="stack stack--tight">
      <h2 id="demo" className="section-title">
        {t.loginDemo}
      </h2>
      <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="demo">
        <table className="plain-table">
          <thead>
            <tr>
              {[t.username, t.password, t.about].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {accounts.map(({ username, password, about }) => (
              <tr key={username}>
                <td>
                  <code>{username}</code>
                </td>
                <td>
                  <code>{password}</code>
                </td>
                <td>{about}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

export function RoleChoicePage({ model }: { readonly model: RoleChoiceModel }): ReactNode {
  const { t } = usePage();
  const { roles, next, problem } = model;
  if (roles.length === 0) {
    return (
      <div className="stack">
        <h1 className="page-title">{t.roleTitle}</h1>
        <p className="card empty">{t.roleNone}</p>
      </div>
    );
  }
  return (
    <div className="stack">
      <h1 className="page-title">{t.roleTitle}</h1>
      {problem !== undefined && (
        <Alert variant="error" size="small" role="alert">
          {t.roleProblem}
        </Alert>
      )}
      <form method="post" action="/velg-rolle" className="card stack">
        <Next next={next} />
        <RadioGroup
          legend={t.roleTitle}
          description={t.roleLead}
          name="rolle"
          defaultValue={roles[0]?.id ?? ''}
          hideLegend
        >
          {roles.map(({ id, register, department, role }) => (
            <Radio key={id} value={id} description={department ?? t.national}>
              {register}: {t[`role${role}`].toLocaleLowerCase('nb')}
            </Radio>
          ))}
        </RadioGroup>
        <div>
          <Button type="submit">{t.continue}</Button>
        </div>
      </form>
    </div>
  );
}
