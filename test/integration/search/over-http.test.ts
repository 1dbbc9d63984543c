/** Searches as a client sends them: https://hl7.org/fhir/R4/http.html#search, #vsearch-compartment */
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';

interface SearchSet {
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly {
    readonly fullUrl?: string;
    readonly resource: {
      readonly resourceType: string;
      readonly id: string;
      readonly issue?: readonly object[];
    };
    readonly search: { readonly mode: string };
  }[];
}

const ref = (reference: string) => ({ reference });
const bundle = ({ body }: HttpAnswer): SearchSet => body as SearchSet;
const names = (answer: HttpAnswer, mode: string): readonly string[] =>
  (bundle(answer).entry ?? [])
    .filter(({ search }) => search.mode === mode)
    .map(({ resource }) => `${resource.resourceType}/${resource.id}`)
    .sort();
const why = ({ body }: HttpAnswer): string =>
  (body as { issue?: { diagnostics?: string }[] }).issue?.map(({ diagnostics }) => diagnostics).join(' ') ??
  '';
const self = (answer: HttpAnswer): string =>
  decodeURIComponent(bundle(answer).link.find(({ relation }) => relation === 'self')?.url ?? '');

let server: TestApp;
let ehr: HttpClient;

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
  await ehr.put('fhir/Patient/p1', {
    resourceType: 'Patient',
    id: 'p1',
    name: [{ family: 'Berg' }],
    gender: 'female',
  });
  await ehr.put('fhir/Patient/p2', { resourceType: 'Patient', id: 'p2', name: [{ family: 'Dahl' }] });
  await ehr.put('fhir/Encounter/e1', {
    resourceType: 'Encounter',
    id: 'e1',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
    subject: ref('Patient/p1'),
  });
  for (const n of [1, 2, 3]) {
    await ehr.put(`fhir/Observation/m${n}`, {
      resourceType: 'Observation',
      id: `m${n}`,
      status: 'final',
      code: { text: 'Vekt', coding: [{ system: 'http://example.org/codes', code: `c${n}` }] },
      subject: ref(n === 3 ? 'Patient/p2' : 'Patient/p1'),
      ...(n === 1 && { encounter: ref('Encounter/e1') }),
      effectiveDateTime: `2024-01-0${n}`,
    });
  }
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('A compartment over HTTP', () => {
  it.each([
    ['fhir/Patient/p1/Observation', ['Observation/m1', 'Observation/m2']],
    ['fhir/Patient/p1/Observation?code=c2', ['Observation/m2']],
    ['fhir/Patient/p1/*', ['Encounter/e1', 'Observation/m1', 'Observation/m2', 'Patient/p1']],
    ['fhir/Encounter/e1/Observation', ['Observation/m1']],
  ])('is searched at %s.', async (path, expected) => {
    const answer = await ehr.get(path);

    expect([answer.status, names(answer, 'match')]).toEqual([200, expected]);
    expect(self(answer)).toBe(`${server.url}/${path}`);
  });

  it('is searched by a form, too, and by pages.', async () => {
    const posted = await ehr.postForm('fhir/Patient/p1/Observation/_search', { code: 'c1' });
    const first = await ehr.get('fhir/Patient/p1/Observation?_count=1');
    const next = bundle(first).link.find(({ relation }) => relation === 'next')?.url ?? '';
    const second = await ehr.get(next);

    expect(names(posted, 'match')).toEqual(['Observation/m1']);
    expect([names(first, 'match'), names(second, 'match')]).toEqual([['Observation/m2'], ['Observation/m1']]);
  });

  it('is searched inside a batch.', async () => {
    const { body } = await ehr.post('fhir', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: 'Patient/p1/Observation?code=c1' } }],
    });

    const [entry] = (body as { entry: { resource: SearchSet }[] }).entry;
    expect(entry?.resource.entry?.map(({ resource }) => resource.id)).toEqual(['m1']);
  });

  it.each([
    ['GET', 'fhir/Organization/o/Observation', 404, 'no compartment of Organization'],
    ['GET', 'fhir/Patient/p1/Medication', 404, 'never in the compartment'],
    ['GET', 'fhir/Patient/p1/Nothing', 404, 'not kept here'],
    ['GET', 'fhir/Nothing/p1/Observation', 404, 'not kept here'],
    ['DELETE', 'fhir/Patient/p1/Observation', 405, 'use GET, HEAD'],
  ])('%s %s is answered by %s.', async (method, path, status, text) => {
    const answer = await ehr.send(method, path);

    expect(answer.status).toBe(status);
    expect(why(answer)).toContain(text);
  });
});

