/** Every field of NKR's degenerative back is in the content, or in the list of what is left out and why, which the README has too. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Questionnaire } from '../../src/fhir/types.ts';
import { repositoryRoot } from '../support/source-files.ts';
import { content } from './fill-form.ts';
import { formOf } from './run-case.ts';

interface Variables {
  readonly forms: Readonly<Record<'patient' | 'surgeon' | 'followup', readonly string[]>>;
  readonly leftOut: readonly {
    readonly forms: readonly string[];
    readonly names: readonly string[];
    readonly reason: string;
  }[];
}

const file = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const { forms, leftOut } = JSON.parse(file('test/content/nkr-rygg-variables.json')) as Variables;
const BASE = 'https://ryggrad.no/fhir';
const OLD = `${BASE}/NamingSystem/nkr-oqr/`;
const VARIABLE = `${BASE}/CodeSystem/nkr-rygg-variable`;

/** The table of each form. */
const TABLE = { patient: 'patientform', surgeon: 'surgeonform', followup: 'patientfollowup' } as const;

const questionsOf = (form: string): readonly NonNullable<Questionnaire['item']>[number][] =>
  [...formOf(content, `nkr-rygg-${form}`).byLinkId.values()].map(({ source }) => source);

/** Names that the questions of a form have, and the fields of the old solution that are an answer or a map here. */
const namesIn = (form: string): ReadonlySet<string> =>
  new Set([
    ...questionsOf(form).flatMap(({ code = [] }) =>
      code.flatMap(({ system, code: name = '' }) => (system === VARIABLE ? [name] : [])),
    ),
    ...content.conceptMaps
      .all()
      .flatMap(({ group = [] }) => group)
      .filter(({ target = '' }) => target.startsWith(`${OLD}${TABLE[form as keyof typeof TABLE]}/`))
      .flatMap(({ target = '', element }) => [
        target.slice(`${OLD}${TABLE[form as keyof typeof TABLE]}/`.length),
        ...element.flatMap(({ target: old = [] }) => old.map(({ code = '' }) => code)),
      ]),
  ]);

describe.each(['patient', 'surgeon', 'followup'] as const)(
  "The variables of NKR's form of degenerative back, %s",
  (form) => {
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

      expect(both).toEqual([]);
    });

    it('are all that the content names, besides its own (NY_).', () => {
      const own = questionsOf(form).flatMap(({ code = [] }) =>
        code.flatMap(({ system, code: name = '' }) => (system === VARIABLE ? [name] : [])),
      );

      expect(own.filter((name) => !name.startsWith('NY_') && !forms[form].includes(name))).toEqual([]);
    });
  },
);

describe('What is left out of NKR degenerative back', () => {
  it('has a reason each.', () => {
    expect(leftOut.filter(({ reason, names }) => reason.length < 20 || names.length === 0)).toEqual([]);
  });

  it('stands in the README.', () => {
    const readme = file('registers/nkr/README.md');
    const names = leftOut.flatMap((each) => each.names);

    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
    expect(leftOut.filter(({ reason }) => !readme.includes(reason)).map(({ names: of }) => of)).toEqual([]);
  });
});

describe("NKR's own names of variables", () => {
  const concepts = content.codeSystems.get(VARIABLE)?.concept ?? [];

  it('say why they are ours.', () => {
    const own = concepts.filter(({ code }) => code.startsWith('NY_'));

    expect(
      own.filter(({ definition }) => !definition?.startsWith('Eget navn')).map(({ code }) => code),
    ).toEqual([]);
  });

  it('and the old ones are all used.', () => {
    const used = new Set((['patient', 'surgeon', 'followup'] as const).flatMap((form) => [...namesIn(form)]));

    expect(concepts.map(({ code }) => code).filter((code) => !used.has(code))).toEqual([]);
  });
});
