/** Licensed wording: which pack is valid on a day, whether it has all of it, and a questionnaire in its words. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checksumOf } from '../../../../src/content/pack-checksum.ts';
import { readPacks } from '../../../../src/content/packs.ts';
import { packsFor, packsOf } from '../../../../src/registry/sending/content-packs.ts';
import { missingWords } from '../../../../src/registry/sending/pack-cover.ts';
import type { ContentPack } from '../../../../src/registry/sending/pack.ts';
import { withWording } from '../../../../src/registry/sending/wording.ts';
import { bindInstruments } from '../../../../src/registry/scoring/bind.ts';
import { compilePath } from '../../../../src/fhir/path.ts';
import type { JsonObject, QuestionnaireItem } from '../../../../src/fhir/types.ts';
import { compileForm } from '../../../../src/sdc/form.ts';
import { localised, optionText } from '../../../../src/sdc/text.ts';
import { choice, formOf, group, measured } from '../scoring/forms.ts';
import { instruments } from '../scoring/instruments.ts';

const LEVELS = [1, 2, 3, 4, 5];
const NAMES = ['mo', 'sc', 'ua', 'pd', 'ad'];

/** EQ-5D-5L in one register's form: with linkIds of its own, a note for staff, and a help text for the person. */
const form = (ofPlace: readonly QuestionnaireItem[] = []) =>
  formOf(
    [{ id: 'eq-5d-5l' }],
    [
      group('health', [
        { linkId: 'health-note', type: 'display', text: 'Nøytrale navn for ansatte.' },
        ...NAMES.map((name) => choice(`my-${name}`, `eq-5d-5l-${name}`, LEVELS)),
        ...ofPlace,
      ]),
      measured('age', 'none', 'integer'),
    ],
  );
const placed = (asked: ReturnType<typeof form>) => ({
  ...asked,
  questionnaire: {
    ...asked.questionnaire,
    extension: [
      ...(asked.questionnaire.extension ?? []),
      {
        url: 'https://ryggrad.no/fhir/StructureDefinition/content-pack',
        extension: [
          { url: 'instrument', valueCode: 'eq-5d-5l' },
          { url: 'item', valueString: 'health' },
        ],
      },
    ],
  },
});
const scoredBy = (asked: ReturnType<typeof form>) => ({
  form: asked,
  bindings: bindInstruments(asked, instruments).bindings,
});
const scored = scoredBy(placed(form()));

const words = (language: string) =>
  Object.fromEntries(
    NAMES.map((name) => [
      `eq-5d-5l-${name}`,
      {
        text: `${language} ${name}?`,
        answers: Object.fromEntries(LEVELS.map((level) => [String(level), `${language} ${name} ${level}`])),
      },
    ]),
  );
const pack = (changes: Partial<ContentPack> = {}): ContentPack => ({
  instrument: 'eq-5d-5l',
  version: '1',
  language: 'nb',
  holder: 'Ingen',
  licence: 'oppdiktet',
  validFrom: '2027-01-01',
  checksum: '',
  items: words(changes.language ?? 'nb'),
  ...changes,
});
const seal = (given: ContentPack): ContentPack => ({
  ...given,
  checksum: checksumOf(given as unknown as JsonObject),
});

