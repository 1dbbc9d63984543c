/**
 * The application for access [Ny bruker]: first where, then who and what, as the user guides have it.
 */
import type { ReactNode } from 'react';
import {
  type Choices,
  type FieldName,
  type FieldProblems,
  type Fields,
  OTHER,
  POSITIONS,
  targetOf,
} from '../../../smart/people/application-form.ts';
import type { OrganisationChoice } from '../../../smart/people/unit-choices.ts';
import { type AccountTexts, accountTexts } from '../../ui/account-texts.ts';
import { applicationTexts } from '../../ui/application-texts.ts';
import { fill } from '../../ui/form-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';
import { Button, ErrorSummary, Radio, RadioGroup, Select, TextField } from '../../ui/aksel.ts';
import { ProblemBox } from './problem-box.tsx';

export interface ApplicationProps {
  readonly choices: Choices;
  readonly fields: Fields;
  readonly problems: FieldProblems;
  /** Somebody who has an account asks for one role more. */
  readonly isKnown: boolean;
  readonly isLimited?: boolean;
}

export function ApplicationPage(props: ApplicationProps): ReactNode {
  const { fields, isKnown, isLimited = false } = props;
  const t = useTexts(applicationTexts);
  const isPlaced = fields.organisasjon !== '';
  return (
    <div className="stack">
      <h1 className="page-title">{isKnown ? t.titleKnown : t.title}</h1>
      <ProblemBox text={isLimited ? t.tooMany : undefined} />
      <p>
        {t.lead}
        {!isKnown && ` ${t.leadNew}`}
      </p>
      <p className="subtle">{fill(t.step, { step: isPlaced ? 2 : 1 })}</p>
      {isPlaced ? <RestForm {...props} /> : <PlaceForm {...props} />}
    </div>
  );
}

/** A GET to the same page: the departments of the next step depend on it. */
function PlaceForm(props: ApplicationProps): ReactNode {
  const t = useTexts(applicationTexts);
  return (
    <form method="get" action="/ny-bruker" className="card stack">
      <Organisation {...props} name="organisasjon" withOther />
      <Organisation {...props} name="sokt" />
      <div>
        <Button type="submit">{t.next}</Button>
      </div>
    </form>
  );
}

function Organisation({
  choices,
  name,
  fields,
  problems,
  withOther = false,
}: ApplicationProps & { readonly name: 'organisasjon' | 'sokt'; readonly withOther?: boolean }): ReactNode {
  const a = useTexts(accountTexts);
  const t = useTexts(applicationTexts);
  const regions = [...new Set(choices.organisations.map(({ region }) => region))];
  return (
    <Select
      id={name}
      name={name}
      label={a.fieldLabels[name]}
      description={a.fieldHints[name]}
      defaultValue={fields[name]}
      error={problemText(a, problems, name)}
    >
      <option value="">{name === 'sokt' ? t.theSame : t.choose}</option>
      {regions.map((region) => (
        <optgroup key={region} label={region}>
          {choices.organisations
            .filter((organisation) => organisation.region === region)
            .map(({ id, name: text }) => (
              <option key={id} value={id}>
                {text}
              </option>
            ))}
        </optgroup>
      ))}
      {withOther && <option value={OTHER}>{t.other}</option>}
    </Select>
  );
}

function RestForm(props: ApplicationProps): ReactNode {
  const a = useTexts(accountTexts);
  const t = useTexts(applicationTexts);
  const { choices, fields, problems, isKnown } = props;
  const target = targetOf(fields, choices);
  const own = choices.organisations.find(({ id }) => id === fields.organisasjon);
  const text = (name: FieldName, extra: object = {}): ReactNode => (
    <TextField
      id={name}
      name={name}
      label={a.fieldLabels[name]}
      description={a.fieldHints[name]}
      defaultValue={fields[name]}
      error={problemText(a, problems, name)}
      {...extra}
    />
  );
  return (
    <>
      <Summary problems={problems} />
      <form method="post" action="/ny-bruker" className="card stack" noValidate>
        <input type="hidden" name="organisasjon" value={fields.organisasjon} />
        <input type="hidden" name="sokt" value={fields.sokt} />
        <dl className="facts">
          <dt>{a.fieldLabels.organisasjon}</dt>
          <dd>{own?.name ?? t.notListed}</dd>
          <dt>{a.fieldLabels.sokt}</dt>
          <dd>{target?.name ?? t.foundLater}</dd>
        </dl>
        <p>
          <a href="/ny-bruker">{t.chooseOther}</a>
        </p>
        {fields.organisasjon === OTHER && text('annet', { description: t.whereHint })}
        {target !== undefined && <Department target={target} {...props} />}
        <Register {...props} />
        <RadioGroup
          legend={a.fieldLabels.rolle}
          name="rolle"
          defaultValue={fields.rolle}
          error={problemText(a, problems, 'rolle')}
        >
          <Radio id="rolle" value="LU" description={t.roleHints.LU}>
            {a.roleNames.LU}
          </Radio>
          <Radio value="LC" description={t.roleHints.LC}>
            {a.roleNames.LC}
          </Radio>
          <Radio value="SC" description={t.roleHints.SC}>
            {a.roleNames.SC}
          </Radio>
        </RadioGroup>
        {isKnown ? (
          <Known fields={fields} />
        ) : (
          text('brukernavn', { autoComplete: 'username', autoCapitalize: 'none', spellCheck: false })
        )}
        {!isKnown && text('fornavn', { autoComplete: 'given-name' })}
        {!isKnown && text('etternavn', { autoComplete: 'family-name' })}
        {text('mobil', { type: 'tel', autoComplete: 'tel-national', className: 'short-field' })}
        {text('epost', { type: 'email', autoComplete: 'email' })}
        <Select
          id="stilling"
          name="stilling"
          label={a.fieldLabels.stilling}
          defaultValue={fields.stilling}
          error={problemText(a, problems, 'stilling')}
        >
          <option value="">{t.choose}</option>
          {POSITIONS.map((position) => (
            <option key={position}>{position}</option>
          ))}
        </Select>
        <div>
          <Button type="submit">{t.send}</Button>
        </div>
      </form>
    </>
  );
}

