/**
 * Patches, applied to the versions that the transaction has locked: nobody's change is lost between reading and writing.
 * https://hl7.org/fhir/R4/http.html#patch
 */
import { FhirError, error } from '../fhir/outcome.ts';
import { parseJson, stringifyJson } from '../fhir/json.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { WriteBatch } from './batch.ts';
import type { RepositoryDeps } from './deps.ts';
import type { Pending } from './operation.ts';
import { refuseMarks } from './protect.ts';
import { normaliseSystems } from './spelling.ts';
import { resolveReferences } from './targets.ts';
import { isSameContent, refuseOtherPerson } from './versions.ts';

/** Give each patch its resource. Throws 400 and 422 when it does not fit, or changes what the server alone says. */
export async function applyPatches(batch: WriteBatch, deps: RepositoryDeps): Promise<void> {
  if (!batch.pending().some(isPatch)) {
    return;
  }
  const patched = batch.pending().map((entry) => (isPatch(entry) ? patchOne(entry) : entry));
  const resolved = await resolveReferences(patched.filter(isPatch), batch, deps);
  const byOperation = new Map(resolved.map((entry) => [entry.operation, entry]));
  batch.set(patched.map((entry) => finished(byOperation.get(entry.operation) ?? entry)));
}

const isPatch = ({ operation, derived }: Pending): boolean => operation.kind === 'patch' && derived !== true;

function patchOne(entry: Pending): Pending {
  const { operation, previous } = entry;
  if (operation.kind !== 'patch' || previous?.content == null) {
    return entry;
  }
  const resource = operation.apply(previous.content);
  refuseServerOwned(parseJson(previous.content) as JsonObject, resource, entry);
  refuseMarks(resource, operation.at ?? entry.type);
  return { ...entry, resource: normaliseSystems(resource) };
}

/** Whose content is the same after the patch gets no new version, as with an update. */
function finished(entry: Pending): Pending {
  const { previous, resource } = entry;
  if (!isPatch(entry) || previous?.content == null || resource === undefined) {
    return entry;
  }
  refuseOtherPerson(entry, previous.content);
  return isSameContent(resource, previous) ? { ...entry, effect: 'unchanged' } : entry;
}

function refuseServerOwned(before: JsonObject, after: JsonObject, { type, operation }: Pending): void {
  const metaOf = ({ meta }: JsonObject): JsonObject =>
    typeof meta === 'object' && meta !== null && !Array.isArray(meta) ? (meta as JsonObject) : {};
  const changed = [
    ...(['resourceType', 'id'] as const).filter((name) => differs(before[name], after[name])),
    ...(['versionId', 'lastUpdated'] as const)
      .filter(
        (name) => differs(metaOf(before)[name], metaOf(after)[name]) && metaOf(after)[name] !== undefined,
      )
      .map((name) => `meta.${name}`),
  ];
  if (changed.length > 0) {
    throw new FhirError(
      422,
      error(
        'business-rule',
        `A patch may not change ${changed.join(', ')}: the server alone says what it is.`,
        `${operation.at ?? type}.${changed[0] ?? ''}`,
        'server-owned',
      ),
    );
  }
}

const differs = (before: JsonValue | undefined, after: JsonValue | undefined): boolean =>
  stringifyJson(before) !== stringifyJson(after);
