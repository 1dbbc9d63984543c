/** The commands of a register owner, as the terminal has them: what they print, what they write, and how they end. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportDictionary, importDictionary } from '../../src/cli-dictionary.ts';
import { diffRegisters } from '../../src/cli-publish.ts';
import { checkCommand, newRegisterCommand } from '../../src/cli-register.ts';
import { type ContentFolder, contentFolder } from '../support/content-folder.ts';

const KLOKEBOK = join(import.meta.dirname, 'dictionary/klokebok.csv');
const KODEBOK = join(import.meta.dirname, 'dictionary/kodebok_1a.csv');

const write = process.stdout.write.bind(process.stdout);

let folder: ContentFolder;
let out: string;
let printed: string[];

beforeEach(async () => {
  folder = await contentFolder([]);
  out = await mkdtemp(join(tmpdir(), 'ut-'));
  printed = [];
  process.stdout.write = (text) => printed.push(String(text)) > 0;
});
afterEach(async () => {
  process.stdout.write = write;
  await folder[Symbol.asyncDispose]();
  await rm(out, { recursive: true });
});

const content = (): readonly string[] => ['--content', folder.root];
const last = (): string => (printed.at(-1) ?? '').trim();

describe('register new and register check', () => {
  it('make a register that is found sound, and never write over one.', async () => {
    expect(await newRegisterCommand(['fot', '--name', 'Fot', ...content()])).toBe(0);
    expect(printed.join('')).toContain('registers/fot/manifest.json\n');

    expect(await checkCommand(['fot', ...content()])).toBe(0);
    expect(last()).toBe('The register fot: 0 errors, 0 warnings');
    await expect(newRegisterCommand(['fot', ...content()])).rejects.toThrow(
      'is there already; nothing was written',
    );
  });

  it('end with 1, and name file, element and rule, when something is wrong.', async () => {
    await newRegisterCommand(['fot', ...content()]);
    const form = join(folder.root, 'questionnaires/fot/Questionnaire-fot-start.json');
    const text = await readFile(form, 'utf8');
    await writeFile(
      form,
      text.replace('"answerValueSet": "', '"answerValueSet": "https://example.org/gone|1'),
    );

    expect(await checkCommand([...content()])).toBe(1);
    expect(printed.join('')).toMatch(
      /error {4}questionnaires\/fot\/Questionnaire-fot-start\.json, item\[0\]\.item\[1\]\.answerValueSet {2}\[canonical\] {2}.* is not defined/,
    );
    expect(last()).toBe('The content cannot be loaded: 1 errors, 0 warnings');
  });

  it.each([
    [['--nonsense'], 'Usage: ryggrad register check'],
    [['a', 'b'], 'Usage: ryggrad register check'],
    [['gone'], 'There is no register gone here; there are: none.'],
  ])('say how they are called: %j.', async (args, message) => {
    await expect(checkCommand([...args, ...content()])).rejects.toThrow(message);
  });
});

describe('dictionary import and export', () => {
  it('make a register of a code book, report what it does not decide, and write the book back.', async () => {
    const made = await importDictionary([
      ...[KLOKEBOK, '--format', 'openqreg', '--register', 'fot', '--out', folder.root],
      ...content(),
    ]);

    expect(made).toBe(0);
    expect(printed.join('')).toContain('line 6, underspoersmaal, AID: Asked after another answer');
    expect(last()).toMatch(/^The register fot: 0 errors, \d+ warnings$/);
    const report = await readFile(join(folder.root, 'fot-kodebok-rapport.csv'), 'utf8');
    expect(report).toMatch(/^\uFEFFlinje;kolonne;variabel;hvorfor\n/);

    expect(await exportDictionary(['fot', '--format', 'openqreg', '--out', out, ...content()])).toBe(0);
    expect(await readdir(out)).toEqual(['fot-klokebok.csv']);
    expect(last()).toContain('20 variables');
  });

  it('take an MRS book by the name that its form is given.', async () => {
    const made = await importDictionary([
      ...[`oppstart=${KODEBOK}`, '--format', 'mrs', '--register', 'sko', '--out', folder.root],
      ...content(),
    ]);

    expect(made).toBe(0);
    expect(await readdir(join(folder.root, 'questionnaires/sko'))).toEqual([
      'Questionnaire-sko-oppstart.json',
    ]);
  });

  it.each([
    [[KODEBOK, '--format', 'openqreg', '--register', 'fot'], 'This is no OpenQReg code book'],
    [[KLOKEBOK, '--format', 'xlsx', '--register', 'fot'], '--format must be openqreg or mrs, not xlsx.'],
    [[KLOKEBOK, '--format', 'mrs', '--register', 'Fot'], '"Fot" cannot be the id of a register'],
    [['gone.csv', '--format', 'mrs', '--register', 'fot'], 'gone.csv cannot be read (ENOENT).'],
    [['--format', 'mrs', '--register', 'fot'], 'Usage: ryggrad dictionary import'],
  ])('refuse in plain words what they cannot take: %#.', async (args, message) => {
    await expect(importDictionary([...args, '--out', out, ...content()])).rejects.toThrow(message);
    expect(await readdir(out)).toEqual([]);
  });

  it('say what the metadata lack, and write nothing.', async () => {
    await newRegisterCommand(['fot', ...content()]);

    const made = exportDictionary(['fot', '--format', 'dcat', '--out', out, ...content()]);

    await expect(made).rejects.toThrow('registers/fot/pages/catalogue.json is not there');
    expect(await readdir(out)).toEqual([]);
  });
});

describe('register diff', () => {
  it('ends with 1 when a form was changed without a new version.', async () => {
    await newRegisterCommand(['fot', ...content()]);
    await using before = await contentFolder([]);
    await newRegisterCommand(['fot', '--content', before.root]);
    const form = join(folder.root, 'questionnaires/fot/Questionnaire-fot-start.json');
    await writeFile(form, (await readFile(form, 'utf8')).replace('"maxLength": 200', '"maxLength": 20'));

    expect(await diffRegisters([before.root, folder.root])).toBe(1);
    expect(printed.join('')).toContain('1.0.0 was changed without a new version');
    expect(last()).toBe('1 forms differ; 1 would break forms that are open.');
    expect(await diffRegisters([folder.root, folder.root])).toBe(0);
  });

  it('refuses what is neither a folder nor a revision.', async () => {
    await expect(diffRegisters(['no-such-revision'])).rejects.toThrow(
      'no-such-revision is neither a folder nor a revision of the git repository',
    );
  });
});
