/** Every field of NKR's three modules is in the content, or in the list of what is left out and why, which the README has too. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Questionnaire } from '../../src/fhir/types.ts';
import { repositoryRoot } from '../support/source-files.ts';
import { dumpLayout } from '../../src/operations/dump/tables.ts';
import { readRegistry } from '../../src/registry/registry.ts';
import { content } from './fill-form.ts';
import { formOf } from './run-case.ts';

interface Variables {
  readonly forms: Readonly<Record<string, readonly string[]>>;
  readonly leftOut: readonly {
    readonly forms: readonly string[];
    readonly names: readonly string[];
    readonly reason: string;
  }[];
}

type Module = 'rygg' | 'nakke' | 'deformitet';
const MODULES: readonly Module[] = ['rygg', 'nakke', 'deformitet'];
const FORMS = ['patient', 'surgeon', 'followup'] as const;
const BASE = 'https://ryggrad.no/fhir';

const file = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const variablesOf = (module: Module): Variables =>
  JSON.parse(file(`test/content/nkr-${module}-variables.json`)) as Variables;
const systemOf = (module: Module): string => `${BASE}/CodeSystem/nkr-${module}-variable`;

const questionsOf = (module: Module, form: string): readonly NonNullable<Questionnaire['item']>[number][] =>
  [...formOf(content, `nkr-${module}-${form}`).byLinkId.values()].map(({ source }) => source);

const namedBy = (module: Module, form: string): readonly string[] =>
  questionsOf(module, form).flatMap(({ code = [] }) =>
    code.flatMap(({ system, code: name = '' }) => (system === systemOf(module) ? [name] : [])),
  );

/** Names of the questions of a form, and the old fields that are answers of its lists. */
const namesIn = (module: Module, form: string): ReadonlySet<string> => {
  const systems = new Set(
    [...formOf(content, `nkr-${module}-${form}`).byLinkId.values()].flatMap(
      ({ options }) => options?.list.map(({ coding }) => coding.system) ?? [],
    ),
  );
  return new Set([
    ...namedBy(module, form),
    ...content.conceptMaps
      .all()
      .filter(({ id }) => id?.startsWith('nkr-') === true && id.includes('-legacy-'))
      .flatMap(({ group = [] }) => group)
      .filter(({ source }) => systems.has(source))
      .flatMap(({ element }) => element.flatMap(({ target: old = [] }) => old.map(({ code = '' }) => code))),
  ]);
};

const everyForm = MODULES.flatMap((module) => FORMS.map((form) => [module, form] as const));

describe.each(everyForm)("The variables of NKR's module %s, form %s,", (module, form) => {
  const { forms, leftOut } = variablesOf(module);
  const left = leftOut.filter((each) => each.forms.includes(form)).flatMap(({ names }) => names);

  it('are in the content or left out with a reason.', () => {
    const known = namesIn(module, form);

    expect(forms[form]?.filter((name) => !known.has(name) && !left.includes(name))).toEqual([]);
  });

  it('are not in the content when they are said to be left out.', () => {
    const known = new Set(namedBy(module, form));

    expect(left.filter((name) => known.has(name))).toEqual([]);
  });

  it('are all that the content names, besides its own (NY_).', () => {
    const known = [...(forms[form] ?? []), ...(forms['derived'] ?? [])];

    expect(namedBy(module, form).filter((name) => !name.startsWith('NY_') && !known.includes(name))).toEqual(
      [],
    );
  });
});

describe.each(MODULES)("NKR's module %s", (module) => {
  const { forms, leftOut } = variablesOf(module);

  it('has what the reports work out, and what is of the person, or a reason why not.', () => {
    const known = new Set(FORMS.flatMap((form) => namedBy(module, form)));
    const left = leftOut.flatMap(({ forms: of, names }) =>
      of.includes('derived') || of.includes('person') ? names : [],
    );
    const asked = [...(forms['derived'] ?? []), ...(forms['person'] ?? [])];

    expect(asked.filter((name) => !known.has(name) && !left.includes(name))).toEqual([]);
  });

  it('leaves nothing out without a reason, and nothing that the register does not have.', () => {
    const listed = ({ forms: of, names }: Variables['leftOut'][number]): readonly string[] =>
      names.filter((name) => !of.some((form) => forms[form]?.includes(name)));

    expect(leftOut.filter(({ reason, names }) => reason.length < 20 || names.length === 0)).toEqual([]);
    expect(leftOut.flatMap(listed)).toEqual([]);
  });

  it('says in the README what it leaves out.', () => {
    const readme = file('registers/nkr/README.md');
    const names = leftOut.flatMap((each) => each.names);

    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
    expect(leftOut.filter(({ reason }) => !readme.includes(reason)).map(({ names: of }) => of)).toEqual([]);
  });

  it('says of each name of its own why it is ours, and uses every name.', () => {
    const concepts = content.codeSystems.get(systemOf(module))?.concept ?? [];
    const used = new Set(FORMS.flatMap((form) => [...namesIn(module, form)]));

    expect(
      concepts
        .filter(({ code, definition }) => code.startsWith('NY_') && !definition?.startsWith('Eget navn'))
        .map(({ code }) => code),
    ).toEqual([]);
    expect(concepts.map(({ code }) => code).filter((code) => !used.has(code))).toEqual([]);
  });
});

describe("NKR's data dump", () => {
  const TABLES = { patient: 'patientform', surgeon: 'surgeonform', followup: 'patientfollowup' } as const;
  const tables = dumpLayout(readRegistry(content), 'nkr').modules.flatMap((module) => module.tables);

  it.each(everyForm)(
    "has of the module %s, form %s, a column for each of the register's fields.",
    (module, form) => {
      const { forms, leftOut } = variablesOf(module);
      const left = new Set(leftOut.flatMap(({ names }) => names));
      const table = tables.find(({ name }) => name === `${module}_${TABLES[form]}`);
      const columns = new Set(table?.columns.map(({ name }) => name));
      const without = (forms[form] ?? []).filter((name) => !columns.has(name) && !left.has(name));

      // Of a level of the neck the sides are columns; that it was operated follows from them.
      expect(without.filter((name) => !/^SIDE_NIVAA_C\d_(C\d|TH1)$/.test(name))).toEqual([]);
      expect(columns.size).toBeGreaterThan(30);
    },
  );

  it('has a table for each follow-up.', () => {
    const names = tables.map(({ name }) => name).filter((name) => name.includes('followup'));

    expect(names).toEqual([
      'rygg_patientfollowup',
      'rygg_patientfollowup12',
      'nakke_patientfollowup',
      'nakke_patientfollowup12',
      'deformitet_patientfollowup',
      'deformitet_patientfollowup12',
      'deformitet_patientfollowup60',
    ]);
  });
});
