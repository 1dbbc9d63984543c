/** Texts that have no nynorsk or no English beside the bokmål. https://hl7.org/fhir/R4/extension-translation.html */
import type { Register } from '../../content/register.ts';
import { companion, EXT, extensionOf, extensionsOf } from '../../sdc/extensions.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';
import { optionText } from '../../sdc/text.ts';
import type { ItemFinding } from './check-reachable.ts';

const LANGUAGES = ['nn', 'en'] as const;
type Other = (typeof LANGUAGES)[number];
const RULE = 'translation-missing';

/** Texts of a form that pages show. An empty linkId is the form itself. */
export function checkFormTranslations(form: Form): readonly ItemFinding[] {
  const items = [...form.byLinkId.values()].filter((item) => !isHidden(item));
  return [
    ...missing('', 'title', form.questionnaire, 'title'),
    ...items.flatMap(textsOf),
    ...form.constraints.flatMap(({ key, human, humanSource }) =>
      missing('', `the message of ${key}`, { human, _human: humanSource }, 'human'),
    ),
  ];
}

const isHidden = (item: FormItem): boolean =>
  item.isHidden || (item.parent !== undefined && isHidden(item.parent));

function textsOf({ linkId, source, help, options, constraints }: FormItem): readonly ItemFinding[] {
  return [
    ...missing(linkId, 'the text', source, 'text'),
    ...missing(linkId, 'the short text', extensionOf(source, EXT.shortText), 'valueString'),
    ...missing(linkId, 'the help text', help, 'text'),
    ...constraints.flatMap(({ key, human, humanSource }) =>
      missing(linkId, `the message of ${key}`, { human, _human: humanSource }, 'human'),
    ),
    ...LANGUAGES.flatMap((language) => {
      const codes = (options?.list ?? []).filter((option) => isUntranslated(option, language));
      const named = codes.map(({ coding }) => coding.code ?? '').join(', ');
      return codes.length === 0 ? [] : finding(linkId, `the options ${named}`, [language]);
    }),
  ];
}

/** A text without letters (a number on a scale) is the same in every language. */
const hasWords = (text: unknown): boolean => typeof text === 'string' && /\p{L}/u.test(text);

function missing(
  linkId: string,
  what: string,
  element: object | undefined,
  member: string,
): readonly ItemFinding[] {
  if (!hasWords((element as Readonly<Record<string, unknown>> | undefined)?.[member])) {
    return [];
  }
  const there = new Set(
    extensionsOf(companion(element, member), EXT.translation).map((entry) => {
      const lang = extensionOf(entry, 'lang');
      return (lang?.valueCode ?? lang?.valueString)?.split('-')[0];
    }),
  );
  return finding(
    linkId,
    what,
    LANGUAGES.filter((language) => !there.has(language)),
  );
}

type Option = NonNullable<FormItem['options']>['list'][number];

/** An option whose English is the bokmål word for word has none, unless its source says so. */
function isUntranslated(option: Option, language: Other): boolean {
  if (!hasWords(option.coding.display)) {
    return false;
  }
  const { source } = option;
  const named = extensionsOf(companion(source, 'display'), EXT.translation).some((entry) =>
    extensionOf(entry, 'lang')?.valueCode?.startsWith(language),
  );
  return !named && optionText(option, language) === optionText(option, 'nb');
}

const NAMES: Readonly<Record<Other, string>> = { nn: 'nynorsk', en: 'English' };

const finding = (linkId: string, what: string, languages: readonly Other[]): readonly ItemFinding[] =>
  languages.length === 0
    ? []
    : [
        {
          linkId,
          rule: RULE,
          severity: 'warning',
          text: `There is no ${languages.map((language) => NAMES[language]).join(' and no ')} for ${what}; bokmål is shown instead.`,
        },
      ];

/** Names of the register and of its forms: `file` is below the register's folder. */
export function checkNames(
  { texts = {} }: Register,
  formIds: readonly string[],
): readonly (Omit<ItemFinding, 'linkId'> & { readonly file: string; readonly element: string })[] {
  return (['nb', ...LANGUAGES] as const).flatMap((language) => {
    const own = texts[language];
    const file = `texts/${language}.json`;
    const at = { file, rule: RULE, severity: 'warning' as const };
    if (own === undefined) {
      return [
        { ...at, element: '', text: 'The file is not there: the register has no names in this language.' },
      ];
    }
    return formIds
      .filter((id) => !Object.keys(own.forms ?? {}).some((key) => key === id || key.startsWith(`${id}@`)))
      .map((id) => ({
        ...at,
        element: `forms.${id}`,
        text: 'The form has no short name and no title in this language; the schedule names it.',
      }));
  });
}
