/** `ryggrad register diff`: what a new version of a form changes, and what would break forms that are open. */
import type { SourceFile } from '../../../src/content/source.ts';
import { newRegister } from '../../../src/content/scaffold/register.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import {
  comparedContent,
  compareRegisters,
  type FormDifference,
} from '../../../src/registry/publication/compare-registers.ts';

const files: readonly SourceFile[] = newRegister({
  id: 'fot',
  name: 'Fot',
  title: 'Fotregisteret',
  publisher: 'P',
  date: '2026-11-22',
}).flatMap(({ path, content }) => (typeof content === 'string' ? [] : [{ path, json: content }]));

const FORM = 'questionnaires/fot/Questionnaire-fot-start.json';
const PLAN = 'registers/fot/schedule/PlanDefinition-fot-forlop.json';
const LIST = 'valuesets/fot/ValueSet-fot-severity.json';

type Change = readonly [path: string, replace: (text: string) => string];

const changed = (...changes: readonly Change[]): readonly SourceFile[] =>
  files.map((file) => {
    const own = changes.filter(([path]) => path === file.path);
    const text = own.reduce((json, [, replace]) => replace(json), JSON.stringify(file.json));
    return { path: file.path, json: JSON.parse(text) as JsonObject };
  });

const older: SourceFile = {
  path: 'questionnaires/fot/Questionnaire-fot-start-1-0-0.json',
  json: { ...(files.find(({ path }) => path === FORM)?.json ?? {}), id: 'fot-start-1-0-0' },
};
const toNext: readonly Change[] = [
  [FORM, (text) => text.replace('"version":"1.0.0"', '"version":"1.1.0"')],
  [PLAN, (text) => text.replace('fot-start|1.0.0', 'fot-start|1.1.0')],
];

const diff = (after: readonly SourceFile[]): readonly FormDifference[] =>
  compareRegisters(comparedContent(files), comparedContent(after));
const texts = (after: readonly SourceFile[]): readonly string[] =>
  diff(after).flatMap(({ changes }) => changes.map(({ linkId, text }) => `${linkId}: ${text}`));

describe('Two states of a register', () => {
  it('do not differ when nothing is changed.', () => {
    expect(diff(files)).toEqual([]);
  });

  it.each<readonly [string, readonly Change[], readonly string[]]>([
    [
      'a question that is to be answered',
      [[FORM, (text) => text.replace('"maxLength":200', '"maxLength":200,"required":true')]],
      ['severity-why: must be answered before locking; before, it may stand open'],
    ],
    [
      'another type',
      [[FORM, (text) => text.replace('"type":"string"', '"type":"text"')]],
      ['severity-why: type: was string, is text'],
    ],
    [
      'another condition',
      [[FORM, (text) => text.replace('"operator":"="', '"operator":"!="')]],
      ['severity-why: asked when: was severity = severe, is severity != severe'],
    ],
    [
      'other answers',
      [[LIST, (text) => text.replace('{"code":"mild"},', '')]],
      ['severity: answers that are gone: Lett (mild)'],
    ],
    [
      'other limits',
      [[FORM, (text) => text.replace('"maxLength":200', '"maxLength":100')]],
      ['severity-why: limits: was at most 200 signs, is at most 100 signs'],
    ],
    [
      'a question that comes and one that goes',
      [[FORM, (text) => text.replaceAll('"severity-why"', '"why"')]],
      [
        'why: new: string «Hva gjør tilstanden alvorlig?»',
        'severity-why: removed: string «Hva gjør tilstanden alvorlig?»',
      ],
    ],
  ])('differ in %s.', (_what, changes, expected) => {
    expect(texts([...changed(...toNext, ...changes), older])).toEqual(expected);
  });

  it('say what a new version means for drafts, and for forms that nobody has begun.', () => {
    const [difference] = diff([...changed(...toNext), older]);

    expect(difference).toMatchObject({ register: 'fot', before: '1.0.0', after: '1.1.0', errors: [] });
    expect(difference?.meaning).toEqual([
      'Drafts stay on 1.0.0: they are saved, locked and corrected by its rules.',
      'Forms that nobody has begun are filled in 1.1.0 from the next start of the server.',
    ]);
  });
});

describe('A change that would break forms that are open', () => {
  it('is one without a new version.', () => {
    const [difference] = diff(changed([FORM, (text) => text.replace('"maxLength":200', '"maxLength":100')]));

    expect(difference?.errors).toEqual([
      '1.0.0 was changed without a new version: drafts and answers of it would be read by other rules.',
    ]);
  });

  it('is one that takes the file of the version in use away.', () => {
    const [difference] = diff(changed(...toNext));

    expect(difference?.errors).toEqual([
      '1.0.0 is no longer in the content: drafts and answers of it could not be opened. Keep its file.',
    ]);
  });

  it('is a schedule that asks for a version which is not there.', () => {
    const [difference] = diff([
      ...changed([PLAN, (text) => text.replace('start|1.0.0', 'start|2.0.0')]),
      older,
    ]);

    expect(difference?.errors).toEqual(['2.0.0 is asked for, but there is no such form.']);
  });
});
