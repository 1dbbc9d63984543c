/**
 * The lists of answers of a code book as code systems, value sets and maps to the old codes. Variables with the same answers share a
 * list; answers that all registers have (yes, no, do not know) are those of the shared code system.
 * https://hl7.org/fhir/R4/valueset.html and https://hl7.org/fhir/R4/conceptmap.html
 */
import { artefact, BASE, canonical } from '../../content/scaffold/artefacts.ts';
import { codeSystem, legacyCodes, listHead, type ListOwner } from '../../content/scaffold/lists.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { slug, unique } from './names.ts';
import type { CodedAnswer, Variable } from './variable.ts';

/** Answers that registers share: the concept's code by its text, and the value sets that list some of them. */
export interface SharedAnswers {
  readonly system: string;
  readonly codes: ReadonlyMap<string, string>;
  /** Canonical with version, by its codes with a blank between. */
  readonly valueSets: ReadonlyMap<string, string>;
}

export interface Lists {
  /** In the order in which they refer to each other. */
  readonly resources: readonly JsonObject[];
  /** Canonical of a variable's value set. */
  valueSetOf(variable: Variable): string | undefined;
}

interface List {
  readonly variables: readonly Variable[];
  readonly system: string;
  /** Code and old code of each answer, with its text. */
  readonly codes: readonly (CodedAnswer & { readonly old: string })[];
  readonly resources: readonly JsonObject[];
  readonly valueSet: string;
}

/** The lists of all variables that have answers. */
export function listsOf(owner: ListOwner, variables: readonly Variable[], shared: SharedAnswers): Lists {
  const groups = Map.groupBy(
    variables.filter(({ answers }) => answers.length > 0),
    ({ answers }) => JSON.stringify(answers),
  );
  const taken = new Set<string>(TAKEN);
  const lists = [...groups.values()].map((own) => {
    const part = unique(slug(own[0]?.name ?? '') || 'liste', taken);
    taken.add(part);
    return listOf(owner, part, own, shared);
  });
  const byVariable = new Map(
    lists.flatMap(({ variables: own, valueSet }) => own.map((variable) => [variable, valueSet] as const)),
  );
  return {
    resources: [...lists.flatMap(({ resources }) => resources), ...mapsOf(owner, lists, shared)],
    valueSetOf: (variable) => byVariable.get(variable),
  };
}

/** Names that the register has for other lists. */
const TAKEN = ['pathway', 'service', 'variable'];

function listOf(owner: ListOwner, part: string, variables: readonly Variable[], shared: SharedAnswers): List {
  const answers = variables[0]?.answers ?? [];
  const title = variables[0]?.text || part;
  const common = answers.map(({ text }) => shared.codes.get(text));
  if (common.every((code) => code !== undefined) && new Set(common).size === common.length) {
    const codes = answers.map((answer, index) => ({
      code: common[index] ?? '',
      text: answer.text,
      old: answer.code,
    }));
    const known = shared.valueSets.get(codes.map(({ code }) => code).join(' '));
    const own = known === undefined ? [valueSet(owner, part, title, shared.system, codes)] : [];
    return {
      variables,
      codes,
      system: shared.system,
      resources: own,
      valueSet: known ?? canonical('ValueSet', `${owner.id}-${part}`),
    };
  }
  const codes = ownCodes(answers);
  const head = listHead(owner, part, title.slice(0, 80), 'Fra kodeboken.');
  return {
    variables,
    codes,
    system: `${BASE}/CodeSystem/${owner.id}-${part}`,
    resources: [
      codeSystem(
        head,
        codes.map(({ code, text }) => ({ code, display: text })),
      ),
      valueSet(owner, part, title, `${BASE}/CodeSystem/${owner.id}-${part}`, codes),
    ],
    valueSet: canonical('ValueSet', `${owner.id}-${part}`),
  };
}

const valueSet = (
  owner: ListOwner,
  part: string,
  title: string,
  system: string,
  codes: List['codes'],
): JsonObject =>
  artefact('ValueSet', listHead(owner, part, title.slice(0, 80), 'Fra kodeboken.'), {
    compose: { include: [{ system, concept: codes.map(({ code }) => ({ code })) }] },
  });

/** Numbers get a name from their text; what says something already, and steps of a scale, stay as they are. */
function ownCodes(answers: readonly CodedAnswer[]): List['codes'] {
  const taken = new Set<string>();
  return answers.map(({ code: old, text }) => {
    const isNumber = /^-?\d+$/.test(old);
    const name = isNumber && text !== old && !/^\d+$/.test(text) ? slug(text) || old : asCode(old);
    const code = unique(name, taken);
    taken.add(code);
    return { code, text, old };
  });
}

/** A code of FHIR has no blanks but single ones inside. */
const asCode = (old: string): string => old.trim().replaceAll(/\s+/g, ' ');

/** One map for each code system, with a group for each variable: where codes stand for themselves there is one too. */
function mapsOf(owner: ListOwner, lists: readonly List[], shared: SharedAnswers): readonly JsonObject[] {
  const bySystem = Map.groupBy(lists, ({ system }) => system);
  return [...bySystem].map(([system, own]) => {
    const part = system === shared.system ? 'answer' : system.slice(system.lastIndexOf('/') + 1);
    const id = part.startsWith(`${owner.id}-`) ? part.slice(owner.id.length + 1) : part;
    const head = listHead(
      owner,
      `legacy-${id}`,
      `${id} til tidligere kode`,
      'Kodene i den tidligere løsningen.',
    );
    const groups = own.flatMap((list) => list.variables.map((variable) => groupOf(owner, list, variable)));
    return artefact('ConceptMap', head, { group: withOwnNames(groups) });
  });
}

interface Group {
  readonly table: string;
  readonly prefix: string;
  readonly name: string;
  readonly json: JsonObject;
}

function groupOf(owner: ListOwner, { codes, system }: List, { table, name, unanswered }: Variable): Group {
  const json = {
    source: system,
    target: '',
    element: codes.map(({ code, old }) => ({
      code,
      target: [{ code: old, equivalence: 'equivalent' }],
    })),
    ...(unanswered !== undefined && {
      unmapped: { mode: 'fixed', code: unanswered.code, display: unanswered.text },
    }),
  };
  return { table, name, prefix: legacyCodes(owner.id), json };
}

/** A group is named after its variable; where two forms have one of that name with other codes, after the table too. */
function withOwnNames(groups: readonly Group[]): readonly JsonObject[] {
  return [...Map.groupBy(groups, ({ name }) => name).values()].flatMap((same) => {
    const different = new Map(same.map((group) => [JSON.stringify(group.json), group]));
    return [...different.values()].map(({ table, name, prefix, json }) => ({
      ...json,
      target: `${prefix}${different.size === 1 ? name : `${table}/${name}`}`,
    }));
  });
}
