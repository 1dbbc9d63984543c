/** What a password must be like (ASVS 5.0 6.2) */
import { passwordProblem } from '../../../src/smart/password-rules.ts';

const OWN = ['kari.nordmann', 'Kari Nordmann'];

describe('The password rule', () => {
  it.each([
    ['Ab1-', 'kort'],
    [`Aa1-${'x'.repeat(130)}`, 'lang'],
    ['bare små 123', 'tegn'],
    ['BARE STORE 1', 'tegn'],
    ['Uten tall her', 'tegn'],
    ['UtenTegn1234', 'tegn'],
  ])('refuses %s: %s.', (password, problem) => {
    expect(passwordProblem(password, OWN)).toBe(problem);
  });

  it.each([
    'Sommer2026!',
    'P@ssw0rd2026!',
    'Velkommen123!',
    'Qwerty1234!',
    'Smerteregister-1',
    'Oslo-Bergen-12',
    'Aaaaaaaa1!',
  ])('refuses %s, which everybody tries first (ASVS 6.2.4).', (password) => {
    expect(passwordProblem(password, OWN)).toBe('vanlig');
  });

  it.each(['Nordmann-1986', 'KariNordmann!7', 'Kari-Sommer-26'])(
    'refuses %s, which is made of the person’s own name (ASVS 6.2.11).',
    (password) => {
      expect(passwordProblem(password, OWN)).toBe('vanlig');
    },
  );

  it.each(['Furuskog-7 blåbær', 'tR9#mv2Kx!pq', 'Elgen gikk 3 ganger', 'Ry-a81c93f02bd7-1'])(
    'takes %s.',
    (password) => {
      expect(passwordProblem(password, OWN)).toBeUndefined();
    },
  );
});
