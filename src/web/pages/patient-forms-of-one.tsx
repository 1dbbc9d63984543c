/** The gear of [Pasientregistreringer]: one pathway's forms for the patient, what was sent, and stop, order, close. */
import type { ReactNode } from 'react';
import { CONTACT_METHODS } from '../../registry/sending/channel.ts';
import { Alert, Button, Checkbox, CheckboxGroup, Radio, RadioGroup, Table } from '../ui/aksel.ts';
import { formatInstant } from '../ui/format.ts';
import { useTexts } from '../ui/page-context.tsx';
import { PatientBanner } from '../ui/patient-banner.tsx';
import { patientFormsTexts } from '../ui/patient-forms-texts.ts';
import { SendingStatus } from '../ui/sending-status.tsx';
import type { Choice, PatientFormsOfOne } from '../models/patient-forms.ts';
import { PATIENT_FORMS } from './patient-forms.tsx';

export type Done = 'stopped' | 'ordered' | 'closed';

interface Props {
  readonly model: PatientFormsOfOne;
  /** What has just been done. */
  readonly done: Done | undefined;
  /** What was posted and not done: which part of the page, and why. */
  readonly refused: Refused | undefined;
}

export interface Refused {
  readonly part: 'stop' | 'order' | 'close';
  readonly problems: readonly string[];
}

export function PatientFormsOfOnePage({ model, done, refused }: Props): ReactNode {
  const t = useTexts(patientFormsTexts);
  const { patient } = model;
  return (
    <div className="stack">
      <h1 className="page-title">{t.title}</h1>
      <PatientBanner patient={patient}>
        <a href={`/pasient/${patient.id}`}>{t.toPatient}</a>
        <a href={PATIENT_FORMS}>{t.back}</a>
      </PatientBanner>
      {done !== undefined && (
        <Alert variant="success" role="status">
          {t[done]}
        </Alert>
      )}
      {refused !== undefined && (
        <Alert variant="error" role="alert" id="feil">
          <a href={`#${refused.part}`}>
            {refused.problems.map((problem) => t.problems[problem] ?? problem).join(' ')}
          </a>
        </Alert>
      )}
      <Forms model={model} />
      <Stop model={model} />
      <Order model={model} />
      <Close model={model} />
      <Messages model={model} />
    </div>
  );
}

interface PartProps {
  readonly model: PatientFormsOfOne;
}

/** Waits for the patient, and may be put in the post. */
const ON_PAPER: ReadonlySet<string> = new Set(['available', 'ordered', 'sent', 'reminded', 'not-reachable']);

