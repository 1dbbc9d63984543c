/** NNRR's lists, maps and texts: complete, translated, and in step with each other. */
import type { ConceptMap } from '../../src/fhir/types.ts';
import { content } from './fill-form.ts';
import { formOf } from './run-case.ts';

const BASE = 'https://ryggrad.no/fhir';
const OLD = `${BASE}/NamingSystem/nnrr-mrs/`;
const forms = ['1a', '1b', '2'].map((name) => formOf(content, `nnrr-${name}`));
const [form1a, form1b, form2] = ['nnrr-1a', 'nnrr-1b', 'nnrr-2'] as const;
const items = forms.flatMap(({ byLinkId }) => [...byLinkId.values()]);
const questions = items.filter(({ type }) => type !== 'group' && type !== 'display');
const maps = content.conceptMaps.all().filter(({ id }) => id?.startsWith('nnrr-legacy-'));

const groupOf = (field: string): NonNullable<ConceptMap['group']>[number] | undefined =>
  maps.flatMap(({ group = [] }) => group).find(({ target }) => target === `${OLD}${field}`);
const oldCode = (field: string, code: string | undefined): string | undefined =>
  groupOf(field)?.element.find((element) => element.code === code)?.target?.[0]?.code;
const oldCodes = (form: string, linkId: string, field: string) =>
  formOf(content, form)
    .byLinkId.get(linkId)
    ?.options?.list.map(({ coding }) => oldCode(field, coding.code));
const upTo = (count: number, from = 1): readonly string[] =>
  Array.from({ length: count }, (_, index) => String(index + from));
const ALL = ['YESNO', 'YESNOUNKNOWN'] as const;

describe("NNRR's old codes", () => {
  it.each([
    [form1b, 'back-surgery', 'YESNOUNKNOWN', ['1', '2', '3']],
    [form1b, 'serious-illness', 'YESNO', ['1', '0']],
    [form1b, 'findings-explained', 'FINDINGS', ['1', '2']],
    [form1b, 'earlier-sick-leave', '1b/PrevSickLeave', upTo(5)],
    [form1b, 'sick-leave-precision', '1b/CurrentRehabStartIsMonth', ['0', '1']],
    [form1b, 'medication-a-frequency', '1b/MedicationFrequency', upTo(2)],
    [form1b, 'spondylolisthesis', '1b/RadiologicalF_Spondylolisthesis', upTo(3)],
    [form1b, 'scoliosis', '1b/RadiologicalF_Scoliosis_Subcategory', upTo(2)],
    [form1b, 'individual-interdisciplinary', '1b/Treatment_InvidualInterdisciplinary', upTo(4, 0)],
    [form1b, 'group-interdisciplinary', '1b/Treatment_GroupInterdisciplinary2018', upTo(5, 0)],
    [form1b, 'group-interdisciplinary', '1b/Treatment_GroupInterdisciplinary', ['0', '1', '2', '2', '3']],
    [form1b, 'neck-group', 'DIAGNOSEVELGER', upTo(6, 10)],
    [form1a, 'family-status', '1a/FamilyStatus', upTo(3)],
    [form1a, 'nationality', '1a/NationalCountry', upTo(7)],
    [form1a, 'education', '1a/EducationLevel', upTo(5)],
    [form1a, 'reading-difficulty', '1a/ReadWriteDifficulties', upTo(3)],
    [form1a, 'pain-duration', '1a/PainDurationNow', upTo(5)],
    [form1a, 'activity', '1a/PhysicalActivity', upTo(4)],
    [form1a, 'prescription', 'PainMedicine', upTo(4)],
    [form1a, 'treatment-surgery', '1a/TreatmentEarlier', ['1', '2', '3', '0']],
    [form1a, 'pain-rest', '1a/NRS', upTo(11, 0)],
    [form1a, 'odi-1', 'ODI', upTo(6)],
    [form1a, 'ndi-10', 'NDI', upTo(6)],
    [form1a, 'hscl-10-1', 'HSCL10', upTo(4)],
    [form1a, 'fabq-2', 'FABQ', upTo(7, 0)],
    [form1a, 'eq-5d-5l-mo', 'EQ5D5L', upTo(5)],
    [form1a, 'satisfaction-so-far', 'TreatmentSatisfaction', upTo(5)],
    [form2, 'pain-rest', '2/NRS', ['11', ...upTo(10)]],
    [form2, 'pain-activity', '2/NRS', ['11', ...upTo(10)]],
    [form2, 'use-of-treatment', '2/UseOfTreatment', upTo(7)],
    [form2, 'treatment-satisfaction', 'TreatmentSatisfaction', upTo(5)],
    [form2, 'main-occupation', '2/WorkingStatus', upTo(8)],
    [form2, 'treatment-manual', '2/Treatment', ['1', '2', '3', '0']],
  ] as const)('of %s, %s by %s are %j.', (form, linkId, field, codes) => {
    expect(oldCodes(form, linkId, field)).toEqual(codes);
  });

  it.each([
    ['yes-no-unknown lists', 'YESNOUNKNOWN'],
    ['NRS of form 2', '2/NRS'],
    ['ODI', 'ODI'],
    ['NDI', 'NDI'],
    ['HSCL-10', 'HSCL10'],
    ['benefit', '2/UseOfTreatment'],
    ['work status', '2/WorkingStatus'],
    ['education', '1a/EducationLevel'],
  ])('write 0 for what is not answered in %s, and no answer there has 0.', (_, field) => {
    const group = groupOf(field);

    expect(group?.unmapped).toEqual({ mode: 'fixed', code: '0' });
    expect(group?.element.filter(({ target }) => target?.[0]?.code === '0')).toEqual([]);
  });

  it('read 11 as 0 in form 2 alone: there is no 11 in form 1a, nor in the scale.', () => {
    const codes = (field: string) => groupOf(field)?.element.map(({ target }) => target?.[0]?.code);

    expect(codes('1a/NRS')).not.toContain('11');
    expect(oldCode('2/NRS', '0')).toBe('11');
    expect(
      formOf(content, form2)
        .byLinkId.get('pain-rest')
        ?.options?.list.some(({ coding }) => coding.code === '11'),
    ).toBe(false);
  });

  it('number the diagnosis groups 10–15, 20–26 and 99.', () => {
    const groups = maps
      .flatMap(({ group = [] }) => group)
      .filter(({ target }) => target === `${OLD}DIAGNOSEVELGER`);

    expect(groups.flatMap(({ element }) => element.map(({ target }) => target?.[0]?.code))).toEqual([
      ...upTo(6, 10),
      ...upTo(7, 20),
      '99',
    ]);
  });

  it('never have two answers for one old code, but where the map says that one is wider.', () => {
    const double = maps
      .flatMap(({ group = [] }) => group)
      .filter(({ element }) => {
        const codes = element.flatMap(({ target = [] }) =>
          target.filter(({ equivalence }) => equivalence !== 'wider').map(({ code }) => code),
        );
        return new Set(codes).size !== codes.length;
      });

    expect(double.map(({ target }) => target)).toEqual([]);
  });

  it('exist for every answer of every list of the register.', () => {
    const mapped = new Set(
      maps.flatMap(({ group = [] }) =>
        group.flatMap(({ source, element }) => element.map(({ code }) => `${source} ${code}`)),
      ),
    );
    const without = questions.flatMap(({ options }) =>
      (options?.list ?? [])
        .map(({ coding }) => `${coding.system} ${coding.code}`)
        .filter((code) => code.startsWith(`${BASE}/CodeSystem/nnrr-`) && !mapped.has(code)),
    );

    expect([...new Set(without)].map((each) => each.split('/').at(-1)).sort()).toEqual([
      'nnrr-diagnosis-location back',
      'nnrr-diagnosis-location neck',
      'nnrr-follow-up none',
      'nnrr-imaging-finding none-of-these',
      'nnrr-imaging-finding other',
      'nnrr-measure other',
      'nnrr-pain-cause other',
      'nnrr-pain-region none',
    ]);
  });

  it.each(ALL)('of %s are of answers that many questions share.', (field) => {
    expect(groupOf(field)?.source).toBe(`${BASE}/CodeSystem/answer`);
  });
});

