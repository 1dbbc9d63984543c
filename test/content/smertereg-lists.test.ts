/** SmerteReg's lists and texts: complete, translated, and in step with each other. */
import { listConcepts } from '../../src/content/concepts.ts';
import type { ConceptMap } from '../../src/fhir/types.ts';
import { content } from './fill-form.ts';
import { formOf } from './run-case.ts';

const to = formOf(content, 'smertereg-to');
const b11 = formOf(content, 'smertereg-b11');
const b12 = formOf(content, 'smertereg-b12');

describe("SmerteReg's lists", () => {
  it.each([to, b11, b12])('name the old variable of every question in $canonical.', (form) => {
    const without = [...form.byLinkId.values()].filter(
      ({ type, source }) => type !== 'group' && type !== 'display' && source.code === undefined,
    );

    expect(without.map(({ linkId }) => linkId)).toEqual([]);
  });

  it.each([to, b11, b12])('translate every question of $canonical to nynorsk and English.', (form) => {
    const languages = [...form.byLinkId.values()].map(({ linkId, source }) => {
      const text = (source as { _text?: { extension?: { extension?: { valueCode?: string }[] }[] } })._text;
      return [linkId, text?.extension?.map(({ extension }) => extension?.[0]?.valueCode)];
    });

    expect(languages.filter(([, found]) => String(found) !== 'nn,en')).toEqual([]);
  });

  it('map every ICD-10 code of the short lists to its category, as the population of B1.1 does.', () => {
    const map = content.conceptMaps.get(
      'https://ryggrad.no/fhir/ConceptMap/smertereg-icd10-diagnosis-category',
    ) as ConceptMap;
    const elements = map.group?.[0]?.element ?? [];
    const initial = b11.byLinkId.get('diagnosis-category')?.initialExpression?.source ?? '';

    const listed = content.valueSets
      .all()
      .filter(({ id }) => id?.startsWith('smertereg-icd10-'))
      .flatMap(({ compose }) => compose?.include[0]?.concept?.map(({ code }) => code) ?? []);

    expect(elements.map(({ code }) => code).sort()).toEqual([...listed].sort());
    expect(listed.filter((code) => !code?.startsWith('C') && !initial.includes(`'${code ?? ''}'`))).toEqual(
      [],
    );
  });

  it('give 24 of the 27 opioid forms a way to be counted, and 3 none.', () => {
    const forms = listConcepts(content, 'https://ryggrad.no/fhir/ValueSet/smertereg-opioid-form|1.0.0') ?? [];

    expect(forms).toHaveLength(27);
    expect(forms.filter(({ weight }) => weight === undefined).map(({ code }) => code)).toEqual([
      'buprenorphine-buvidal-weekly',
      'buprenorphine-buvidal-monthly',
      'ketobemidone-parenteral',
      'methadone-po',
      'methadone-iv',
    ]);
  });
});
