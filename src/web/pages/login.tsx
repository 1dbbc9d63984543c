/**
 * Login and choice of role. The forms post to the login of smart/staff-login.ts.
 */
import type { ReactNode } from 'react';
import { accountTexts } from '../ui/account-texts.ts';
import { Alert, Button, TextField } from '../ui/aksel.ts';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { loginTexts } from '../ui/login-texts.ts';
import { TableHead } from '../ui/table-head.tsx';
import { OtherLogins } from './issuer-login.tsx';
import type { LoginModel } from '../view-models.ts';

export function LoginPage({ model }: { readonly model: LoginModel }): ReactNode {
  const { t } = usePage();
  const l = useTexts(loginTexts);
  const a = useTexts(accountTexts);
  const { problem, status, next, demoAccounts, choices = [] } = model;
  const notice = a.notices[status ?? ''];
  return (
    <div className="stack">
      <h1 className="page-title">{t.logIn}</h1>
      {problem !== undefined && (
        <Alert variant="error" size="small" role="alert">
          {a.loginProblems[problem] ?? t.loginUnknown}
        </Alert>
      )}
      {notice !== undefined && (
        <Alert variant="success" size="small" role="status">
          {notice}
        </Alert>
      )}
      <OtherLogins choices={choices} next={next} />
      {choices.length > 0 && <h2 className="section-title">{l.or}</h2>}
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
      <p className="row">
        <a href="/glemt-passord">{l.forgotten}</a>
        <a href="/ny-bruker">{l.newUser}</a>
      </p>
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
          <TableHead columns={[t.username, t.password, t.about]} />
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
