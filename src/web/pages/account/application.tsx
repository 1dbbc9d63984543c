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
  const isPlaced = fields.organisasjon !== '';
  return (
    <div className="stack">
      <h1 className="page-title">{isKnown ? 'Søk om ny tilgang' : 'Søk om tilgang (ny bruker)'}</h1>
      <ProblemBox
        text={isLimited ? 'Det er sendt mange søknader herfra. Vent en time og prøv igjen.' : undefined}
      />
      <p>
        Lokal koordinator eller registerleder avgjør søknaden.
        {!isKnown && ' Når den er innvilget, får du et passord på SMS.'}
      </p>
      <p className="subtle">Steg {isPlaced ? 2 : 1} av 2</p>
      {isPlaced ? <RestForm {...props} /> : <PlaceForm {...props} />}
    </div>
  );
}

/** A GET to the same page: the departments of the next step depend on it. */
const PlaceForm = (props: ApplicationProps): ReactNode => (
  <form method="get" action="/ny-bruker" className="card stack">
    <Organisation {...props} name="organisasjon" withOther />
    <Organisation {...props} name="sokt" />
    <div>
      <Button type="submit">Neste</Button>
    </div>
  </form>
);

function Organisation({
  choices,
  name,
  fields,
  problems,
  withOther = false,
}: ApplicationProps & { readonly name: 'organisasjon' | 'sokt'; readonly withOther?: boolean }): ReactNode {
  const a = useTexts(accountTexts);
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
      <option value="">{name === 'sokt' ? 'Den samme' : 'Velg'}</option>
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
      {withOther && <option value={OTHER}>Annet (ikke i listen)</option>}
    </Select>
  );
}

function RestForm(props: ApplicationProps): ReactNode {
  const a = useTexts(accountTexts);
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
          <dd>{own?.name ?? 'Ikke i listen'}</dd>
          <dt>{a.fieldLabels.sokt}</dt>
          <dd>{target?.name ?? 'Registerlederen finner avdelingen'}</dd>
        </dl>
        <p>
          <a href="/ny-bruker">Velg en annen organisasjon</a>
        </p>
        {fields.organisasjon === OTHER &&
          text('annet', { description: 'Region, sykehus, klinikk og avdeling' })}
        {target !== undefined && <Department target={target} {...props} />}
        <Register {...props} />
        <RadioGroup
          legend={a.fieldLabels.rolle}
          name="rolle"
          defaultValue={fields.rolle}
          error={problemText(a, problems, 'rolle')}
        >
          <Radio id="rolle" value="LU" description="Registrerer og ser egen avdeling">
            {a.roleNames.LU}
          </Radio>
          <Radio value="LC" description="Retter låste skjemaer, avgjør søknader for avdelingen">
            {a.roleNames.LC}
          </Radio>
          <Radio value="SC" description="Nasjonale data og registerets innstillinger">
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
          <option value="">Velg</option>
          {POSITIONS.map((position) => (
            <option key={position}>{position}</option>
          ))}
        </Select>
        <div>
          <Button type="submit">Send søknad</Button>
        </div>
      </form>
    </>
  );
}

/** Who has an account keeps its name. */
const Known = ({ fields }: { readonly fields: Fields }): ReactNode => (
  <>
    {(['brukernavn', 'fornavn', 'etternavn'] as const).map((name) => (
      <input key={name} type="hidden" name={name} value={fields[name]} />
    ))}
    <p>
      Søknaden gjelder {fields.fornavn} {fields.etternavn} ({fields.brukernavn}).
    </p>
  </>
);

const Department = ({
  target,
  fields,
  problems,
}: ApplicationProps & { readonly target: OrganisationChoice }): ReactNode => {
  const a = useTexts(accountTexts);
  return (
    <Select
      id="avdeling"
      name="avdeling"
      label={a.fieldLabels.avdeling}
      description="Avdelingene står under klinikken eller sykehuset de hører til."
      defaultValue={fields.avdeling}
      error={problemText(a, problems, 'avdeling')}
    >
      <option value="">Velg</option>
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
  return (
    <Select
      id="register"
      name="register"
      label={a.fieldLabels.register}
      defaultValue={fields.register}
      error={problemText(a, problems, 'register')}
    >
      <option value="">Velg</option>
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
  const found = ORDER.flatMap((name) => {
    const problem = problems[name];
    return problem === undefined ? [] : ([[name, problem]] as const);
  });
  return found.length === 0 ? null : (
    <ErrorSummary heading="Dette må rettes før søknaden kan sendes">
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

export const ApplicationSentPage = (): ReactNode => (
  <div className="stack">
    <h1 className="page-title">Søknaden er sendt</h1>
    <p className="lead">Den vil bli behandlet så snart som mulig. Du får svar på SMS eller e-post.</p>
    <p>
      <a href="/">Til forsiden</a>
    </p>
  </div>
);