describe('What a search may reach', () => {
  it.each([
    'fhir/Observation?subject:Patient.name=berg',
    'fhir/Observation?_include=Observation:subject:Patient',
    'fhir/Observation?_has:Provenance:target:recorded=2024',
    'fhir/Observation?encounter.subject:Patient.name=berg',
    'fhir/Observation?_filter=subject:Patient.name eq berg',
    'fhir/Observation?_list=1',
    'fhir/Observation?_revinclude=Provenance:target',
    'fhir/Patient/p1/*',
    'fhir?_id=p1',
  ])('is what the scopes allow (SC-03): %s.', async (path) => {
    const narrow = ehr.withToken(await server.token('ehr', 'system/Observation.rs system/Encounter.rs'));

    const answer = await narrow.get(path);

    expect(answer.status).toBe(403);
  });

  it('leaves out of a wildcard what the scopes do not allow (SC-03).', async () => {
    const narrow = ehr.withToken(await server.token('ehr', 'system/Observation.rs system/Encounter.rs'));

    const all = await ehr.get('fhir/Observation?_id=m1&_include=*');
    const some = await narrow.get('fhir/Observation?_id=m1&_include=*&_include:iterate=Encounter:*');

    expect(names(all, 'include')).toEqual(['Encounter/e1', 'Patient/p1']);
    expect(names(some, 'include')).toEqual(['Encounter/e1']);
  });

  it.each(['_has:AuditEvent:entity:agent=x', '_revinclude=AuditEvent:entity'])(
    'is never the audit trail: %s is refused with what to ask instead.',
    async (query) => {
      const answer = await ehr.get(`fhir/Patient?${query}`);

      expect([400, 403]).toContain(answer.status);
    },
  );

  it.each([
    'fhir/Observation?subject:Patient.name=berg',
    'fhir/Observation?encounter.subject:Patient.name=berg',
    'fhir/Encounter?_has:Observation:encounter:subject:Patient.name=berg',
    'fhir/Patient?_filter=name eq berg',
    'fhir/Observation?_filter=not(subject:Patient.name eq berg)',
    'fhir/Patient?_sort=identifier',
  ])('is pseudonymous for an analytics client (BK-10): %s.', async (path) => {
    const analytics = await server.client('analytics');

    const answer = await analytics.get(path);

    expect([400, 403]).toContain(answer.status);
    expect(answer.status === 400 ? why(answer) : 'pseudonymised').toContain('pseudonymised');
  });
});

describe('Lenient handling', () => {
  it('reports everything that it ignores, and leaves it out of the self link.', async () => {
    const answer = await ehr.get(
      'fhir/Observation?code=c1&colour=red&_include=Observation:colour&_sort=colour&subject:Patient.colour=x&_contained=true',
      { prefer: 'handling=lenient' },
    );

    const outcome = bundle(answer).entry?.find(({ search }) => search.mode === 'outcome');
    expect(names(answer, 'match')).toEqual(['Observation/m1']);
    expect(outcome?.resource.issue).toHaveLength(5);
    expect(self(answer)).toBe(`${server.url}/fhir/Observation?code=c1`);
  });

  it('is not the rule: the same is refused without it.', async () => {
    const answer = await ehr.get('fhir/Observation?code=c1&colour=red&_contained=true');

    expect(answer.status).toBe(400);
    expect(why(answer)).toMatch(/colour.*_contained/);
  });
});

describe('A long way round', () => {
  it.each([
    ['fhir/Observation?encounter.subject:Patient.name=berg', ['Observation/m1']],
    ['fhir/Patient?_has:Observation:patient:encounter.status=finished', ['Patient/p1']],
    ['fhir/Patient?_has:Encounter:patient:_has:Observation:encounter:code=c1', ['Patient/p1']],
    ['fhir/Observation?_filter=subject:Patient.name eq "berg" and not(code eq c1)', ['Observation/m2']],
  ])('%s.', async (path, expected) => {
    expect(names(await ehr.get(path), 'match')).toEqual(expected);
  });
});
