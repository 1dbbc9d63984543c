/** https://hl7.org/fhir/R4/capabilitystatement.html */
import type { CapabilityStatement, JsonObject } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { httpClient } from '../../support/http-client.ts';
import { sharedValidator } from '../../support/validator.ts';

describe('The CapabilityStatement', () => {
  let server: TestApp;
  let statement: CapabilityStatement;

  beforeAll(async () => {
    server = await startTestApp();
    const { body } = await httpClient(server.url).get('fhir/metadata');
    statement = body as CapabilityStatement;
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const resource = (type: string) => statement.rest?.[0]?.resource?.find((entry) => entry.type === type);
  const codes = (list: readonly { code?: string }[] = []): readonly (string | undefined)[] =>
    list.map(({ code }) => code);

  it('is valid, and read without a token.', () => {
    const errors = sharedValidator()
      .validate(statement as unknown as JsonObject)
      .filter(({ severity }) => severity === 'error');

    expect(errors).toEqual([]);
  });

  it('names the same addresses for authorisation as the smart-configuration (SM-06).', async () => {
    const { body } = await httpClient(server.url).get('fhir/.well-known/smart-configuration');
    const smart = body as Record<string, string>;
    const { security } = statement.rest?.[0] ?? {};
    const uris = security?.extension?.find(({ url }) => url.endsWith('/oauth-uris'))?.extension ?? [];

    expect(Object.fromEntries(uris.map(({ url, valueUri }) => [url, valueUri]))).toEqual({
      authorize: smart['authorization_endpoint'],
      token: smart['token_endpoint'],
      manage: smart['management_endpoint'],
    });
    expect(security?.service?.[0]?.coding?.[0]?.code).toBe('SMART-on-FHIR');
  });

  it('says what the base does.', () => {
    expect(codes(statement.rest?.[0]?.interaction)).toEqual([
      'transaction',
      'batch',
      'history-system',
      'search-system',
    ]);
  });

  it('says that the audit trail is added to and searched, and by what.', () => {
    const events = resource('AuditEvent');

    expect(codes(events?.interaction)).toEqual(['read', 'vread', 'create', 'search-type']);
    expect(events?.versioning).toBe('no-version');
    expect(events?.searchParam?.map(({ name }) => name)).toEqual([
      '_id',
      'action',
      'agent',
      'date',
      'entity',
      'patient',
      'subtype',
    ]);
  });

  it('names no type that is not kept.', () => {
    expect(resource('Parameters')).toBeUndefined();
    expect(codes(resource('Patient')?.interaction)).toContain('update');
  });

  it.each(['Observation', 'Patient', 'QuestionnaireResponse', 'MolecularSequence', 'Task'])(
    'names search parameters of %s that search understands.',
    async (type) => {
      const ehr = await server.client('ehr');
      const refused: unknown[] = [];
      for (const { name, type: kind } of resource(type)?.searchParam ?? []) {
        const sample = name.endsWith('-coordinate') ? 'a$1$2' : (SAMPLES[kind] ?? '1');
        const { status, body } = await ehr.get(`fhir/${type}?${name}=${sample}`);
        if (status !== 200) {
          refused.push([name, body]);
        }
      }

      expect(refused).toEqual([]);
    },
  );
});

/** A value of each kind of search parameter. */
const SAMPLES: Readonly<Record<string, string>> = {
  date: '2026',
  reference: 'Patient/x',
  composite: 'a$2026',
};
