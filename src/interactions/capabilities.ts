/** https://hl7.org/fhir/R4/http.html#capabilities */
import { RESOURCE_TYPES } from '../fhir/resource-types.ts';
import type { CapabilityStatement, CapabilityStatementRestResource, Extension } from '../fhir/types.ts';

export interface CapabilityOptions {
  readonly fhirBase: string;
  readonly version: string;
  /** When this build's capabilities last changed. */
  readonly date: string;
  /** Search parameters by type, from the table that search itself uses. */
  readonly searchParameters: (
    type: string,
  ) => readonly { readonly name: string; readonly type: string; readonly definition?: string }[];
  /** Canonicals of the profiles that are loaded, by type. */
  readonly profiles: (type: string) => readonly string[];
  /** Operations on a type and its instances; '' = on the whole system, or on every type. */
  readonly operations: (type: string) => readonly { readonly name: string; readonly definition: string }[];
  readonly includes: (type: string) => readonly string[];
  /** Canonicals of the SubscriptionTopics. */
  readonly topics?: readonly string[];
  readonly revIncludes: (type: string) => readonly string[];
  /** The smart-configuration; its addresses are said here, too, for clients from before it (SM-06). */
  readonly smart?: object;
}

const TYPE_INTERACTIONS = [
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
] as const;
const AUDIT_INTERACTIONS = ['read', 'vread', 'create', 'search-type'] as const;

/** What this server does, generated from what it has loaded. */
export function capabilities(options: CapabilityOptions): CapabilityStatement {
  const { fhirBase, version, date, operations } = options;
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date,
    kind: 'instance',
    software: { name: 'Ryggrad', version },
    implementation: { description: 'Ryggrad FHIR registry server', url: fhirBase },
    fhirVersion: '4.0.1',
    format: ['json', 'xml', 'application/fhir+json', 'application/fhir+xml'],
    patchFormat: ['application/json-patch+json', 'application/fhir+json', 'application/fhir+xml'],
    rest: [
      {
        mode: 'server',
        documentation:
          'Search with a national identity number goes by POST to [type]/_search; such a number in a URL is refused. ' +
          'Unknown search parameters are refused unless Prefer: handling=lenient is sent. ' +
          'A resource that was read in part (_summary, _elements) is not taken back. ' +
          'JSON and XML carry the same; a Binary is given as what it holds unless FHIR is asked for. ' +
          'Pages of other origins may read metadata; those of registered apps may call the API (CORS).',
        security: {
          cors: true,
          ...(options.smart !== undefined && { extension: [oauthUris(options.smart)] }),
          service: [
            {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                  code: 'SMART-on-FHIR',
                },
              ],
            },
          ],
        },
        resource: RESOURCE_TYPES.filter((type) => type !== 'Parameters').map((type) =>
          resourceEntry(type, options),
        ),
        interaction: [
          { code: 'transaction' },
          { code: 'batch' },
          { code: 'history-system' },
          { code: 'search-system' },
        ],
        operation: [...operations('')],
      },
    ],
  };
}

const OAUTH_URIS = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';
const ENDPOINTS = {
  authorize: 'authorization_endpoint',
  token: 'token_endpoint',
  manage: 'management_endpoint',
} as const;

/** https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#declaring-support-for-oauth2-endpoints */
const oauthUris = (smart: object): Extension => ({
  url: OAUTH_URIS,
  extension: Object.entries(ENDPOINTS).flatMap(([url, name]) => {
    const address = (smart as Readonly<Record<string, unknown>>)[name];
    return typeof address === 'string' ? [{ url, valueUri: address }] : [];
  }),
});

const CHANGEABLE = {
  versioning: 'versioned-update',
  readHistory: true,
  updateCreate: true,
  conditionalCreate: true,
  conditionalRead: 'full-support',
  conditionalUpdate: true,
  conditionalDelete: 'single',
} as const;
const APPEND_ONLY = {
  documentation: 'The audit trail: added to, never changed. Read by coordinators; one version of each event.',
  versioning: 'no-version',
  readHistory: false,
  updateCreate: false,
  conditionalCreate: false,
  conditionalUpdate: false,
} as const;

const TOPIC =
  'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/capabilitystatement-subscriptiontopic-canonical';

function resourceEntry(
  type: string,
  { searchParameters, profiles, includes, revIncludes, operations, topics = [] }: CapabilityOptions,
): CapabilityStatementRestResource {
  const interactions = type === 'AuditEvent' ? AUDIT_INTERACTIONS : TYPE_INTERACTIONS;
  const supported = profiles(type);
  const followed = includes(type);
  const followedBack = revIncludes(type);
  const offered = operations(type);
  return {
    ...(type === 'Subscription' &&
      topics.length > 0 && { extension: topics.map((topic) => ({ url: TOPIC, valueCanonical: topic })) }),
    type: type as NonNullable<CapabilityStatementRestResource['type']>,
    ...(supported.length > 0 && { supportedProfile: [...supported] }),
    interaction: interactions.map((code) => ({ code })),
    ...(type === 'AuditEvent' ? APPEND_ONLY : CHANGEABLE),
    referencePolicy: ['literal', 'logical', 'enforced', 'resolves'],
    ...(followed.length > 0 && { searchInclude: [...followed] }),
    ...(followedBack.length > 0 && { searchRevInclude: [...followedBack] }),
    searchParam: searchParameters(type).map(({ name, type: kind, definition }) => ({
      name,
      type: kind as 'string',
      ...(definition !== undefined && { definition }),
    })),
    ...(offered.length > 0 && { operation: [...offered] }),
  };
}
