/**
 * A code book as the content of a register: a Questionnaire for each form, its lists, the names of its variables.
 * https://hl7.org/fhir/R4/questionnaire.html and docs/sdc-dialect.md
 */
import { artefact, BASE, type Texts } from '../../content/scaffold/artefacts.ts';
import { codeSystem, listHead, pathwayLists } from '../../content/scaffold/lists.ts';
import type { FormPart, NewRegister, RegisterParts } from '../../content/scaffold/register.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { listsOf, type SharedAnswers } from './lists.ts';
import { slug, unique } from './names.ts';
import { type FormTools, questionOf } from './question.ts';
import type { CodeBook, Undecided, Variable } from './variable.ts';

export interface BookContent {
  readonly parts: RegisterParts;
  /** What the book left open, in the order of its lines. */
  readonly undecided: readonly Undecided[];
}

/** What all books leave open: they have no word for it. */
const NEVER_TOLD: readonly (readonly [column: string, why: string])[] = [
  [
    'skjema',
    'Who fills in a form, staff or patient, is not in a code book: the schedule says staff for all of them.',
  ],
  ['skjema', 'When a form opens is not in a code book: the schedule has all of them open from the start.'],
  ['språk', 'The texts are in bokmål alone; nynorsk and English are to be added.'],
];

/** The forms and lists of a register. `solution`: the kind of `dump/dump.json`. */
export function contentOf(
  register: NewRegister,
  { variables, undecided }: CodeBook,
  shared: SharedAnswers,
  solution: 'openqreg' | 'mrs',
): BookContent {
  const lists = listsOf(register, variables, shared);
  const more: Undecided[] = NEVER_TOLD.map(([column, why]) => ({ line: 0, column, variable: '', why }));
  const taken = new Set<string>();
  const forms = [...Map.groupBy(variables, ({ form }) => form)].map(([name, own]) => {
    const part = unique(slug(name) || 'skjema', taken);
    taken.add(part);
    const id = `${register.id}-${part}`;
    return formOf(register, id, name, own, { valueSetOf: lists.valueSetOf, say: (one) => more.push(one) });
  });
  const list = [...pathwayLists(register), variableNames(register, variables), ...lists.resources];
  return {
    parts: {
      forms,
      lists: list,
      dump: { shape: shapeOf(register.id, solution) },
      toConfirm: [
        'rettslig grunnlag, og om det er samtykke eller reservasjon (`access/rules.json`)',
        'hvem som fyller ut skjemaene, og når de åpnes (`schedule/`)',
        'det kodeboken ikke avgjør: se rapporten fra innlesingen',
      ],
    },
    undecided: [...undecided, ...more].toSorted((a, b) => a.line - b.line),
  };
}

/** Rows of MRS are known by GUIDs, which are kept as identifiers. */
const shapeOf = (register: string, kind: 'openqreg' | 'mrs'): JsonObject => ({
  kind,
  ...(kind === 'mrs' && { identifiers: `${BASE}/NamingSystem/${register}-mrs/` }),
});

function formOf(
  { id: register, publisher, date }: NewRegister,
  id: string,
  name: string,
  variables: readonly Variable[],
  tools: FormTools,
): FormPart {
  const table = tableName(mostOf(variables.map((variable) => variable.table)) || name);
  const linkIds = new Set<string>();
  const itemOf = (variable: Variable): JsonObject => {
    const linkId = unique(slug(variable.name) || 'spm', linkIds);
    linkIds.add(linkId);
    return questionOf(register, linkId, variable, table, tools);
  };
  const title: Texts = { nb: name, nn: name, en: name };
  const items = runsOf(variables).map(({ group, own }) => ({
    linkId: unique(slug(group) || 'svar', linkIds),
    text: group === '' || group === table ? name : group,
    type: 'group',
    item: own.map(itemOf),
  }));
  return {
    resource: artefact(
      'Questionnaire',
      { id, title: name, description: 'Skjemaet er lest fra registerets kodebok.', publisher, date },
      { subjectType: ['Patient'], item: withUniqueIds(items) },
    ),
    short: name.slice(0, 12),
    title,
    table,
  };
}

/** MRS names the part of a form before a dot; a table of its own is a part too. */
function groupOf({ columns, table }: Variable): string {
  const [part = '', ...rest] = (columns['Variabelnavn'] ?? '').split('.');
  return rest.length > 0 ? part : table;
}

/** Variables that follow each other in one group: the order of the book stays. */
function runsOf(
  variables: readonly Variable[],
): readonly { readonly group: string; readonly own: readonly Variable[] }[] {
  const runs: { group: string; own: Variable[] }[] = [];
  for (const variable of variables) {
    const group = groupOf(variable);
    const last = runs.at(-1);
    if (last?.group === group) {
      last.own.push(variable);
    } else {
      runs.push({ group, own: [variable] });
    }
  }
  return runs;
}

/** Groups get their ids after the questions, so that a question keeps the id of its name. */
function withUniqueIds(groups: readonly JsonObject[]): readonly JsonObject[] {
  const taken = new Set(
    groups.flatMap((group) =>
      ((group['item'] ?? []) as readonly JsonObject[]).map((item) => String(item['linkId'])),
    ),
  );
  return groups.map((group) => {
    const linkId = unique(String(group['linkId']), taken);
    taken.add(linkId);
    return { ...group, linkId };
  });
}

/** Tables of the data dump are files: small letters, digits and `_`, a letter first. */
function tableName(name: string): string {
  const plain = slug(name).replaceAll('-', '_');
  return /^[a-z]/.test(plain) ? plain : `skjema_${plain}`;
}

function mostOf(names: readonly string[]): string {
  const counts = [...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length] as const);
  return counts.toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

/** The first text of a name counts: a name may stand in several forms. */
function variableNames(register: NewRegister, variables: readonly Variable[]): JsonObject {
  const texts = new Map<string, string>();
  for (const { name, text } of variables) {
    texts.set(name, texts.get(name) ?? (text || name));
  }
  const head = listHead(
    register,
    'variable',
    'variabelnavn',
    'Navnene i kodeboken. Står som item.code i skjemaene.',
  );
  return codeSystem(
    head,
    [...texts].map(([code, display]) => ({ code, display })),
  );
}

export const variableSystem = (register: string): string => `${BASE}/CodeSystem/${register}-variable`;
