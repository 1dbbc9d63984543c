/** Licensed wording: which pack is valid on a day, and a questionnaire in its words. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPacks } from '../../../../src/content/packs.ts';
import { type ContentPack, packsFor, packsOf } from '../../../../src/registry/sending/content-packs.ts';
import { withWording } from '../../../../src/registry/sending/wording.ts';
import type { Questionnaire } from '../../../../src/fhir/types.ts';

const pack = (changes: Partial<ContentPack>): ContentPack => ({
  instrument: 'made-up',
  version: '1',
  language: 'nb',
  holder: 'Ingen',
  licence: 'oppdiktet',
  validFrom: '2027-01-01',
  texts: { one: { text: 'Hvor ofte tenker du på havet?', answers: { often: 'Støtt og stadig' } } },
  ...changes,
});

const form = {
  resourceType: 'Questionnaire',
  status: 'active',
  extension: [
    {
      url: 'https://ryggrad.no/fhir/StructureDefinition/content-pack',
      extension: [{ url: 'instrument', valueCode: 'made-up' }],
    },
  ],
  item: [
    {
      linkId: 'group',
      type: 'group',
      item: [
        { linkId: 'one', type: 'choice', text: 'Spørsmål 1', answerValueSet: 'http://x.no/often' },
        { linkId: 'two', type: 'string', text: 'Spørsmål 2' },
      ],
    },
  ],
} as Questionnaire;

describe('Content packs', () => {
  it('are good for the days that they say, and the newest of several counts.', () => {
    const packs = packsOf([
      pack({ version: '1', validTo: '2027-06-30' }),
      pack({ version: '2', validFrom: '2027-06-01' }),
    ]);
    const versionOn = (day: string): string | undefined => packsFor(packs, form, day)?.[0]?.version;
    expect(['2026-12-31', '2027-05-31', '2027-06-01', '2028-01-01'].map(versionOn)).toEqual([
      undefined,
      '1',
      '2',
      '2',
    ]);
  });

  it('put their words in place of the neutral ones, and leave codes and the rest alone.', () => {
    const concepts = [
      { system: 'http://x.no', code: 'often', display: '1' },
      { system: 'http://x.no', code: 'never', display: '2' },
    ];
    const worded = withWording(form, [pack({})], () => concepts);
    expect(worded.item?.[0]?.item).toEqual([
      {
        linkId: 'one',
        type: 'choice',
        text: 'Hvor ofte tenker du på havet?',
        answerOption: [
          { valueCoding: { system: 'http://x.no', code: 'often', display: 'Støtt og stadig' } },
          { valueCoding: { system: 'http://x.no', code: 'never', display: '2' } },
        ],
      },
      { linkId: 'two', type: 'string', text: 'Spørsmål 2' },
    ]);
  });

  it('are refused at start, all faults at once, when something of them is missing.', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'packs-'));
    await writeFile(join(folder, 'a.json'), JSON.stringify({ ...pack({}), holder: '', texts: {} }));
    await writeFile(join(folder, 'b.json'), '{');
    await expect(readPacks(folder)).rejects.toThrow(
      /a\.json, holder[\s\S]*a\.json, texts[\s\S]*b\.json, instrument/,
    );
    await rm(folder, { recursive: true });
    await expect(readPacks(folder)).rejects.toThrow('CONTENT_PACKS_DIR');
    expect(await readPacks(undefined)).toEqual([]);
  });
});
