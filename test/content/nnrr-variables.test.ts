/** Every variable of NNRR is in the content, or in the list of what is left out and why, which the README has too. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Questionnaire } from '../../src/fhir/types.ts';
import { repositoryRoot } from '../support/source-files.ts';
import { content } from './fill-form.ts';
import { formOf } from './run-case.ts';

interface Variables {
  readonly forms: Readonly<Record<'1a' | '1b' | '2', readonly string[]>>;
  readonly leftOut: readonly {
    readonly forms: readonly string[];
    readonly names: readonly string[];
    readonly reason: string;
  }[];
}

const file = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const { forms, leftOut } = JSON.parse(file('test/content/nnrr-variables.json')) as Variables;
const BASE = 'https://ryggrad.no/fhir';
const OLD = `${BASE}/NamingSystem/nnrr-mrs/`;
const VARIABLE = `${BASE}/CodeSystem/nnrr-variable`;

const questionsOf = (form: string): readonly NonNullable<Questionnaire['item']>[number][] =>
  [...formOf(content, `nnrr-${form}`).byLinkId.values()].map(({ source }) => source);

/** Names that the questions of a form have, and the fields of the old solution that are an answer or a map here. */
const namesIn = (form: string): ReadonlySet<string> =>
  new Set([
    ...questionsOf(form).flatMap(({ code = [] }) =>
      code.flatMap(({ system, code: name = '' }) => (system === VARIABLE ? [name] : [])),
    ),
    ...content.conceptMaps
      .all()
      .flatMap(({ group = [] }) => group)
      .filter(({ target = '' }) => target.startsWith(`${OLD}${form}/`))
      .flatMap(({ target = '', element }) => [
        target.slice(`${OLD}${form}/`.length),
        ...element.flatMap(({ target: old = [] }) => old.map(({ code = '' }) => code)),
      ]),
  ]);

describe.each(['1a', '1b', '2'] as const)("The variables of NNRR's form %s", (form) => {
  const left = leftOut.filter((each) => each.forms.includes(form)).flatMap(({ names }) => names);

  it('are in the content or left out with a reason.', () => {
    const known = namesIn(form);

    expect(forms[form].filter((name) => !known.has(name) && !left.includes(name))).toEqual([]);
  });

  it('are not in the content when they are said to be left out.', () => {
    const known = new Set(
      questionsOf(form).flatMap(({ code = [] }) => code.map(({ code: name = '' }) => name)),
    );
    const both = left.filter((name) => known.has(name));

    expect(both.filter((name) => !(form === '2' && name === 'Eq5dSatisfactionTreatment'))).toEqual([]);
  });

  it('are all that the content names, besides its own (NY_).', () => {
    const own = questionsOf(form).flatMap(({ code = [] }) =>
      code.flatMap(({ system, code: name = '' }) => (system === VARIABLE ? [name] : [])),
    );

    const old = [...forms[form], ...(form === '1b' ? ['PasientConcentDate'] : [])];

    expect(own.filter((name) => !name.startsWith('NY_') && !old.includes(name))).toEqual([]);
  });
});

describe('What is left out of NNRR', () => {
  it('has a reason each.', () => {
    expect(leftOut.filter(({ reason, names }) => reason.length < 20 || names.length === 0)).toEqual([]);
  });

  it('stands in the README.', () => {
    const readme = file('registers/nnrr/README.md');
    const names = leftOut.flatMap((each) => each.names).filter((name) => !/^UhiQ\d+$/.test(name));

    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
    expect(leftOut.filter(({ reason }) => !readme.includes(reason)).map(({ names: of }) => of)).toEqual([]);
  });
});

describe("NNRR's own names of variables", () => {
  const concepts = content.codeSystems.get(VARIABLE)?.concept ?? [];

  it('say why they are ours.', () => {
    const own = concepts.filter(({ code }) => code.startsWith('NY_'));

    expect(
      own.filter(({ definition }) => !definition?.startsWith('Eget navn')).map(({ code }) => code),
    ).toEqual([]);
  });

  it('and the old ones are all used.', () => {
    const used = new Set((['1a', '1b', '2'] as const).flatMap((form) => [...namesIn(form)]));

    expect(concepts.map(({ code }) => code).filter((code) => !used.has(code))).toEqual([]);
  });
});
