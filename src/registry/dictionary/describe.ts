/**
 * The variables of a register as catalogues describe them: name, definition, type, code list, from when to when, and in which form.
 * After "Nasjonal spesifikasjon for metadata om helsedata": every version of a form that is here counts, so that a variable which
 * was taken out is described with the day it ended.
 */
import type { Register } from '../../content/register.ts';
import type { ConceptMap, Questionnaire } from '../../fhir/types.ts';
import { codeBook, type CodeBookLine } from '../dump/code-book.ts';
import { legacyCodes } from '../dump/legacy-codes.ts';
import { EXT, extensionOf, extensionsOf, hasFlag } from '../../sdc/extensions.ts';
import type { Form } from '../../sdc/form-types.ts';
import type { Language } from '../../sdc/language.ts';
import { helpText, itemText, optionText } from '../../sdc/text.ts';
import { isoDate } from './dates.ts';

type InLanguages = Readonly<Record<Language, string>>;

export interface DescribedVariable {
  readonly name: string;
  readonly label: InLanguages;
  readonly definition: InLanguages;
  readonly type: string;
  readonly isRepeating: boolean;
  readonly unit: string;
  /** Canonical of its value set; empty when its options stand in the form. */
  readonly codeList: string;
  readonly codes: readonly { readonly code: string; readonly dumpCode: string; readonly text: InLanguages }[];
  readonly minimum: string;
  readonly maximum: string;
  readonly isRequired: boolean;
  readonly isCalculated: boolean;
  /** Says who somebody is; pseudonymised readers do not get it. */
  readonly isDirectIdentifier: boolean;
  readonly form: { readonly title: string; readonly canonical: string };
  readonly table: string;
  /** Days, YYYY-MM-DD; `to` is empty while it is asked. */
  readonly from: string;
  readonly to: string;
}

/** One form in all the versions that are here, oldest first. */
export type FormVersions = readonly Form[];

/** The variables of all forms, in the order of the newest version; those that ended come last. */
export const describeVariables = (
  register: Register,
  forms: readonly FormVersions[],
  maps: readonly ConceptMap[],
): readonly DescribedVariable[] => forms.flatMap((versions) => describeForm(register, versions, maps));

function describeForm(
  { dump }: Register,
  versions: FormVersions,
  maps: readonly ConceptMap[],
): readonly DescribedVariable[] {
  const codes = dump === undefined ? undefined : legacyCodes(maps, dump);
  const books = versions.map((form) => codeBook([form], { dump, codes, language: 'nb' }));
  const newestFirst = books.map((lines, index) => ({ lines, index })).toReversed();
  const seen = new Set<string>();
  return newestFirst.flatMap(({ lines, index }) =>
    lines.flatMap((line) => {
      const key = `${line.table}|${line.variable}`;
      const form = versions[index];
      if (seen.has(key) || form === undefined) {
        return [];
      }
      seen.add(key);
      const first = books.findIndex((book) =>
        book.some((other) => `${other.table}|${other.variable}` === key),
      );
      return [describe(line, form, versions[first], versions[index + 1])];
    }),
  );
}

/** `first`: the oldest version that has it; `next`: the version after the newest that has it. */
function describe(
  line: CodeBookLine,
  form: Form,
  first: Form | undefined,
  next: Form | undefined,
): DescribedVariable {
  const item = form.byLinkId.get(line.linkId);
  const options = item?.options?.list ?? [];
  const columns = columnsOf(item?.source);
  const label = inLanguages((language) => (item === undefined ? line.question : itemText(item, language)));
  const help = inLanguages((language) => (item === undefined ? '' : (helpText(item, language) ?? '')));
  return {
    name: line.variable,
    label,
    definition: help.nb === '' ? label : help,
    type: line.type,
    isRepeating: line.isRepeating,
    unit: line.unit,
    codeList: item?.source.answerValueSet ?? '',
    codes: line.answers.map(({ code, old }, index) => {
      const option = options[index];
      return {
        code,
        dumpCode: old || code,
        text: inLanguages((language) => (option === undefined ? code : optionText(option, language))),
      };
    }),
    minimum: line.min,
    maximum: line.max,
    isRequired: line.isRequired,
    isCalculated: line.isCalculated,
    isDirectIdentifier: item !== undefined && hasFlag(item.source, EXT.directIdentifier),
    form: { title: line.formTitle, canonical: line.form },
    table: line.table,
    from: isoDate(columns['innfoert_dato'] ?? '') ?? dayOf(first?.questionnaire),
    to: isoDate(columns['utfaset_dato'] ?? '') ?? dayOf(next?.questionnaire),
  };
}

const inLanguages = (of: (language: Language) => string): InLanguages => ({
  nb: of('nb'),
  nn: of('nn'),
  en: of('en'),
});

/** The day from which a version is used. */
const dayOf = (questionnaire: Questionnaire | undefined): string =>
  (questionnaire?.effectivePeriod?.start ?? questionnaire?.date ?? '').slice(0, 10);

function columnsOf(source: Parameters<typeof extensionsOf>[0]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    extensionsOf(source, EXT.codeBookColumn).map((extension) => [
      extensionOf(extension, 'name')?.valueString ?? '',
      extensionOf(extension, 'value')?.valueString ?? '',
    ]),
  );
}

export const DESCRIPTION_COLUMNS = [
  'variabel',
  'navn',
  'definisjon',
  'type',
  'flere_svar',
  'enhet',
  'kodeliste',
  'koder',
  'minimum',
  'maksimum',
  'obligatorisk',
  'beregnet',
  'personidentifiserende',
  'skjema',
  'skjema_kanonisk',
  'tabell',
  'gyldig_fra',
  'gyldig_til',
] as const;

/** One line of the table; codes are those of the data dump. */
export const descriptionRow = (variable: DescribedVariable): readonly string[] => [
  variable.name,
  variable.label.nb,
  variable.definition.nb,
  variable.type,
  yesNo(variable.isRepeating),
  variable.unit,
  variable.codeList,
  variable.codes.map(({ dumpCode, text }) => `${dumpCode} = ${text.nb}`).join(' | '),
  variable.minimum,
  variable.maximum,
  yesNo(variable.isRequired),
  yesNo(variable.isCalculated),
  yesNo(variable.isDirectIdentifier),
  variable.form.title,
  variable.form.canonical,
  variable.table,
  variable.from,
  variable.to,
];

const yesNo = (holds: boolean): string => (holds ? 'Ja' : 'Nei');
