/**
 * Choice of role after the login, as the user guides have it: register, organisation, department, role. What has one option
 * is skipped. The last step posts to smart/staff-login.ts.
 */
import type { ReactNode } from 'react';
import { accountTexts } from '../ui/account-texts.ts';
import { Alert, Button } from '../ui/aksel.ts';
import { loginTexts } from '../ui/login-texts.ts';
import { usePage, useTexts } from '../ui/page-context.tsx';
import type { ChosenRole, RoleChoiceModel } from '../view-models.ts';

type Role = RoleChoiceModel['roles'][number];
type Level = keyof ChosenRole;

/** Name of each level in the address. */
const LEVELS: Readonly<Record<Level, string>> = {
  register: 'register',
  organisation: 'organisasjon',
  department: 'avdeling',
};

/** The text that asks for it. */
const TITLES = {
  register: 'chooseRegister',
  organisation: 'chooseOrganisation',
  department: 'chooseDepartment',
} as const;
const ORDER: readonly Level[] = ['register', 'organisation', 'department'];

export type RoleStep =
  | { readonly level: Level; readonly options: readonly string[]; readonly chosen: ChosenRole }
  | { readonly level: 'role'; readonly roles: readonly Role[]; readonly chosen: ChosenRole };

/** What is to be chosen next: the first level at which the roles that are left differ; then the role itself. */
function nextStep(roles: readonly Role[], given: ChosenRole): RoleStep {
  let left = roles;
  let chosen: ChosenRole = {};
  for (const level of ORDER) {
    const options = [...new Set(left.map((role) => role[level] ?? NATIONAL))];
    const pick = options.find((option) => option === given[level]);
    if (options.length > 1 && pick === undefined) {
      return { level, options, chosen };
    }
    left = pick === undefined ? left : left.filter((role) => (role[level] ?? NATIONAL) === pick);
    chosen = pick === undefined ? chosen : { ...chosen, [level]: pick };
  }
  return { level: 'role', roles: left, chosen };
}

/** Stands for no unit in the address. */
const NATIONAL = 'Nasjonalt';
const shown = (name: string, l: (typeof loginTexts)['nb']): string => (name === NATIONAL ? l.national : name);
const lower = (text: string): string => text.slice(0, 1).toLocaleLowerCase('nb') + text.slice(1);

export function RoleChoicePage({ model }: { readonly model: RoleChoiceModel }): ReactNode {
  const { t } = usePage();
  const l = useTexts(loginTexts);
  const { roles, next, problem, chosen = {} } = model;
  if (roles.length === 0) {
    return (
      <div className="stack">
        <h1 className="page-title">{t.roleTitle}</h1>
        <p className="card empty">{t.roleNone}</p>
        <p>
          <a href="/ny-bruker">{l.applyForRole}</a>
        </p>
      </div>
    );
  }
  const step = nextStep(roles, chosen);
  return (
    <div className="stack">
      <h1 className="page-title">{titleOf(step, roles, { ...l, usual: t.roleTitle })}</h1>
      {problem !== undefined && (
        <Alert variant="error" size="small" role="alert">
          {t.roleProblem}
        </Alert>
      )}
      <Path chosen={step.chosen} next={next} />
      {step.level === 'role' ? (
        <Roles roles={step.roles} next={next} />
      ) : (
        <ul className="plain-list stack stack--tight">
          {step.options.map((option) => (
            <li key={option}>
              <a className="card choice" href={hrefOf({ ...step.chosen, [step.level]: option }, next)}>
                {shown(option, l)}
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function titleOf(
  step: RoleStep,
  roles: readonly Role[],
  texts: (typeof loginTexts)['nb'] & { readonly usual: string },
): string {
  if (step.level !== 'role') {
    return texts[TITLES[step.level]];
  }
  return roles.length === 1 ? texts.ownRole : texts.usual;
}

/** What has been chosen, and the way back to the start. */
const Path = ({
  chosen,
  next,
}: {
  readonly chosen: ChosenRole;
  readonly next: string | undefined;
}): ReactNode => {
  const l = useTexts(loginTexts);
  const names = ORDER.flatMap((level) => chosen[level] ?? []);
  return names.length === 0 ? null : (
    <p>
      {names.map((name) => shown(name, l)).join(' › ')} (<a href={hrefOf({}, next)}>{l.again}</a>)
    </p>
  );
};

const Roles = ({
  roles,
  next,
}: {
  readonly roles: readonly Role[];
  readonly next: string | undefined;
}): ReactNode => {
  const l = useTexts(loginTexts);
  const a = useTexts(accountTexts);
  return (
    <form method="post" action="/velg-rolle" className="card stack">
      {next !== undefined && <input type="hidden" name="neste" value={next} />}
      {roles.map(({ id, role, register, department, endsSoon }, at) => (
        <div key={id} className="stack stack--tight">
          <p className="subtle">
            {register}, {department ?? l.national}
          </p>
          {endsSoon !== undefined && (
            <Alert variant="warning" size="small">
              {a.endsSoon(endsSoon)} {a.askToRenew}
            </Alert>
          )}
          <div>
            <Button type="submit" name="rolle" value={id} variant={at === 0 ? 'primary' : 'secondary'}>
              {roles.length === 1 ? l.continueAs(lower(a.roleNames[role])) : a.roleNames[role]}
            </Button>
          </div>
        </div>
      ))}
    </form>
  );
};

function hrefOf(chosen: ChosenRole, next: string | undefined): string {
  const query = new URLSearchParams([
    ...ORDER.flatMap((level) => {
      const value = chosen[level];
      return value === undefined ? [] : [[LEVELS[level], value]];
    }),
    ...(next === undefined ? [] : [['neste', next]]),
  ]);
  return query.size === 0 ? '/velg-rolle' : `/velg-rolle?${query}`;
}
