/**
 * What the CapabilityStatement is generated from: the tables that the server itself works with.
 * https://hl7.org/fhir/R4/capabilitystatement.html
 */
import { formatCanonical } from '../fhir/canonical.ts';
import type { Content } from '../content/content.ts';
import type { ParameterTable } from '../search/parameters.ts';
import { isIndexed } from '../search/parse-name.ts';
import { RESOURCE_TYPES } from '../fhir/resource-types.ts';
import type { CapabilityOptions } from './capabilities.ts';
import { TRAIL_PARAMETERS } from './trail-query.ts';

export function capabilityOptions(sources: {
  readonly fhirBase: string;
  readonly parameters: ParameterTable;
  readonly content: Content;
  readonly operations: readonly {
    readonly path: string;
    readonly name?: string;
    readonly definition?: string;
  }[];
  readonly topics?: readonly { readonly url: string; readonly version: string | undefined }[];
  readonly version: string;
  readonly startedAt: string;
}): CapabilityOptions {
  const { fhirBase, parameters, content, operations, topics = [], version, startedAt } = sources;
  const profiles = content.profiles.all().filter(({ derivation }) => derivation === 'constraint');
  const pointing = pointingParameters(parameters);
  const byType = operationsByType(operations);
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
    revIncludes: (type) => (type === 'AuditEvent' ? [] : (pointing.get(type) ?? [])),
    topics: topics.map(({ url, version: v }) => formatCanonical(url, v)),
    operations: (type) => byType.get(type) ?? [],
  };
}

type ListedOperation = { readonly name: string; readonly definition: string };

/** Operations by the type that their address begins with, each once; '' for those of the system and of every type. */
function operationsByType(
  operations: readonly { readonly path: string; readonly name?: string; readonly definition?: string }[],
): ReadonlyMap<string, readonly ListedOperation[]> {
  const byType = new Map<string, ListedOperation[]>();
  for (const { path, name, definition } of operations) {
    const type = /^\/([A-Z][A-Za-z]+)\//.exec(path)?.[1] ?? '';
    const listed = byType.get(type) ?? [];
    const isListed = listed.some((other) => other.name === name && other.definition === definition);
    if (name !== undefined && definition !== undefined && !isListed) {
      byType.set(type, [...listed, { name, definition }]);
    }
  }
  return byType;
}

/** What may point at each type: `Observation:subject` at Patient. */
function pointingParameters(parameters: ParameterTable): ReadonlyMap<string, readonly string[]> {
  const pointing = new Map<string, string[]>();
  for (const source of RESOURCE_TYPES.filter((type) => type !== 'AuditEvent' && type !== 'Parameters')) {
    for (const { code, type: kind, targets } of parameters.of(source).values()) {
      const targetTypes = targets.length > 0 ? targets : RESOURCE_TYPES;
      for (const target of kind === 'reference' ? targetTypes : []) {
        pointing.set(target, [...(pointing.get(target) ?? []), `${source}:${code}`]);
      }
    }
  }
  return pointing;
}
