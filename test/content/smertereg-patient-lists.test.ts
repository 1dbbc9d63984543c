/** Lists, old names and texts of SmerteReg's PO, Pasreg and HADS: complete, translated, and in step with each other. */
import type { CodeSystem, ConceptMap, ValueSet } from '../../src/fhir/types.ts';
import type { FormItem } from '../../src/sdc/form-types.ts';
import { content } from './fill-form.ts';
import { formOf } from './run-case.ts';

const BASE = 'https://ryggrad.no/fhir';
const forms = ['po', 'pasreg', 'hads'].map((name) => formOf(content, `smertereg-${name}`));
const items = forms.flatMap(({ byLinkId }) => [...byLinkId.values()]);
const questions = items.filter(({ type }) => type !== 'group' && type !== 'display');

const map = (id: string): ConceptMap =>
  content.conceptMaps.get(`${BASE}/ConceptMap/smertereg-legacy-${id}`) as ConceptMap;
const system = (id: string): CodeSystem => content.codeSystems.get(`${BASE}/CodeSystem/${id}`) as CodeSystem;
const valueSet = (id: string): ValueSet => content.valueSets.get(`${BASE}/ValueSet/${id}`) as ValueSet;

/** The old code of a coding in a map. */
const oldCode = (
  id: string,
  coding: { readonly system?: string; readonly code?: string },
): string | undefined =>
  map(id)
    .group?.filter(({ source }) => source === coding.system)
    .flatMap(({ element }) => element)
    .find(({ code }) => code === coding.code)?.target?.[0]?.code;

const find = (linkId: string): FormItem => items.find((item) => item.linkId === linkId) as FormItem;
const oldCodes = (linkId: string, id: string): readonly (string | undefined)[] =>
  find(linkId).options?.list.map(({ coding }) => oldCode(id, coding)) ?? [];

describe("SmerteReg's lists of PO, Pasreg and HADS", () => {
  it('know every old name that a question has, and say where it comes from.', () => {
    const names = new Map<string, string | undefined>(
      ['smertereg-variable', 'smertereg-patient-variable'].flatMap((id) =>
        (system(id).concept ?? []).map(({ code, definition }): [string, string | undefined] => [
          `${BASE}/CodeSystem/${id} ${code}`,
          definition,
        ]),
      ),
    );
    const used = questions.map(
      ({ source }) =>
        source.code
          ?.map((each) => `${each.system} ${each.code}`)
          .find((name) => name.includes('-variable ')) ?? '',
    );

    expect(used.filter((name) => !names.has(name))).toEqual([]);
    expect(used.filter((name) => name.includes('patient-variable') && names.get(name) === undefined)).toEqual(
      [],
    );
  });

  it('have no old name that no question has.', () => {
    const used = new Set(questions.flatMap(({ source }) => source.code?.map(({ code }) => code) ?? []));

    expect(
      (system('smertereg-patient-variable').concept ?? []).filter(({ code }) => !used.has(code)),
    ).toEqual([]);
  });

  it.each([
    ['gender', 'gender', ['1', '2', '9']],
    ['address-type', 'address-type', ['1', '2']],
    ['deceased', 'answer', ['1', '0']],
    ['incomplete-reason', 'incomplete-reason', ['1', '2', '3', '4', '5', '7', '9']],
    ['completed', 'answer', ['1', '0']],
    ['troubles-sleeping', 'degree', ['1', '2', '3', '4', '5', '9']],
    ['sleeplessness', 'degree', ['1', '2', '3', '4', '5', '9']],
    ['history', 'answer', ['1', '0', '9']],
    ['pain-thought-1', 'frequency', ['0', '1', '2', '3', '4', '5', '6', '9']],
    ['pain-thought-2', 'frequency', ['0', '1', '2', '3', '4', '5', '6', '9']],
    ['hads-1', 'hads', ['3', '2', '1', '0', '9']],
    ['hads-14', 'hads', ['0', '1', '2', '3', '9']],
  ])('map the answers to %s by the map %s to %j.', (linkId, id, codes) => {
    expect(oldCodes(linkId, id)).toEqual(codes);
  });

  it('never let two answers of one question have the same old code.', () => {
    const maps = ['gender', 'address-type', 'incomplete-reason', 'degree', 'frequency', 'hads'].map(map);
    // a group is of one list: the same answer may stand in several
    const double = maps.filter(({ group = [] }) =>
      group.some(({ element }) => {
        const codes = element.map(({ target }) => target?.[0]?.code);
        return new Set(codes).size !== codes.length;
      }),
    );

    expect(double).toEqual([]);
  });

  it('let staff choose every reason but the one that the system sets (rules 25 and 27).', () => {
    const codes = valueSet('smertereg-incomplete-reason-choice').compose?.include[0]?.concept?.map(
      ({ code }) => code,
    );

    expect(codes).toEqual([
      'staff-time',
      'early-discharge',
      'critically-ill-or-dead',
      'unable',
      'missing-consent',
      'other',
    ]);
  });

  it('let staff stop the sending for two reasons (rule 26).', () => {
    const codes = valueSet('smertereg-stop-reason').compose?.include[0]?.concept?.map(({ code }) => code);

    expect(codes?.toSorted()).toEqual(['critically-ill-or-dead', 'unable']);
  });

  it('translate every text, help and message to nynorsk and English.', () => {
    const texts = forms.flatMap(({ questionnaire }) => textsOf(questionnaire));
    const without = texts.filter(({ languages }) => String(languages) !== 'nn,en');

    expect(texts.length).toBeGreaterThan(70);
    expect(without.map(({ text }) => text)).toEqual([]);
  });

  it('translate every answer to nynorsk and English.', () => {
    const without = questions.flatMap(({ linkId, options }) =>
      (options?.list ?? [])
        .filter(({ source }) => !isTranslated(source))
        .map(({ coding }) => `${linkId} ${coding.code}`),
    );

    expect(without).toEqual([]);
  });
});

interface Translated {
  readonly extension?: readonly { readonly extension?: readonly { readonly valueCode?: string }[] }[];
}

const languagesOf = (companion: Translated | undefined): readonly (string | undefined)[] =>
  companion?.extension?.map(({ extension }) => extension?.[0]?.valueCode) ?? [];

/** Every `text`, `title` and message of a constraint, with the languages it has besides bokmål. */
function textsOf(
  node: unknown,
): readonly { readonly text: string; readonly languages: readonly (string | undefined)[] }[] {
  if (typeof node !== 'object' || node === null) {
    return [];
  }
  const element = node as Readonly<Record<string, unknown>>;
  const own = ['text', 'title', ...(element['url'] === 'human' ? ['valueString'] : [])].filter(
    (name) => typeof element[name] === 'string',
  );
  return [
    ...own.map((name) => ({
      text: element[name] as string,
      languages: languagesOf(element[`_${name}`] as Translated | undefined),
    })),
    ...Object.values(element).flatMap(textsOf),
  ];
}

function isTranslated(source: object): boolean {
  const { designation = [], _display } = source as {
    readonly designation?: readonly { readonly language?: string }[];
    readonly _display?: Translated;
  };
  const languages = [...designation.map(({ language }) => language), ...languagesOf(_display)];
  return ['nn', 'en'].every((language) => languages.includes(language));
}