function Forms({ model: { forms } }: PartProps): ReactNode {
  const t = useTexts(patientFormsTexts);
  return (
    <div className="stack">
      <h2 id="skjemaer">{t.forms}</h2>
      <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="skjemaer">
        <Table size="small">
          <thead>
            <tr>
              <th scope="col">{t.form}</th>
              <th scope="col">{t.status}</th>
              <th scope="col">{t.reason}</th>
              <th scope="col">{t.deadline}</th>
              <th scope="col">{t.onPaper}</th>
            </tr>
          </thead>
          <tbody>
            {forms.map((form) => (
              <tr key={form.short}>
                <th scope="row">
                  {form.state === 'not-open' ? (
                    form.title
                  ) : (
                    <a href={`/skjema/${form.taskId ?? ''}`}>{form.title}</a>
                  )}
                </th>
                <td>
                  <SendingStatus state={form.state} />
                </td>
                <td>{form.reason}</td>
                <td className="nowrap tabular">{formatInstant(form.until)}</td>
                <td>
                  {ON_PAPER.has(form.state) && (
                    <a href={`/skjema/${form.taskId ?? ''}/papir`}>{t.printPaper}</a>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
    </div>
  );
}

function Stop({ model: { episode, mayStop, stopReasons } }: PartProps): ReactNode {
  const t = useTexts(patientFormsTexts);
  return mayStop && stopReasons.length > 0 ? (
    <form id="stop" method="post" action={`${PATIENT_FORMS}/${episode}/stopp`} className="card stack">
      <h2>{t.stopTitle}</h2>
      <p>{t.stopLead}</p>
      <Reasons choices={stopReasons} />
      <div>
        <Button type="submit" variant="danger">
          {t.stop}
        </Button>
      </div>
    </form>
  ) : null;
}

function Reasons({ choices }: { readonly choices: readonly Choice[] }): ReactNode {
  const t = useTexts(patientFormsTexts);
  return (
    <RadioGroup legend={t.chooseReason} name="arsak" size="small">
      {choices.map(({ code, text }) => (
        <Radio key={code} value={code}>
          {text}
        </Radio>
      ))}
    </RadioGroup>
  );
}

function Order({ model: { episode, forms } }: PartProps): ReactNode {
  const t = useTexts(patientFormsTexts);
  const orderable = forms.filter(({ problem }) => problem === undefined);
  return (
    <form id="order" method="post" action={`${PATIENT_FORMS}/${episode}/bestill`} className="card stack">
      <h2>{t.orderTitle}</h2>
      <p>{t.orderLead}</p>
      {orderable.length === 0 ? (
        <p>{t.noneToOrder}</p>
      ) : (
        <>
          <CheckboxGroup legend={t.chooseForms} size="small">
            {orderable.map(({ taskId = '', title }) => (
              <Checkbox key={taskId} name="skjema" value={taskId}>
                {title}
              </Checkbox>
            ))}
          </CheckboxGroup>
          <RadioGroup legend={t.chooseMethod} name="metode" defaultValue="secure" size="small">
            {CONTACT_METHODS.map((method) => (
              <Radio key={method} value={method}>
                {t.method[method]}
              </Radio>
            ))}
          </RadioGroup>
          <div>
            <Button type="submit">{t.order}</Button>
          </div>
        </>
      )}
      <Blocked forms={forms} />
    </form>
  );
}

/** Forms that cannot be ordered, and why. */
function Blocked({ forms }: Pick<PatientFormsOfOne, 'forms'>): ReactNode {
  const t = useTexts(patientFormsTexts);
  const blocked = forms.filter(({ problem }) => problem !== undefined);
  return blocked.length === 0 ? null : (
    <ul className="subtle">
      {blocked.map(({ short, problem = '' }) => (
        <li key={short}>
          {short}: {t.problems[problem] ?? problem}
        </li>
      ))}
    </ul>
  );
}

function Close({ model: { episode, forms, mayClose, closeReasons } }: PartProps): ReactNode {
  const t = useTexts(patientFormsTexts);
  const isOver = forms.every(({ problem }) => problem === 'form-ended');
  return isOver || closeReasons.length === 0 ? null : (
    <form id="close" method="post" action={`${PATIENT_FORMS}/${episode}/besvar`} className="card stack">
      <h2>{t.closeTitle}</h2>
      <p>{mayClose ? t.closeLead : t.closeImpossible}</p>
      {mayClose && (
        <>
          <Reasons choices={closeReasons} />
          <div>
            <Button type="submit" variant="danger">
              {t.close}
            </Button>
          </div>
        </>
      )}
    </form>
  );
}

function Messages({ model: { messages } }: PartProps): ReactNode {
  const t = useTexts(patientFormsTexts);
  return (
    <div className="stack">
      <h2 id="meldinger">{t.messages}</h2>
      {messages.length === 0 ? (
        <p>{t.noMessages}</p>
      ) : (
        <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="meldinger">
          <Table size="small">
            <thead>
              <tr>
                <th scope="col">{t.when}</th>
                <th scope="col">{t.form}</th>
                <th scope="col">{t.what}</th>
                <th scope="col">{t.status}</th>
              </tr>
            </thead>
            <tbody>
              {messages.map(({ at, form, kind, state, channel, problem }) => (
                <tr key={`${at}${form}${kind}`}>
                  <td className="nowrap tabular">{formatInstant(at)}</td>
                  <td>{form}</td>
                  <td>{t.kind[kind]}</td>
                  <td>
                    {t.outcome[state]}
                    {channel !== undefined && `: ${t.channel[channel]}`}
                    {problem !== undefined && `: ${problem}`}
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </div>
  );
}
