/** Keys that end with the process. */
import { randomBytes } from 'node:crypto';
import type { KeySource } from '../../src/storage/key-source.ts';
import type { MasterKey } from '../../src/storage/sealing.ts';

export function memoryKeys(): KeySource {
  const keys: MasterKey[] = [];
  return {
    place: 'memory',
    load: () => Promise.resolve([...keys]),
    add: () => {
      keys.push({ version: keys.length + 1, secret: randomBytes(32) });
      return Promise.resolve(keys.at(-1) as MasterKey);
    },
  };
}
