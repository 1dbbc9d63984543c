/** The lists, texts and old codes of B2.1, B2.2, Eval and Opioid: complete, translated, and in step with each other. */
import { listConcepts } from '../../src/content/concepts.ts';
import type { CodeSystem, ConceptMap, Extension, QuestionnaireItem } from '../../src/fhir/types.ts';
import type { FormItem } from '../../src/sdc/form-types.ts';
import { content } from './fill-form.ts';
import { formOf } from './run-case.ts';

const FORMS = ['b21', 'b22', 'eval', 'opioid'].map((id) => formOf(content, `smertereg-${id}`));
const R = 'https://ryggrad.no/fhir';

const questions = FORMS.flatMap((form) =>
  [...form.byLinkId.values()].filter(({ type }) => type !== 'group' && type !== 'display'),
);
const choices = questions.filter(({ options }) => options !== undefined);
const concepts = ({ options }: FormItem): readonly (readonly [string, string])[] =>
  options?.list.map(({ coding }) => [coding.system ?? '', coding.code ?? ''] as const) ?? [];

type Texted = QuestionnaireItem & {
  readonly _text?: { readonly extension?: readonly { readonly extension?: readonly Extension[] }[] };
};
const itemsIn = (items: readonly QuestionnaireItem[] = []): readonly Texted[] =>
  items.flatMap((item) => [item, ...itemsIn(item.item)]);

const maps = content.conceptMaps.all().filter(({ id }) => id?.startsWith('smertereg-legacy-'));
const groupsOf = (some: readonly ConceptMap[]): NonNullable<ConceptMap['group']> =>
  some.flatMap(({ group }) => group ?? []);
const groups = groupsOf(maps);

/** Their own maps; shared ones (yes and no, NRS, opioids, degrees) are tested where they belong. */
const OWN = [
  ...['caregiver', 'treatment-drug', 'respiration-measure', 'central-block', 'peripheral-block'],
  ...['follow-up', 'eval', 'opioid-follow-up'],
].map((id) => `smertereg-legacy-${id}`);

describe('The second part of SmerteReg', () => {
  it.each(FORMS)('names the old variable of every question in $canonical.', (form) => {
    const without = [...form.byLinkId.values()].filter(
      ({ type, source }) => type !== 'group' && type !== 'display' && source.code === undefined,
    );

    expect(without.map(({ linkId }) => linkId)).toEqual([]);
  });

  it('names every old variable of its lists once, in one list.', () => {
    const systems = content.codeSystems
      .all()
      .filter(({ id }) => id?.startsWith('smertereg-') && id.endsWith('-variable'));
    const codes = systems.flatMap(({ concept }: CodeSystem) => concept?.map(({ code }) => code) ?? []);

    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });

  it.each(['smertereg-b22-variable', 'smertereg-evaluation-variable'])(
    'asks for every variable of %s.',
    (id) => {
      const system = `${R}/CodeSystem/${id}`;
      const used = questions.map(({ source }) => source.code?.[0]).filter((code) => code?.system === system);

      expect(used.map((code) => code?.code).sort()).toEqual(
        content.codeSystems
          .get(system)
          ?.concept?.map(({ code }) => code)
          .sort(),
      );
    },
  );

  it.each(FORMS)('translates every text of $canonical to nynorsk and English, help too.', (form) => {
    const languages = itemsIn(form.questionnaire.item).map(
      ({ linkId, _text }) =>
        `${linkId} ${String(_text?.extension?.map(({ extension }) => extension?.[0]?.valueCode))}`,
    );

    expect(languages.filter((found) => !found.endsWith(' nn,en'))).toEqual([]);
  });

  it('shows every option in English too.', () => {
    const without = choices.flatMap(
      ({ options }) => options?.list.filter(({ source }) => !JSON.stringify(source).includes('"en"')) ?? [],
    );

    // 0-10 and the names of opioids read alike in both
    expect([...new Set(without.map(({ coding }) => coding.system))]).toEqual([`${R}/CodeSystem/nrs`]);
  });

  it.each(choices.map((item) => [item.linkId, item] as const))(
    'has an old code for every answer to %s.',
    (_linkId, item) => {
      const unmapped = concepts(item).filter(
        ([system, code]) =>
          !groups.some(
            ({ source, element }) => source === system && element?.some((each) => each.code === code),
          ),
      );

      expect(unmapped).toEqual([]);
    },
  );

  it('maps no two answers of a field to one old code, but those that the old solution did not tell apart.', () => {
    const own = groupsOf(maps.filter(({ id }) => OWN.includes(id ?? '')));

    const shared = own.flatMap(({ target, element = [] }) => {
      const codes = element.flatMap((each) => each.target?.map(({ code }) => code) ?? []);
      const doubled = codes.filter((code, index) => code !== undefined && codes.indexOf(code) !== index);
      return doubled.map((code) => `${target?.split('/').at(-1) ?? ''} ${code ?? ''}`);
    });

    expect([...new Set(shared)]).toEqual(['YESNO_OPIOID 9']);
  });

  it.each([
    ['respiration-measure', 'smertereg-respiration-measure'],
    ['central-block-measure', 'smertereg-central-block-measure'],
    ['peripheral-block-measure', 'smertereg-peripheral-block-measure'],
  ])('offers in %s what the value set %s lists.', (linkId, id) => {
    const item = formOf(content, 'smertereg-b22').byLinkId.get(linkId)!;
    const listed = listConcepts(content, `${R}/ValueSet/${id}|1.0.0`) ?? [];

    expect(concepts(item)).toEqual(listed.map(({ system, code }) => [system, code]));
  });
});
