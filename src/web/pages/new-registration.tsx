/** [Ny registrering]: a number, and then a person who is not here yet. */
import type { ReactNode } from 'react';
import { Alert, Button, ErrorSummary, Radio, RadioGroup, TextField } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { formatDate, formatNationalId } from '../ui/format.ts';
import { launchTexts } from '../ui/launch-texts.ts';
import { useTexts } from '../ui/page-context.tsx';
import { moduleTexts } from '../ui/module-texts.ts';
import { workbenchTexts } from '../ui/workbench-texts.ts';
import type { ModuleChoice } from '../models/modules.ts';
import { type FoundPerson, NUMBER_TYPES, type NumberType } from '../models/registration.ts';

export interface TypedNumber {
  readonly type: NumberType | undefined;
  readonly number: string;
}

export type NumberProblem = 'type' | 'missing' | 'wrong' | 'national';

const NUMBER_TEXTS = {
  type: 'typeMissing',
  missing: 'numberMissing',
  wrong: 'numberWrong',
  national: 'numberIsNational',
} as const satisfies Record<NumberProblem, string>;

const TYPE_TEXTS = { norsk: 'typeNorwegian', annet: 'typeOther' } as const satisfies Record<
  NumberType,
  string
>;

export function AskNumberPage({
  typed,
  problems,
  mayLaunch,
}: {
  readonly typed: TypedNumber;
  readonly problems: readonly NumberProblem[];
  /** There are EHRs that the patient may be fetched from. */
  readonly mayLaunch: boolean;
}): ReactNode {
  const t = useTexts(workbenchTexts);
  const launch = useTexts(launchTexts);
  const ofType = problems.find((problem) => problem === 'type');
  const ofNumber = problems.find((problem) => problem !== 'type');
  return (
    <div className="stack">
      <h1 className="page-title">{t.newRegistration}</h1>
      {mayLaunch && (
        <p>
          <a href="/fra-journal">{launch.pickLink}</a>
        </p>
      )}
      <Problems
        list={problems.map((problem) => ({
          href: problem === 'type' ? '#type-norsk' : '#nummer',
          text: t[NUMBER_TEXTS[problem]],
        }))}
      />
      <form method="post" action="/ny-registrering" className="card stack" autoComplete="off">
        <p>{t.registerLead}</p>
        <RadioGroup
          legend={t.numberType}
          name="type"
          defaultValue={typed.type ?? 'norsk'}
          error={ofType && t.typeMissing}
        >
          {NUMBER_TYPES.map((type) => (
            <Radio
              key={type}
              id={`type-${type}`}
              value={type}
              {...(type === 'annet' && { description: t.typeOtherHint })}
            >
              {t[TYPE_TEXTS[type]]}
            </Radio>
          ))}
        </RadioGroup>
        <TextField
          id="nummer"
          name="nummer"
          label={t.number}
          description={t.numberHint}
          defaultValue={typed.number}
          error={ofNumber && t[NUMBER_TEXTS[ofNumber]]}
          htmlSize={20}
          autoComplete="off"
        />
        <div className="row">
          <Button type="submit">{t.findPatient}</Button>
          <a href="/arbeidsliste">{t.cancel}</a>
        </div>
      </form>
    </div>
  );
}

export interface TypedPerson {
  readonly type: NumberType;
  readonly number: string;
  readonly given: string;
  readonly family: string;
  readonly birthDate: string;
  /** Empty where there is none to choose, or none is chosen. */
  readonly module: string;
}

/** What the population registry said of the number, when it was asked. */
export type RegistryAnswer = Pick<
  Extract<FoundPerson, { kind: 'unknown' }>,
  'family' | 'deceased' | 'isUnanswered'
>;

export type PersonProblem = 'given' | 'family' | 'birthDate' | 'module';

const FIELD_OF = {
  given: 'fornavn',
  family: 'etternavn',
  birthDate: 'fodselsdato',
  module: 'modul',
} as const;
const PERSON_TEXTS = {
  given: 'givenMissing',
  family: 'familyMissing',
  birthDate: 'birthDateWrong',
} as const satisfies Record<Exclude<PersonProblem, 'module'>, string>;