describe("NNRR's texts", () => {
  it('translate every text, help and message to nynorsk and English.', () => {
    const texts = forms.flatMap(({ questionnaire }) => textsOf(questionnaire));

    expect(texts.length).toBeGreaterThan(240);
    expect(texts.filter(({ languages }) => String(languages) !== 'nn,en').map(({ text }) => text)).toEqual(
      [],
    );
  });

  it('translate every answer to nynorsk and English.', () => {
    const without = questions.flatMap(({ linkId, options }) =>
      (options?.list ?? [])
        .filter(({ source }) => !isTranslated(source))
        .map(({ coding }) => `${linkId} ${coding.code}`),
    );

    expect(without.filter((each) => !/^(work-|pain-(rest|activity))/.test(each))).toEqual([]);
  });

  it('name the old variable of every question.', () => {
    const without = questions.filter(
      ({ source }) =>
        source.code?.some(({ system }) => system === `${BASE}/CodeSystem/nnrr-variable`) !== true,
    );

    expect(without.map(({ linkId }) => linkId)).toEqual([]);
  });
});

interface Translated {
  readonly extension?: readonly { readonly extension?: readonly { readonly valueCode?: string }[] }[];
}

const languagesOf = (companion: Translated | undefined): readonly (string | undefined)[] =>
  companion?.extension?.map(({ extension }) => extension?.[0]?.valueCode) ?? [];

interface Text {
  readonly text: string;
  readonly languages: readonly (string | undefined)[];
}

/** Every `text`, `title` and message of a constraint, with the languages it has besides bokmål. */
function textsOf(node: unknown): readonly Text[] {
  if (typeof node !== 'object' || node === null) {
    return [];
  }
  const element = node as Readonly<Record<string, unknown>>;
  const isResource =
    typeof element['resourceType'] === 'string' && element['resourceType'] !== 'Questionnaire';
  const own = ['text', 'title', ...(element['url'] === 'human' ? ['valueString'] : [])].filter(
    (name) => typeof element[name] === 'string',
  );
  return isResource
    ? []
    : [
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
