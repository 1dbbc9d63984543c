/** Where the server sends requests to: every such place is known, and says what guards it (API7, ASVS 1.3.6). */
import { readSources } from './support/imports.ts';

/**
 * Files that send requests themselves. All others go by the guarded fetch, which looks at the address that is connected to,
 * follows no redirect, unpacks nothing, and is bounded in time and size (test/unit/adapters/guarded-fetch.test.ts).
 */
const KNOWN: Readonly<Record<string, string>> = {
  'src/adapters/guarded-fetch.ts': 'the guard itself',
  'src/adapters/ehr/pull.ts':
    'EHRs of the configuration, by a FHIR client: only below their base, no redirects, time',
  'src/adapters/message/smtp.ts': 'the operator’s mail server',
};

/** Files in which a client or a subscriber chooses the address: only public ones may be reached from there. */
const STRANGERS: readonly string[] = ['src/adapters/rest-hook.ts', 'src/smart/key-fetch.ts'];

/** `fetch(…)` of the platform, requests of node:http(s), libraries that send requests. Not a method or a function of that name. */
const SENDS =
  /(?<![.\w])fetch\((?!\))|from 'node:https?'[^]*?\b(?:https?Request\b|https?\.(?:get|request)\()|from '(?:undici|axios|got|node-fetch|fhir-kit-client|nodemailer)'|= fetch\b|fetch: typeof fetch/;

const server = readSources().filter(({ path }) => !path.startsWith('src/web/client/'));

describe('Requests that the server sends (API7)', () => {
  it('start in the files that are listed here, and in no others.', () => {
    const own = server.filter(({ text }) => SENDS.test(withoutComments(text)) && !definesFetch(text));

    expect(own.map(({ path }) => path).filter((path) => KNOWN[path] === undefined)).toEqual([]);
  });

  it('reach public addresses only, where a stranger chose the address.', () => {
    const guards = STRANGERS.map((path) => server.find((source) => source.path === path)?.text ?? '');

    expect(guards.every((text) => text.includes("'public'") && !text.includes("'configured'"))).toBe(true);
  });

  it('leave the library of the authorisation server by no road of its own.', () => {
    const text = server.find(({ path }) => path === 'src/smart/authorization-server.ts')?.text;

    expect(text).toMatch(/\bfetch: .*fetchLocalKeys.*fetchPublicKeys/);
  });

  it('are listed for files that are there.', () => {
    const paths = new Set(server.map(({ path }) => path));

    expect(Object.keys(KNOWN).filter((path) => !paths.has(path))).toEqual([]);
  });
});

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');

/** A function of its own called `fetch` sends nothing. */
const definesFetch = (text: string): boolean =>
  /(?:const|function) fetch\b|\bfetch: \(|\(fetch: |, fetch[,:]/.test(text);
