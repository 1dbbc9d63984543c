import type { JsonObject } from '../../../src/fhir/types.ts';
import { sharedValidator } from '../../support/validator.ts';

const validator = sharedValidator();
const errorsOf = (resource: JsonObject): readonly string[] =>
  validator
    .validate(resource)
    .filter(({ severity }) => severity === 'error')
    .map(({ rule = '', expression = '' }) => `${rule} ${expression}`);

const BASE = 'https://example.org/fhir';
const TEXT = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' };
const entry = (
  resource: JsonObject,
  fullUrl = `${BASE}/${String(resource['resourceType'])}/${String(resource['id'])}`,
) => ({
  fullUrl,
  resource,
});
const bundle = (type: string, ...entries: readonly JsonObject[]): JsonObject => ({
  resourceType: 'Bundle',
  type,
  ...(type === 'document' && {
    identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:0b3c1f8e-6f0e-4f0f-9d39-1d7a3c9f2a11' },
    timestamp: '2024-05-17T10:30:00+02:00',
  }),
  ...(entries.length > 0 && { entry: entries }),
});
const patient = (id: string): JsonObject => ({ resourceType: 'Patient', id });
const composition = (author: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Composition',
  id: 'c',
  text: TEXT,
  status: 'final',
  type: { text: 'Epikrise' },
  date: '2024-05-17',
  author: [{ reference: author }],
  title: 'Epikrise',
  ...more,
});
const practitioner: JsonObject = { resourceType: 'Practitioner', id: 'p' };

describe('The validator, of Bundles,', () => {
  it.each([
    ['no fullUrl', { resource: patient('1') }, 'bundle-full-url Bundle.entry[0]'],
    [
      'a relative fullUrl',
      { fullUrl: 'Patient/1', resource: patient('1') },
      'bundle-full-url Bundle.entry[0].fullUrl',
    ],
    [
      'a fullUrl of another id',
      entry(patient('1'), `${BASE}/Patient/2`),
      'bundle-full-url-id Bundle.entry[0]',
    ],
    [
      'a fullUrl of another type',
      entry(patient('1'), `${BASE}/Person/1`),
      'bundle-full-url-id Bundle.entry[0]',
    ],
  ])('refuses %s.', (_what, given, fault) => {
    expect(errorsOf(bundle('collection', given))).toEqual([fault]);
  });

  it.each(['transaction', 'batch'])(
    'asks for no fullUrl in a %s, but that requests fit resources.',
    (type) => {
      const request = (method: string, url: string): JsonObject => ({
        resource: patient('1'),
        request: { method, url },
      });

      expect(errorsOf(bundle(type, request('PUT', 'Patient/1'), request('POST', 'Patient')))).toEqual([]);
      expect(errorsOf(bundle(type, request('PUT', 'Patient/2'), request('POST', 'Person')))).toEqual([
        'bundle-request Bundle.entry[0].request.url',
        'bundle-request Bundle.entry[1].request.url',
      ]);
      expect(errorsOf(bundle(type, { request: { method: 'POST', url: 'Patient' } }))).toEqual([
        'bundle-request Bundle.entry[0]',
      ]);
    },
  );

  it('allows one self link.', () => {
    const link = [
      { relation: 'self', url: `${BASE}/Patient` },
      { relation: 'self', url: `${BASE}/Patient` },
    ];

    expect(errorsOf({ ...bundle('searchset'), link })).toEqual(['bundle-link Bundle.link[1]']);
  });

  it('asks of what a search found an id and the type that was searched for.', () => {
    const found = {
      ...entry({ resourceType: 'Person' }, 'urn:uuid:0b3c1f8e-6f0e-4f0f-9d39-1d7a3c9f2a11'),
      search: { mode: 'match' },
    };
    const searchset = {
      ...bundle('searchset', found),
      link: [{ relation: 'self', url: `${BASE}/Patient?name=a` }],
    };

    expect(errorsOf(searchset)).toEqual([
      'bundle-search-type Bundle.entry[0].resource',
      'bundle-search-id Bundle.entry[0].resource',
    ]);
  });

  it('finds what a document refers to by the base of its entry.', () => {
    const document = (author: string, fullUrl?: string): JsonObject =>
      bundle('document', entry(composition(author)), entry(practitioner, fullUrl));

    expect(errorsOf(document('Practitioner/p'))).toEqual([]);
    expect(errorsOf(document(`${BASE}/Practitioner/p`))).toEqual([]);
    expect(errorsOf(document('Practitioner/p', 'https://elsewhere.example/fhir/Practitioner/p'))).toEqual([
      'bundle-reference Bundle.entry[0].resource.author[0]',
      'bundle-unreachable Bundle.entry[1]',
    ]);
  });

  it('finds the entries of sections in sections.', () => {
    const section = [
      {
        title: 'A',
        text: TEXT,
        section: [{ title: 'B', text: TEXT, entry: [{ reference: 'Patient/none' }] }],
      },
    ];
    const document = bundle(
      'document',
      entry(composition('Practitioner/p', { section })),
      entry(practitioner),
    );

    expect(errorsOf(document)).toEqual([
      'bundle-reference Bundle.entry[0].resource.section[0].section[0].entry[0]',
    ]);
  });

  it('takes an entry that points at the document for reached.', () => {
    const provenance: JsonObject = {
      resourceType: 'Provenance',
      id: 'v',
      target: [{ reference: 'Composition/c' }],
      recorded: '2024-05-17T10:30:00+02:00',
      agent: [{ who: { reference: 'Practitioner/p' } }],
    };
    const document = bundle(
      'document',
      entry(composition('Practitioner/p')),
      entry(practitioner),
      entry(provenance),
    );

    expect(errorsOf(document)).toEqual([]);
  });

  it('knows the type of a target by the entry, not by the address.', () => {
    const observation = (reference: string): JsonObject => ({
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      code: { text: 'Vekt' },
      subject: { reference },
    });
    const uuid = 'urn:uuid:0b3c1f8e-6f0e-4f0f-9d39-1d7a3c9f2a11';

    expect(errorsOf(bundle('collection', entry(observation(uuid)), entry(patient('1'), uuid)))).toEqual([]);
    expect(errorsOf(bundle('collection', entry(observation(uuid)), entry(practitioner, uuid)))).toEqual([
      'reference-type Bundle.entry[0].resource.subject',
    ]);
  });
});
