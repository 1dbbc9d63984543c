/** Guard of everything that a cookie alone would authorise. */
import { readCookie, cookieJar } from '../../../src/smart/cookies.ts';
import { isSameOrigin } from '../../../src/smart/same-origin.ts';

describe('A request of our own pages', () => {
  it.each([
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://a', host: 'a' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ origin: 'http://a:80', host: 'a' }, true],
    [{ origin: 'http://a:8080', host: 'a:8080' }, true],
    [{ origin: 'http://b', host: 'a' }, false],
    [{ origin: 'null', host: 'a' }, false],
    [{ host: 'a' }, false],
  ])('%j → %s', (headers, expected) => {
    expect(isSameOrigin(headers)).toBe(expected);
  });
});

describe('Our cookies', () => {
  it('are bound to host and https where there is https.', () => {
    const jar = cookieJar('https://ryggrad.example');

    expect(jar.set(jar.session, 'x')).toBe('__Host-ryggrad=x; Path=/; HttpOnly; SameSite=Lax; Secure');
    expect(jar.clear(jar.session)).toContain('Max-Age=0');
  });

  it('are not read when somebody added a second of the same name.', () => {
    expect(readCookie({ cookie: 'a=1; ryggrad=x; b=2' }, 'ryggrad')).toBe('x');
    expect(readCookie({ cookie: 'ryggrad=x; ryggrad=y' }, 'ryggrad')).toBeUndefined();
    expect(readCookie({ cookie: 'ryggrad-launch=x' }, 'ryggrad')).toBeUndefined();
    expect(readCookie({}, 'ryggrad')).toBeUndefined();
  });
});
