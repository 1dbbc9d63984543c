/** Passwords as argon2id PHC strings. */
import { argon2Sync } from 'node:crypto';
import { hasCurrentCost, hashPassword, verifyPassword } from '../../../src/smart/passwords.ts';

describe('A password hash', () => {
  it('is argon2id with 46 MiB, and verifies its password alone.', async () => {
    const phc = await hashPassword('Blåbær-1');

    expect(phc).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await verifyPassword('Blåbær-1', phc)).toBe(true);
    expect(await verifyPassword('Blåbær-2', phc)).toBe(false);
    expect(hasCurrentCost(phc)).toBe(true);
  });

  it('differs for the same password.', async () => {
    expect(await hashPassword('Blåbær-1')).not.toBe(await hashPassword('Blåbær-1'));
  });

  it('verifies with the cost that it was made with.', async () => {
    const salt = Buffer.from('0123456789abcdef');
    const tag = argon2Sync('argon2id', {
      message: 'x',
      nonce: salt,
      parallelism: 1,
      tagLength: 32,
      memory: 64,
      passes: 3,
    });
    const phc = `$argon2id$v=19$m=64,t=3,p=1$${unpadded(salt)}$${unpadded(tag)}`;

    expect(await verifyPassword('x', phc)).toBe(true);
    expect(hasCurrentCost(phc)).toBe(false);
  });

  it('accepts a password however its letters are composed.', async () => {
    expect(await verifyPassword('A\u030A', await hashPassword('\u00C5'))).toBe(true);
  });

  it.each(['', 'x', '$argon2i$v=19$m=64,t=3,p=1$AAAA$AAAA', '$2b$10$abcdefghijklmnopqrstuv'])(
    'of another format ("%s") verifies nothing.',
    async (phc) => {
      expect(await verifyPassword('x', phc)).toBe(false);
    },
  );
});

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
