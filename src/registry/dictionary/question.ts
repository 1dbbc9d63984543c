/** One variable of a code book as a question. https://hl7.org/fhir/R4/questionnaire.html and docs/sdc-dialect.md */
import { BASE } from '../../content/scaffold/artefacts.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { EXT } from '../../sdc/extensions.ts';
import { withoutMarks } from './names.ts';
import { isTyped, type Undecided, type Variable } from './variable.ts';

export interface FormTools {
  readonly valueSetOf: (variable: Variable) => string | undefined;
  readonly say: (undecided: Undecided) => void;
}

type Say = (column: string, why: string) => void;

/** `formTable`: table of the form; that of a variable is kept beside it when it is another. */
export function questionOf(
  register: string,
  linkId: string,
  variable: Variable,
  formTable: string,
  tools: FormTools,
): JsonObject {
  const { name, maxLength, type } = variable;
  const say: Say = (column, why) => {
    const undecided: Undecided = { line: variable.line, column, variable: name, why };
    tools.say(undecided);
  };
  const text = withoutMarks(variable.text) || name;
  const need = needOf(variable, say);
  const extension = [
    ...limits(variable, say),
    ...(isRetired(variable) || type === 'hidden' ? [{ url: EXT.hidden, valueBoolean: true }] : []),
    ...(need === 'recommended' ? [{ url: EXT.recommended, valueBoolean: true }] : []),
    ...characters(variable, say),
    ...keptColumns({ ...variable, text }, variable, formTable),
  ];
  sayWhatIsLeft(variable, say);
  return {
    ...(extension.length > 0 && { extension }),
    linkId,
    code: [{ system: `${BASE}/CodeSystem/${register}-variable`, code: name }],
    text,
    ...answerType(variable, tools, say),
    ...(need === 'required' && { required: true }),
    ...((isRetired(variable) || type === 'hidden') && { readOnly: true }),
    ...(isTyped(variable) && maxLength !== undefined && { maxLength }),
    ...(variable.help !== '' && { item: [helpOf(linkId, variable.help)] }),
  };
}

const helpOf = (linkId: string, text: string): JsonObject => ({
  extension: [
    {
      url: EXT.itemControl,
      valueCodeableConcept: {
        coding: [{ system: 'http://hl7.org/fhir/questionnaire-item-control', code: 'help' }],
      },
    },
  ],
  linkId: `${linkId.slice(0, 59)}-help`,
  text,
  type: 'display',
});

const TYPES: Readonly<Record<Variable['type'], string>> = {
  date: 'date',
  list: 'choice',
  checkbox: 'boolean',
  integer: 'integer',
  decimal: 'decimal',
  number: 'decimal',
  text: 'string',
  'long-text': 'text',
  hidden: 'string',
};

function answerType(variable: Variable, { valueSetOf }: FormTools, say: Say): JsonObject {
  const valueSet = valueSetOf(variable);
  if (valueSet !== undefined && (variable.type === 'list' || variable.type === 'hidden')) {
    return { type: 'choice', answerValueSet: valueSet };
  }
  if (variable.type === 'list') {
    say('listeverdier', 'The list has no values; it is read as a text.');
    return { type: 'string' };
  }
  if (valueSet !== undefined) {
    say('listeverdier', 'Only lists have values; they were left out.');
  }
  return { type: TYPES[variable.type] };
}

/** Taken out of use: kept for what is stored, and asked no more. */
export const isRetired = ({ columns }: Pick<Variable, 'columns'>): boolean =>
  (columns['utfaset_dato'] ?? '') !== '' || /\S\s*-\s*v?\d/.test(columns['Gyldighet'] ?? '');

const isConditional = ({ columns }: Variable): boolean => columns['underspoersmaal']?.toLowerCase() === 'ja';

function needOf(variable: Variable, say: Say): 'required' | 'recommended' | 'optional' {
  const { isMandatory, type, unanswered } = variable;
  if (!isMandatory || type === 'checkbox' || type === 'hidden' || isRetired(variable)) {
    return 'optional';
  }
  if (isConditional(variable)) {
    say('obligatorisk', 'Mandatory where it is asked; until its condition is written it is recommended.');
    return 'recommended';
  }
  if (unanswered !== undefined) {
    say('Obligatorisk', `"${unanswered.text}" may be chosen, so the question may stand open: recommended.`);
    return 'recommended';
  }
  return 'required';
}

