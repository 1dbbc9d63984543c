/** Secrets at rest: AES-256-GCM under a key file */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecretBox, KeyFileError, openSecretBox } from '../../../src/storage/secret-box.ts';

const box = createSecretBox(Buffer.alloc(32, 1));

describe('A sealed secret', () => {
  it('opens at its own place, and is different each time.', () => {
    const sealed = ['a', 'a'].map((text) => box.seal(text, 'account_factor/secret/1'));

    expect(sealed.map((text) => box.open(text, 'account_factor/secret/1'))).toEqual(['a', 'a']);
    expect(sealed[0]).not.toBe(sealed[1]);
  });

  it('does not open in another row, under another key, or after a change.', () => {
    const sealed = box.seal('hemmelig', 'row/1');
    const changed = `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`;

    expect(() => box.open(sealed, 'row/2')).toThrow();
    expect(() => box.open(changed, 'row/1')).toThrow();
    expect(() => createSecretBox(Buffer.alloc(32, 2)).open(sealed, 'row/1')).toThrow(KeyFileError);
  });
});

describe('The key file', () => {
  it('is made once, readable by its owner alone, and must hold 32 bytes.', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ryggrad-key-'));
    const path = join(folder, 'keys', 'account.key');

    const sealed = (await openSecretBox(path)).seal('x', 'p');
    const again = await openSecretBox(path);
    const { mode } = await stat(path);
    const text = await readFile(path, 'utf8');
    await writeFile(path, 'short');

    expect(again.open(sealed, 'p')).toBe('x');
    expect(mode & 0o077).toBe(0);
    expect(Buffer.from(text, 'base64')).toHaveLength(32);
    await expect(openSecretBox(path)).rejects.toThrow(/32 bytes/);
    await rm(folder, { recursive: true });
  });
});