describe('Content packs', () => {
  it('are good for the days that they say, and the newest of several counts.', () => {
    const packs = packsOf([
      pack({ version: '1', validTo: '2027-06-30' }),
      pack({ version: '2', validFrom: '2027-06-01' }),
    ]);
    const versionOn = (day: string): string | undefined => packsFor(packs, scored, day)?.[0]?.version;
    expect(['2026-12-31', '2027-05-31', '2027-06-01', '2028-01-01'].map(versionOn)).toEqual([
      undefined,
      '1',
      '2',
      '2',
    ]);
  });

  it('are needed by every form that asks a licensed instrument, whether the form says so or not.', () => {
    const silent = scoredBy(form());

    expect(packsFor(packsOf([]), silent, '2027-02-01')).toBeUndefined();
    expect(packsFor(packsOf([pack()]), silent, '2027-02-01')).toHaveLength(1);
  });

  it('open no form when a question or an answer is missing in them.', () => {
    const { 'eq-5d-5l-ua': usual, ...others } = words('nb');
    const { '3': _third, ...answers } = usual?.answers ?? {};
    const withoutQuestion = pack({ items: others });
    const withoutAnswer = pack({ items: { ...others, 'eq-5d-5l-ua': { text: 'nb ua?', answers } } });

    expect(missingWords(scored, withoutQuestion)).toEqual(['my-ua: the question']);
    expect(missingWords(scored, withoutAnswer)).toEqual(['my-ua: the answer of 3 points']);
    for (const broken of [withoutQuestion, withoutAnswer]) {
      expect(packsFor(packsOf([broken]), scored, '2027-02-01')).toBeUndefined();
    }
    expect(missingWords(scored, pack())).toEqual([]);
  });

  it('must have words for what else stands in the places that the form names.', () => {
    const more = scoredBy(placed(form([{ linkId: 'my-why', type: 'string', text: 'Nøytralt' }])));

    expect(missingWords(more, pack())).toEqual(['my-why: the question']);
    expect(missingWords(more, pack({ texts: { 'my-why': { text: 'Hvorfor?' } } }))).toEqual([]);
  });

  it('serve every form by item and points, and leave codes, points and the rest alone.', () => {
    const worded = withWording(scored, [pack({ intro: 'Les dette først.', footer: '© Ingen 2027' })]);

    const [health, age] = worded.item ?? [];
    expect(health?.item?.map(({ linkId, text }) => [linkId, text])).toEqual([
      ['health-note', 'Les dette først.'],
      ...NAMES.map((name) => [`my-${name}`, `nb ${name}?`]),
      ['health--footer', '© Ingen 2027'],
    ]);
    const compiled = compileForm(worded, { compilePath, resolveValueSet: () => undefined });
    const options = compiled.byLinkId.get('my-mo')?.options?.list ?? [];
    expect(options.map(({ coding, weight }) => [coding.code, coding.display, weight])).toEqual([
      ...LEVELS.map((level) => [`w${level}`, `nb mo ${level}`, level]),
      ['unknown', 'Vet ikke', undefined],
    ]);
    expect(age?.text).toBe('age');
    expect(worded.copyright).toContain('Ingen');
  });

  it('show no note for staff to a patient, with an intro or without.', () => {
    expect(JSON.stringify(withWording(scored, [pack()]))).not.toContain('Nøytrale navn for ansatte');
  });

  it('of several languages are each shown in its own; a language without one shows the base, and no neutral name.', () => {
    const found = packsFor(packsOf([pack({ language: 'en' }), pack()]), scored, '2027-02-01') ?? [];

    const worded = withWording(scored, found);

    const compiled = compileForm(worded, { compilePath, resolveValueSet: () => undefined });
    const item = compiled.byLinkId.get('my-sc')!;
    expect((['nb', 'en', 'nn'] as const).map((language) => localised(item.source, 'text', language))).toEqual(
      ['nb sc?', 'en sc?', 'nb sc?'],
    );
    expect(optionText(item.options!.list[0]!, 'en')).toBe('en sc 1');
  });

  it('of a language that are not whole are not used beside one that is.', () => {
    const half = pack({ language: 'en', items: { 'eq-5d-5l-mo': { text: 'en mo?' } } });

    const found = packsFor(packsOf([half, pack()]), scored, '2027-02-01');

    expect(found?.map(({ language }) => language)).toEqual(['nb']);
  });

  it('are refused at start, all faults at once, when something of them is missing or wrong.', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'packs-'));
    const write = (name: string, content: object | string): Promise<void> =>
      writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    await write('a.json', { ...seal(pack({ holder: '', items: {} })), extra: 1 });
    await write('b.json', '{');
    await write('c.json', pack());
    await write('d.json', { ...seal(pack()), version: 'changed later' });
    await write('e.json', seal(pack({ validFrom: '2027-02-31', validTo: '2026' })));
    await write(
      'f.json',
      seal(pack({ items: { 'odi-1': { text: 'x' }, 'eq-5d-5l-mo': { answers: { '6': 'x' } } } })),
    );
    await write('g.json', seal(pack({ instrument: 'unknown' })));
    await write('h.json', seal(pack({ language: 'de' as 'nb' })));

    const refused = await readPacks(folder, instruments).catch((cause: Error) => cause.message);

    for (const fault of [
      /a\.json, holder: A content pack needs it/,
      /a\.json, extra: A content pack has no such member/,
      /a\.json, items: A content pack has items or texts/,
      /b\.json: The file cannot be read as JSON/,
      /c\.json, checksum: The pack is not sealed/,
      /d\.json, checksum: The pack was changed after it was sealed/,
      /e\.json, validTo: The day is written/,
      /f\.json, items\.odi-1: eq-5d-5l has no such item/,
      /f\.json, items\.eq-5d-5l-mo\.answers\.6: Answers are named by their points, 1 to 5/,
      /g\.json, items\.eq-5d-5l-mo: The instrument is not defined here/,
      /h\.json, language: The language is nb, nn or en, not de/,
    ]) {
      expect(refused).toMatch(fault);
    }
    await rm(folder, { recursive: true });
    await expect(readPacks(folder, instruments)).rejects.toThrow('CONTENT_PACKS_DIR');
    expect(await readPacks(undefined, instruments)).toEqual([]);
  });

  it('of one instrument, language and day are one too many: nobody could say which counts.', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'packs-'));
    await writeFile(join(folder, 'a.json'), JSON.stringify(seal(pack())));
    await writeFile(join(folder, 'b.json'), JSON.stringify(seal(pack({ version: '2' }))));

    await expect(readPacks(folder, instruments)).rejects.toThrow(
      /b\.json, validFrom: a\.json is of the same instrument, language and day/,
    );
    await rm(folder, { recursive: true });
  });
});

describe('The checksum of a pack', () => {
  it('does not count the order of members, and counts every word.', () => {
    const given = seal(pack());
    const { items, ...rest } = given;

    expect(checksumOf({ items, ...rest } as unknown as JsonObject)).toBe(given.checksum);
    expect(
      checksumOf({ ...rest, items: { ...items, 'eq-5d-5l-mo': { text: 'nb mo ?' } } } as never),
    ).not.toBe(given.checksum);
  });
});
