/** `ryggrad register new`: what it writes is a register that nothing is found against, and whose case holds. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Content } from '../../src/content/content.ts';
import { loadContent } from '../../src/content/load.ts';
import { newRegister, refusedId } from '../../src/content/scaffold/register.ts';
import { checkRegisters } from '../../src/registry/checking/check-registers.ts';
import { type ContentFolder, contentFolder } from '../support/content-folder.ts';
import { repositoryRoot } from '../support/source-files.ts';
import { readCases } from './case.ts';
import { runCase } from './run-case.ts';

const files = newRegister({
  id: 'fot-reg',
  name: 'FotReg',
  title: 'Nasjonalt register for føtter',
  publisher: 'Helse Prøve HF',
  date: '2026-11-22',
});

describe('A register that was just made', () => {
  let folder: ContentFolder;
  let content: Content;

  beforeAll(async () => {
    folder = await contentFolder(files);
    content = await loadContent([folder.root]);
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it('is loaded, with nothing to say against it: no error, and no warning.', () => {
    expect(content.registers.map(({ id, texts }) => [id, texts?.['en']?.title])).toEqual([
      ['fot-reg', 'Nasjonalt register for føtter'],
    ]);
    expect(checkRegisters(content, 'fot-reg')).toEqual([]);
  });

  it('has a case that holds: opened by a referral, refused while it is not whole, locked, national.', async () => {
    const [each] = readCases(folder.root);
    const results = await runCase(content, each!);

    expect(results.map(({ tasks, national }) => [tasks['start'], national])).toEqual(
      each?.steps.map(({ tasks, national }) => [tasks?.['start'], national]),
    );
    expect(results.flatMap(({ issues }) => issues)).toEqual([]);
    expect(results.at(-1)?.extracted).toMatchObject(each?.steps.at(-1)?.extracted as object[]);
  });

  it('is written as prettier would write it.', async () => {
    const prettier = join(repositoryRoot, 'node_modules/prettier/bin/prettier.cjs');
    const folders = ['registers', 'questionnaires', 'valuesets/fot-reg'].map((name) =>
      join(folder.root, name),
    );
    const config = join(repositoryRoot, '.prettierrc.json');

    const { stdout } = await promisify(execFile)(process.execPath, [
      ...[prettier, '--config', config, '--check', ...folders],
    ]);

    expect(stdout).toContain('All matched files use Prettier code style!');
  });
});

describe('The id of a register', () => {
  it.each(['smerte', 'a', 'fot-reg2', 'x1-y2-z3'])('may be %s.', (id) => {
    expect(refusedId(id)).toBeUndefined();
  });

  it.each(['', 'Fot', 'fot_reg', '2fot', '-fot', 'fot-', 'a--b', 'a/b', '../x', 'å', 'x'.repeat(25)])(
    'may not be "%s".',
    (id) => {
      expect(refusedId(id)).toContain('cannot be the id');
    },
  );

  it.each(['shared', 'no-basis'])('may not be %s, a folder of what registers share.', (id) => {
    expect(refusedId(id)).toContain('share');
  });
});