/** Who has an account keeps its name. */
function Known({ fields }: { readonly fields: Fields }): ReactNode {
  const t = useTexts(applicationTexts);
  const { fornavn, etternavn, brukernavn } = fields;
  return (
    <>
      {(['brukernavn', 'fornavn', 'etternavn'] as const).map((name) => (
        <input key={name} type="hidden" name={name} value={fields[name]} />
      ))}
      <p>{fill(t.known, { name: `${fornavn} ${etternavn}`, username: brukernavn })}</p>
    </>
  );
}

const Department = ({
  target,
  fields,
  problems,
}: ApplicationProps & { readonly target: OrganisationChoice }): ReactNode => {
  const a = useTexts(accountTexts);
  const t = useTexts(applicationTexts);
  return (
    <Select
      id="avdeling"
      name="avdeling"
      label={a.fieldLabels.avdeling}
      description={t.departmentHint}
      defaultValue={fields.avdeling}
      error={problemText(a, problems, 'avdeling')}
    >
      <option value="">{t.choose}</option>
      <DepartmentOptions target={target} />
    </Select>
  );
};

/** Departments in groups by clinic [Klinikk]. */
export const DepartmentOptions = ({ target }: { readonly target: OrganisationChoice }): ReactNode =>
  target.clinics.map(({ name, departments }) => (
    <optgroup key={name} label={name}>
      {departments.map((department) => (
        <option key={department.id} value={department.id}>
          {department.name}
        </option>
      ))}
    </optgroup>
  ));

const Register = ({ choices, fields, problems }: ApplicationProps): ReactNode => {
  const a = useTexts(accountTexts);
  const t = useTexts(applicationTexts);
  return (
    <Select
      id="register"
      name="register"
      label={a.fieldLabels.register}
      defaultValue={fields.register}
      error={problemText(a, problems, 'register')}
    >
      <option value="">{t.choose}</option>
      {[...choices.registers].map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  );
};

/** Fields as they stand on the page, from above. */
const ORDER: readonly FieldName[] = [
  'annet',
  'avdeling',
  'register',
  'rolle',
  'brukernavn',
  'fornavn',
  'etternavn',
  'mobil',
  'epost',
  'stilling',
];

function Summary({ problems }: { readonly problems: FieldProblems }): ReactNode {
  const a = useTexts(accountTexts);
  const t = useTexts(applicationTexts);
  const found = ORDER.flatMap((name) => {
    const problem = problems[name];
    return problem === undefined ? [] : ([[name, problem]] as const);
  });
  return found.length === 0 ? null : (
    <ErrorSummary heading={t.toMend}>
      {found.map(([name, problem]) => (
        <ErrorSummary.Item key={name} href={`#${name}`}>
          {a.fieldProblem(name, problem)}
        </ErrorSummary.Item>
      ))}
    </ErrorSummary>
  );
}

function problemText(a: AccountTexts, problems: FieldProblems, name: FieldName): string | undefined {
  const problem = problems[name];
  return problem === undefined ? undefined : a.fieldProblem(name, problem);
}

export function ApplicationSentPage(): ReactNode {
  const t = useTexts(applicationTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{t.sent}</h1>
      <p className="lead">{t.sentLead}</p>
      <p>
        <a href="/">{t.toFront}</a>
      </p>
    </div>
  );
}
