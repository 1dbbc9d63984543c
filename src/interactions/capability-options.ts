/**
 * What the CapabilityStatement is generated from: the tables that the server itself works with.
 * https://hl7.org/fhir/R4/capabilitystatement.html
 */
import { formatCanonical } from '../fhir/canonical.ts';
import type { Content } from '../content/content.ts';
import type { ParameterTable } from '../search/parameters.ts';
import { isIndexed } from '../search/parse-name.ts';
import type { CapabilityOptions } from './capabilities.ts';
import { TRAIL_PARAMETERS } from './trail-query.ts';

export function capabilityOptions(sources: {
  readonly fhirBase: string;
  readonly parameters: ParameterTable;
  readonly content: Content;
  readonly operations: readonly { readonly name?: string; readonly definition?: string }[];
  readonly version: string;
  readonly startedAt: string;
}): CapabilityOptions {
  const { fhirBase, parameters, content, operations, version, startedAt } = sources;
  const profiles = content.profiles.all().filter(({ derivation }) => derivation === 'constraint');
  return {
    fhirBase,
    version,
    date: startedAt,
    searchParameters: (type) =>
      type === 'AuditEvent'
        ? TRAIL_PARAMETERS
        : [...parameters.of(type).values()]
            .filter(({ code }) => !code.startsWith('_') || code === '_id' || code === '_lastUpdated')
            .filter(isIndexed)
            .map(({ code, type: kind, url }) => ({ name: code, type: kind, definition: url })),
    profiles: (type) =>
      profiles
        .filter((profile) => profile.type === type)
        .map(({ url, version: v }) => formatCanonical(url, v)),
    includes: (type) =>
      type === 'AuditEvent'
        ? []
        : [...parameters.of(type).values()]
            .filter(({ type: kind }) => kind === 'reference')
            .map(({ code }) => `${type}:${code}`),
    operations: operations.flatMap(({ name, definition }) =>
      name === undefined || definition === undefined ? [] : [{ name, definition }],
    ),
  };
}
