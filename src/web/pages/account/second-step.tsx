/**
 * The second step of the login, and the page where people show again who they are. Works without a script, but for passkeys.
 */
import type { ReactNode } from 'react';
import type { Method, SecondStepView } from '../../../smart/login/second-step.ts';
import { accountTexts } from '../../ui/account-texts.ts';
import { fill } from '../../ui/form-texts.ts';
import { accountPageTexts } from '../../ui/account-page-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Alert, Button, TextField } from '../../ui/aksel.ts';
import { LinkButton } from '../../ui/link-button.tsx';
import { CodeField } from './code-field.tsx';
import { NoticeBox, ProblemBox } from './problem-box.tsx';

export function SecondStepPage({
  view,
  method,
  problem,
  status,
}: {
  readonly view: SecondStepView;
  readonly method: Method;
  readonly problem: string | undefined;
  readonly status: string | undefined;
}): ReactNode {
  const p = useTexts(accountPageTexts);
  const a = useTexts(accountTexts);
  const others = view.methods.filter((other) => other !== method);
  return (
    <div className="stack">
      <h1 className="page-title">{p.confirmTitle}</h1>
      <ProblemBox text={a.loginProblems[problem ?? '']} />
      <NoticeBox text={status === 'sendt' ? a.notices['sendt'] : undefined} />
      {method === 'passkey' ? <PasskeyCard /> : <CodeCard method={method} mobileEnd={view.mobileEnd} />}
      {others.length > 0 && (
        <section className="stack stack--tight" aria-labelledby="andre">
          <h2 id="andre" className="section-title">
            {p.otherWay}
          </h2>
          <ul className="plain-list row">
            {others.map((other) => (
              <li key={other}>
                {other === 'sms' ? <SendCode text={p.sendSms} /> : <MethodLink method={other} />}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

const MethodLink = ({ method }: { readonly method: Method }): ReactNode => {
  const a = useTexts(accountTexts);
  return <LinkButton href={`/logg-inn/bekreft?metode=${method}`}>{a.methodNames[method]}</LinkButton>;
};

const SendCode = ({ text }: { readonly text: string }): ReactNode => (
  <form method="post" action="/logg-inn/sms">
    <Button type="submit" variant="secondary" size="small">
      {text}
    </Button>
  </form>
);

function CodeCard({
  method,
  mobileEnd,
}: {
  readonly method: Exclude<Method, 'passkey'>;
  readonly mobileEnd: string | undefined;
}): ReactNode {
  const p = useTexts(accountPageTexts);
  const a = useTexts(accountTexts);
  const leads = {
    sms: fill(p.leadSms, { end: mobileEnd ?? '' }),
    totp: p.leadTotp,
    recovery: p.leadRecovery,
  };
  return (
    <div className="card stack">
      <p>{leads[method]}</p>
      <form method="post" action="/logg-inn/bekreft" className="stack login">
        <input type="hidden" name="metode" value={method} />
        {method === 'recovery' ? (
          <TextField
            id="kode"
            name="kode"
            label={a.methodNames.recovery}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        ) : (
          <CodeField label={method === 'sms' ? p.oneTimePassword : p.code} />
        )}
        <div>
          <Button type="submit">{p.next}</Button>
        </div>
      </form>
      {method === 'sms' && <SendCode text={p.sendAgain} />}
    </div>
  );
}

const PasskeyCard = (): ReactNode => {
  const p = useTexts(accountPageTexts);
  return (
    <div className="card stack">
      <p>{p.passkeyLead}</p>
      <div className="stack stack--tight" data-passkey="login" hidden>
        <div>
          <Button type="button" data-passkey-start="">
            {p.usePasskey}
          </Button>
        </div>
        <p role="status" data-passkey-status="" />
      </div>
      <noscript>
        <Alert variant="info" size="small">
          {p.passkeyScript}
        </Alert>
      </noscript>
    </div>
  );
};

/** Before something that needs it: the password once more. */
export function StepUpPage({
  name,
  next,
  problem,
}: {
  readonly name: string;
  readonly next: string | undefined;
  readonly problem: string | undefined;
}): ReactNode {
  const p = useTexts(accountPageTexts);
  const a = useTexts(accountTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{p.stepUpTitle}</h1>
      <ProblemBox text={problem === 'ukjent' ? p.wrongPassword : a.loginProblems[problem ?? '']} />
      <p>{fill(p.stepUpLead, { name })}</p>
      <form method="post" action="/bekreft-deg" className="card stack login">
        {next !== undefined && <input type="hidden" name="neste" value={next} />}
        <TextField
          id="passord"
          name="passord"
          type="password"
          label={p.password}
          autoComplete="current-password"
        />
        <div>
          <Button type="submit">{p.continue}</Button>
        </div>
      </form>
    </div>
  );
}