function limits({ type, limits: hard, usual, decimals }: Variable, say: Say): readonly JsonObject[] {
  const isDate = type === 'date';
  const value = (limit: string): JsonObject =>
    isDate ? { valueDate: limit } : { [type === 'integer' ? 'valueInteger' : 'valueDecimal']: Number(limit) };
  const extension = (url: string, limit: string): readonly JsonObject[] =>
    limit === '' || limit === 'today' ? [] : [{ url, ...value(limit) }];
  const soft = [...extension('low', usual.low), ...extension('high', usual.high)];
  if (hard.low === 'today') {
    say('maksintervall_start_dato', 'A date that may not be before today is not known to forms.');
  }
  if (usual.low === 'today' || usual.high === 'today') {
    say('normalintervall_slutt_dato', 'A usual range until today is not known to forms.');
  }
  return [
    ...extension(EXT.minValue, hard.low),
    ...extension(EXT.maxValue, hard.high),
    ...(hard.high === 'today' ? [{ url: EXT.notAfterNow, valueBoolean: true }] : []),
    ...(soft.length > 0 ? [{ url: EXT.usualRange, extension: soft }] : []),
    ...(type === 'decimal' && decimals !== undefined ? [{ url: EXT.decimals, valueInteger: decimals }] : []),
  ];
}

/** The signs that a text may have; those that break lines go without saying. */
function characters({ type, columns }: Variable, say: Say): readonly JsonObject[] {
  const signs = columns['lovlige_tegn'] ?? '';
  if (signs === '' || (type !== 'text' && type !== 'long-text')) {
    return [];
  }
  const all = [...new Set(signs)].map((sign) => sign.replace(/[\\\]^[-]/, '\\$&')).join('');
  say('lovlige_tegn', 'The signs are taken as they are listed: any other is refused.');
  return [
    { url: EXT.regex, valueString: `[${all}${type === 'long-text' ? '\\r\\n' : ''}]*` },
    { url: EXT.entryFormat, valueString: `bare tegnene ${signs}` },
  ];
}

/** What the question has no place for. */
function keptColumns(
  { text }: Pick<Variable, 'text'>,
  variable: Variable,
  formTable: string,
): readonly JsonObject[] {
  const { columns, table, type, isMandatory, limits: hard, usual } = variable;
  const isTold = isMandatory && needOf(variable, () => undefined) === 'required';
  const dates: readonly (readonly [string, string])[] = [
    ['maksintervall_start_dato', hard.low],
    ['normalintervall_start_dato', usual.low],
    ['normalintervall_slutt_dato', usual.high],
  ];
  const kept: Readonly<Record<string, string>> = {
    ...columns,
    ...(text !== variable.text && { ledetekst: variable.text }),
    ...(isMandatory && !isTold && { obligatorisk: 'Ja' }),
    ...(table !== formTable && { tabell: table }),
    ...(type === 'hidden' && { type: 'hidden' }),
    ...(type === 'number' && { type: 'number' }),
    ...(type === 'list' && variable.answers.length === 0 && { type: 'list' }),
    ...Object.fromEntries(dates.filter(([, limit]) => limit === 'today')),
  };
  const isToldByDefault = ([column, value]: readonly [string, string]): boolean =>
    value === 'Nei' && (column === 'aktiveringsspoersmaal' || column === 'underspoersmaal');
  const told = Object.entries(kept).filter((entry) => !isToldByDefault(entry));
  return told.map(([column, value]) => ({
    url: EXT.codeBookColumn,
    extension: [
      { url: 'name', valueString: column },
      { url: 'value', valueString: value },
    ],
  }));
}

function sayWhatIsLeft(variable: Variable, say: Say): void {
  const { columns, type, table } = variable;
  if (isConditional(variable)) {
    say(
      'underspoersmaal',
      'Asked after another answer, but the book does not say which: write its enableWhen.',
    );
  }
  if (columns['aktiveringsspoersmaal']?.toLowerCase() === 'ja') {
    say('aktiveringsspoersmaal', 'An answer to it opens other questions; the book does not say which.');
  }
  if (type === 'hidden') {
    say(
      'type',
      'Hidden: the book does not say what it is calculated from; nobody fills it until it has a calculation.',
    );
  }
  if (isRetired(variable)) {
    say(
      columns['utfaset_dato'] === undefined ? 'Gyldighet' : 'utfaset_dato',
      'Taken out of use: hidden in the form, and kept for what is stored.',
    );
  }
  if (table === '') {
    say('tabell', 'The table of the data dump is not told.');
  }
  if (variable.text === '') {
    say('ledetekst', 'The question has no text; its name stands there.');
  }
}
