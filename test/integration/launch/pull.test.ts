/** Reading from an EHR within bounds (AP-02). */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isBelow, MAX_PAGES, pull } from '../../../src/adapters/ehr/pull.ts';
import type { Bundle } from '../../../src/fhir/types.ts';
import { listen } from '../smart/smart-server.ts';

let ehr: Server;
let elsewhere: Server;
let base: string;
let foreign: string;
let foreignRequests: number;
let answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void>;

beforeEach(async () => {
  answers = {};
  foreignRequests = 0;
  ehr = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    response.setHeader('content-type', 'application/fhir+json');
    if (answer === undefined) {
      response.writeHead(404).end('{"resourceType":"OperationOutcome"}');
      return;
    }
    answer(request, response);
  });
  elsewhere = createServer((_request, response) => {
    foreignRequests++;
    response.end('{"resourceType":"Patient","id":"stolen"}');
  });
  base = `${await listen(ehr)}/fhir`;
  foreign = await listen(elsewhere);
});

afterEach(() => {
  for (const server of [ehr, elsewhere]) {
    server.closeAllConnections();
    server.close();
  }
});

const ask = (...queries: string[]) =>
  pull({ fhirBase: base, accessToken: 'geheim', queries, now: new Date('2026-03-01T12:00:00Z') });
const json = (body: object) => (_request: IncomingMessage, response: ServerResponse) =>
  response.end(JSON.stringify(body));
const bundle = (next: string | undefined, ...ids: string[]): Bundle => ({
  resourceType: 'Bundle',
  type: 'searchset',
  ...(next !== undefined && { link: [{ relation: 'next', url: next }] }),
  entry: ids.map((id) => ({ resource: { resourceType: 'Observation', id, status: 'final', code: {} } })),
});

describe('The EHR reader', () => {
  it('follows pages below the base, absolute and relative, and keeps each resource once.', async () => {
    answers['/fhir/Observation?patient=1'] = json(bundle(`${base}/page2`, 'a', 'b'));
    answers['/fhir/page2'] = json(bundle('page3', 'b', 'c'));
    answers['/fhir/page3'] = json(bundle(undefined, 'd'));

    const { resources, missing, fetchedAt } = await ask('Observation?patient=1');

    expect(resources.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
    expect(missing).toEqual([]);
    expect(fetchedAt).toBe('2026-03-01T12:00:00.000Z');
  });

  it('never asks another host, whatever the next link, the redirect or the query says.', async () => {
    answers['/fhir/Observation?a'] = json(bundle(`${foreign}/fhir/page2`, 'a'));
    answers['/fhir/Condition'] = (_request, response) => response.writeHead(302, { location: foreign }).end();
    answers['/fhir/Procedure'] = json(bundle(`${base}/../admin`, 'p'));

    const { missing } = await ask('Observation?a', 'Condition', 'Procedure', '../other/Patient/1');

    expect(foreignRequests).toBe(0);
    expect(missing.map(({ query }) => query)).toEqual([
      'Observation?a',
      'Condition',
      'Procedure',
      '../other/Patient/1',
    ]);
  });

  it('stops after some pages of an endless list.', async () => {
    let pages = 0;
    answers['/fhir/Observation'] = (_request, response) =>
      response.end(JSON.stringify(bundle(`${base}/Observation`, `o-${pages++}`)));

    const { resources } = await ask('Observation');

    expect(resources).toHaveLength(MAX_PAGES);
  });

  it('goes on when one query fails, and says which and why without the EHR’s own words.', async () => {
    answers['/fhir/Patient/1'] = json({ resourceType: 'Patient', id: '1' });
    answers['/fhir/Condition'] = (_request, response) =>
      response.writeHead(500).end('15838510237 has crashed');
    answers['/fhir/Procedure'] = (_request, response) => response.end('[]');

    const { resources, missing } = await ask('Condition', 'Procedure', 'Patient/1');

    expect(resources).toHaveLength(1);
    expect(missing).toEqual([
      { query: 'Condition', reason: 'the EHR answered 500' },
      { query: 'Procedure', reason: 'the answer is no FHIR resource' },
    ]);
  });
});

describe('An address below the base', () => {
  it.each([
    ['https://ehr/fhir/Patient/1', true],
    ['https://ehr/fhir/../admin', false],
    ['https://ehr/fhirx/Patient/1', false],
    ['https://ehr.evil/fhir/Patient/1', false],
    ['https://ehr@evil/fhir/Patient/1', false],
    ['http://ehr/fhir/Patient/1', false],
    ['Patient/1', false],
  ])('%s → %s', (url, expected) => {
    expect(isBelow('https://ehr/fhir', url)).toBe(expected);
  });
});
