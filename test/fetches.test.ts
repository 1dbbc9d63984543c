/** Where the server sends requests to: every such place is known, and says what guards it (API7, ASVS 1.3.6). */
import { readSources } from './support/imports.ts';

/**
 * Files that send requests. An address that a client or a subscriber chooses goes through a guard that looks at the resolved
 * address where the connection is made; all other addresses are an operator's settings.
 */
const KNOWN: Readonly<Record<string, string>> = {
  'src/adapters/rest-hook.ts':
    'Subscription endpoints: https, public addresses checked at the connection, no redirects, time and size',
  'src/adapters/message/sms-gateway.ts': 'the operator’s gateway: no redirects, time',
  'src/adapters/ehr/pull.ts': 'EHRs of the configuration: only below their base, no redirects, time and size',
  'src/smart/key-fetch.ts':
    'jwks_uri: https, the authorisation library’s dispatcher refuses private addresses, no redirects',
  'src/smart/ehr-client.ts': 'EHRs of the configuration: no redirects, time',
  'src/adapters/message/smtp.ts': 'the operator’s mail server',
  'src/smart/issuers/metadata.ts': 'passes the sender of documents.ts on',
  'src/smart/issuers/documents.ts': 'issuers of the configuration: https, no redirects, time and size',
  'src/smart/issuers/login-client.ts': 'issuers of the configuration: no redirects, time',
};

/** `fetch(…)` of the platform, requests of node:http(s), libraries that send requests. Not a method or a function of that name. */
const SENDS =
  /(?<![.\w])fetch\((?!\))|from 'node:https?'[^]*?\b(?:https?Request\b|https?\.(?:get|request)\()|from '(?:undici|axios|got|node-fetch|fhir-kit-client|nodemailer)'|= fetch\b|fetch: typeof fetch/;

const server = readSources().filter(({ path }) => !path.startsWith('src/web/client/'));

describe('Requests that the server sends (API7)', () => {
  it('start in the files that are listed here, and in no others.', () => {
    const own = server.filter(({ text }) => SENDS.test(withoutComments(text)) && !definesFetch(text));

    expect(own.map(({ path }) => path).filter((path) => KNOWN[path] === undefined)).toEqual([]);
  });

  it('follow no redirect.', () => {
    const following = server
      .filter(
        ({ path, text }) => KNOWN[path] !== undefined && /(?<![.\w])fetch\(/.test(withoutComments(text)),
      )
      .filter(({ text }) => !/redirect: '(?:error|manual)'/.test(text));

    expect(following.map(({ path }) => path)).toEqual([]);
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
