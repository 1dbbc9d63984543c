/** The npm package of PostgreSQL, installed without its install script. */
import { mkdir, mkdtemp, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLinks } from '../../../src/storage/postgres-programs.ts';

describe('The PostgreSQL package', () => {
  it('gets the library links that its install script would have made, once.', async () => {
    const root = await mkdtemp(join(tmpdir(), 'package-'));
    await mkdir(join(root, 'native/lib'), { recursive: true });
    const links = [{ source: 'native/lib/libicuuc.so.60.2', target: 'native/lib/libicuuc.so.60' }];
    await writeFile(join(root, 'native/pg-symlinks.json'), JSON.stringify(links));

    await makeLinks(root);
    await makeLinks(root);

    expect(await readlink(join(root, 'native/lib/libicuuc.so.60'))).toBe('libicuuc.so.60.2');
    await rm(root, { recursive: true });
  });
});