function FromRegistry({
  answer: { family, deceased, isUnanswered },
}: {
  readonly answer: RegistryAnswer;
}): ReactNode {
  const t = useTexts(workbenchTexts);
  if (isUnanswered === true) {
    return (
      <Alert variant="warning" size="small">
        {t.registryUnanswered}
      </Alert>
    );
  }
  if (deceased !== undefined) {
    return (
      <Alert variant="warning" size="small">
        {fill(t.registryDeceased, { date: formatDate(deceased) })}
      </Alert>
    );
  }
  return family === undefined ? null : <p>{t.registryFound}</p>;
}

export function NewPersonPage({
  typed,
  problems,
  answer,
  modules,
}: {
  readonly typed: TypedPerson;
  readonly problems: readonly PersonProblem[];
  readonly answer: RegistryAnswer;
  /** What the registration may be of; none where the register is one whole. */
  readonly modules: readonly ModuleChoice[];
}): ReactNode {
  const t = useTexts(workbenchTexts);
  const m = useTexts(moduleTexts);
  const textOf = (problem: PersonProblem): string =>
    problem === 'module' ? m.missing : t[PERSON_TEXTS[problem]];
  const errorOf = (problem: PersonProblem): string | undefined =>
    problems.includes(problem) ? textOf(problem) : undefined;
  const { type, number, given, family, birthDate } = typed;
  return (
    <div className="stack">
      <h1 className="page-title">{t.newPatient}</h1>
      <Problems
        list={problems.map((problem) => ({
          href: `#${FIELD_OF[problem]}`,
          text: textOf(problem),
        }))}
      />
      <form method="post" action="/ny-registrering/opprett" className="card stack" autoComplete="off">
        <dl className="facts">
          <dt>{type === 'norsk' ? t.number : `${t.number} (${t.typeOther.toLocaleLowerCase()})`}</dt>
          <dd className="tabular">{formatNationalId(number)}</dd>
        </dl>
        <FromRegistry answer={answer} />
        <p>{t.newPatientLead}</p>
        <input type="hidden" name="type" value={type} />
        <input type="hidden" name="nummer" value={number} />
        <TextField
          id="fornavn"
          name="fornavn"
          label={t.givenName}
          defaultValue={given}
          error={errorOf('given')}
          autoComplete="off"
        />
        <TextField
          id="etternavn"
          name="etternavn"
          label={t.familyName}
          defaultValue={family}
          error={errorOf('family')}
          autoComplete="off"
        />
        <TextField
          id="fodselsdato"
          name="fodselsdato"
          label={t.birthDate}
          description={type === 'annet' ? t.birthDateOther : t.birthDateHint}
          defaultValue={/^\d{4}-\d\d-\d\d$/.test(birthDate) ? formatDate(birthDate) : birthDate}
          error={errorOf('birthDate')}
          htmlSize={14}
          inputMode="numeric"
          autoComplete="off"
        />
        {modules.length > 0 && (
          <RadioGroup
            id="modul"
            legend={m.choose}
            name="modul"
            defaultValue={typed.module}
            error={errorOf('module')}
          >
            {modules.map(({ id, title }) => (
              <Radio key={id} value={id}>
                {title}
              </Radio>
            ))}
          </RadioGroup>
        )}
        <div className="row">
          <Button type="submit">{t.addRegistration}</Button>
          <a href="/ny-registrering">{t.cancel}</a>
        </div>
      </form>
    </div>
  );
}

/** What is to be corrected, with links to where. */
function Problems({
  list,
}: {
  readonly list: readonly { readonly href: string; readonly text: string }[];
}): ReactNode {
  const t = useTexts(workbenchTexts);
  return list.length === 0 ? null : (
    <ErrorSummary heading={t.problems}>
      {list.map(({ href, text }) => (
        <ErrorSummary.Item key={href} href={href}>
          {text}
        </ErrorSummary.Item>
      ))}
    </ErrorSummary>
  );
}
