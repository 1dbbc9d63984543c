/** A stored resource in words. */
import type { JsonObject } from '../../../../src/fhir/types.ts';
import {
  changedElements,
  elementLines,
  masked,
  referencesIn,
  titleOf,
} from '../../../../src/web/data/resource-words.ts';

const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';

const condition: JsonObject = {
  resourceType: 'Condition',
  id: 'c1',
  meta: { versionId: '2' },
  code: { coding: [{ system: 'urn:icd', code: 'M54.5', display: 'Lumbago' }] },
  subject: { reference: 'Patient/p1', display: 'Pasient' },
  onsetPeriod: { start: '2026-01-02', end: '2026-02-03' },
  note: [{ text: 'Lang' }],
};

const lineOf = (name: string) => elementLines(condition).find((line) => line.name === name)?.values;

describe('A number of a person', () => {
  it('is masked wherever it stands, also written in two parts, and no file is shown.', () => {
    const shown = JSON.stringify(
      masked({
        resourceType: 'Binary',
        contentType: 'text/plain',
        data: 'MTM5MTY5MDAwMjg=',
        identifier: [{ system: 'https://ryggrad.no/fhir/NamingSystem/annet-id/klinikk', value: 'X-4711' }],
        note: [{ text: 'Fnr 139169 00028 og 139169-00028, telefon 40000001' }],
      }),
    );

    expect(shown).not.toContain('00028');
    expect(shown).not.toContain('4711');
    expect(shown).not.toContain('MTM5MTY5');
    expect(shown).toContain('40000001');
  });
});

describe('A resource in words', () => {
  it('says codes, references and periods as people read them, and links what is on this server.', () => {
    expect(lineOf('code')).toEqual([{ text: 'Lumbago (M54.5)' }]);
    expect(lineOf('subject')).toEqual([{ text: 'Pasient (Patient/p1)', href: '/ressurs/Patient/p1' }]);
    expect(lineOf('onsetPeriod')).toEqual([{ text: '02.01.2026 – 03.02.2026' }]);
    expect(lineOf('note')).toEqual([{ text: 'Lang' }]);
    expect(titleOf(condition)).toBe('Lumbago (M54.5)');
    expect(referencesIn(condition)).toEqual(['Patient/p1']);
  });

  it('never shows a national number: not as an identifier, and not within a text.', () => {
    const text = JSON.stringify(
      masked({
        identifier: [{ system: FNR, value: '01817012345' }],
        note: 'Nummeret er 01927339141.',
        phone: '90005161',
      }),
    );

    expect(text).toContain('"018170*****"');
    expect(text).toContain('Nummeret er 019273*****.');
    expect(text).toContain('90005161');
  });

  it('tells what a later version has otherwise, but for its number and time.', () => {
    const later: JsonObject = { ...condition, meta: { versionId: '3' }, note: [{ text: 'Kort' }] };

    expect(changedElements(condition, later)).toEqual([
      { path: 'note[0].text', before: 'Lang', after: 'Kort' },
    ]);
  });
});
