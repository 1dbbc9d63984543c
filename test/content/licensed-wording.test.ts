/** No licensed wording is in the repository: neutral names at the items of licensed instruments, and nothing beside them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listConcepts } from '../../src/content/concepts.ts';
import type { Questionnaire, QuestionnaireItem } from '../../src/fhir/types.ts';
import { INSTRUMENT_ITEM } from '../../src/registry/scoring/bind.ts';
import { isName, type NeutralNames, sentencesBeside, wordingIn } from '../support/neutral-wording.ts';
import { repositoryFiles, repositoryRoot } from '../support/source-files.ts';
import { content } from './fill-form.ts';

const licensed = content.instruments.all().filter(({ wording }) => wording.status === 'licensed');
const names = JSON.parse(
  readFileSync(join(import.meta.dirname, 'neutral-names.json'), 'utf8'),
) as NeutralNames;
const optionsOf = (valueSet: string): readonly string[] =>
  (listConcepts(content, valueSet) ?? []).map(({ display }) => display);
const wording = (questionnaire: Questionnaire): readonly string[] =>
  wordingIn(questionnaire, licensed, names, optionsOf);

const itemCodes = licensed.flatMap(({ items }) => items.map(({ code }) => code));
const codes = new RegExp(`["'\`](${itemCodes.join('|')})["'\`]`);

/** Every file but this one, which plants what it looks for, and the packs, which are looked at apart. */
const files = repositoryFiles().filter(
  (file) =>
    /\.(ts|tsx|mjs|js|json|md|csv|txt|xml|html)$/.test(file) &&
    !file.startsWith('demo/packs/') &&
    !file.endsWith('/licensed-wording.test.ts'),
);

describe('Licensed wording', () => {
  it.each(content.questionnaires.all())('is not in the form $id: its items have listed names.', (form) => {
    expect(wording(form)).toEqual([]);
  });

  it('is not in the list of names, nor among the labels of the instruments: they are short and no sentences.', () => {
    const labels = licensed.flatMap(({ items }) => items.flatMap(({ label }) => Object.values(label)));
    const listed = Object.values(names).flat();

    expect([...labels, ...listed].filter((text: string) => !isName(text))).toEqual([]);
    expect(Object.keys(names).filter((code) => !itemCodes.includes(code))).toEqual([]);
  });

  it('stands beside the code of no item in any file.', () => {
    expect(files.length).toBeGreaterThan(1000);

    const found = files.flatMap((file) => {
      const text = readFileSync(join(repositoryRoot, file), 'utf8');
      return codes.test(text) ? sentencesBeside(text, codes).map((line) => `${file} ${line}`) : [];
    });

    expect(found).toEqual([]);
  });

  it('is not in the demo’s packs: each of their questions says that it is made up.', () => {
    const questions = repositoryFiles('demo/packs').flatMap((file) => {
      const pack = JSON.parse(readFileSync(join(repositoryRoot, file), 'utf8')) as {
        readonly items?: Readonly<Record<string, { readonly text?: string }>>;
        readonly texts?: Readonly<Record<string, { readonly text?: string }>>;
      };
      return Object.values({ ...pack.items, ...pack.texts }).flatMap(({ text }) => text ?? []);
    });

    expect(questions.length).toBeGreaterThan(100);
    expect(questions.filter((text) => !/^(Oppdikte|Made-up)/.test(text))).toEqual([]);
  });
});

describe('The check for licensed wording', () => {
  const item = (text: string, more: Partial<QuestionnaireItem> = {}): Questionnaire => ({
    resourceType: 'Questionnaire',
    status: 'draft',
    id: 'made-up',
    item: [
      { linkId: 'q', type: 'choice', text, code: [{ system: INSTRUMENT_ITEM, code: 'odi-1' }], ...more },
    ],
  });

  it('finds another wording than the listed names, however short.', () => {
    expect(wording(item('Smerte'))).toEqual([]);
    expect(wording(item('Vondt nå'))).toEqual(['made-up q: Vondt nå']);
    expect(wording(item('Jeg har så vondt at jeg ikke får sove.'))).toHaveLength(1);
  });

  it('finds it in a translation, an answer, a help text and a short text.', () => {
    const translated = item('Smerte', {
      _text: {
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/translation',
            extension: [
              { url: 'lang', valueCode: 'en' },
              { url: 'content', valueString: 'I cannot sleep for the pain' },
            ],
          },
        ],
      },
    } as Partial<QuestionnaireItem>);
    const answered = item('Smerte', {
      answerOption: [{ valueCoding: { code: '0', display: 'Smertene mine er borte' } }],
    });
    const helped = item('Smerte', { item: [{ linkId: 'h', type: 'display', text: 'Velg det som passer' }] });
    const shortened = item('Smerte', {
      extension: [
        {
          url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-shortText',
          valueString: 'Hvor vondt har du i dag, helt ærlig?',
        },
      ],
    });

    for (const form of [translated, answered, helped, shortened]) {
      expect(wording(form)).toHaveLength(1);
    }
  });

  it('finds a sentence beside the code of an item in a file of any kind.', () => {
    const planted = `const texts = {\n  'odi-1': "Jeg tenker på havet hele dagen lang",\n};`;
    const english = `| "fabq-2" |\n| "My boat makes me think of the sea" |`;

    expect(sentencesBeside(planted, codes)).toHaveLength(1);
    expect(sentencesBeside(english, codes)).toHaveLength(1);
    expect(sentencesBeside(`'odi-1': 'Smerte'`, codes)).toEqual([]);
  });
});
