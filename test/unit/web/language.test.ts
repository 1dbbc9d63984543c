/** The switch of the language: remembered in the browser, and back to the page. */
import type { AddressInfo } from 'node:net';
import express from 'express';
import { cookieJar } from '../../../src/smart/cookies.ts';
import { languageOf, languageRoutes } from '../../../src/web/language.ts';

/** Post the switch's form; what the browser is told. */
async function choose(publicUrl: string, form: Readonly<Record<string, string>>) {
  const server = express()
    .use(languageRoutes(cookieJar(publicUrl)))
    .listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const response = await fetch(`http://127.0.0.1:${port}/sprak`, {
      method: 'POST',
      body: new URLSearchParams(form),
      redirect: 'manual',
    });
    return { location: response.headers.get('location'), cookie: response.headers.get('set-cookie') ?? '' };
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

const withCookie = (cookie: string) => ({ headers: { cookie } });

describe('The language of the pages', () => {
  it('is bokmål until another is chosen, whatever the browser prefers.', () => {
    expect(languageOf({ headers: { 'accept-language': 'en' } })).toBe('nb');
    expect(languageOf(withCookie('ryggrad-language=se'))).toBe('nb');
  });

  it('is what was chosen, over http and over https.', () => {
    expect(languageOf(withCookie('ryggrad-language=nn'))).toBe('nn');
    expect(languageOf(withCookie('__Host-ryggrad-language=en'))).toBe('en');
  });

  it('is kept for a year and leads back to the page.', async () => {
    const answer = await choose('http://localhost', { sprak: 'nn', tilbake: '/arbeidsliste?side=2' });

    expect(answer.location).toBe('/arbeidsliste?side=2');
    expect(answer.cookie).toMatch(/^ryggrad-language=nn; .*Max-Age=31536000/);
  });

  it('sets a cookie that stays with the host over https.', async () => {
    const { cookie } = await choose('https://register.example.no', { sprak: 'en', tilbake: '/' });

    expect(cookie).toMatch(/^__Host-ryggrad-language=en; Path=\/; HttpOnly; SameSite=Lax; Secure/);
  });

  it('never leads to another site, and takes no other language.', async () => {
    const answer = await choose('http://localhost', { sprak: 'xx', tilbake: '//evil.example' });

    expect(answer.location).toBe('/');
    expect(answer.cookie).toMatch(/^ryggrad-language=nb;/);
  });
});
