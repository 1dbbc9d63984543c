/**
 * Systems as others write them → as they are stored: aliases of identifier systems, wrong OIDs that are seen in the wild,
 * and municipalities under the code system of districts. Searches read them the same way, so that whatever a sender
 * writes is found again.
 */
import { normaliseIdentifierSystem } from '../fhir/identifiers.ts';
import type { JsonObject } from '../fhir/types.ts';
import { rewriteTexts } from './rewrite.ts';

const DISTRICTS = 'urn:oid:2.16.578.1.12.4.1.1.3403';
const MUNICIPALITIES = 'urn:oid:2.16.578.1.12.4.1.1.3402';

/** The resource with every `system` spelt as it is here; the same object when nothing changes. */
export function normaliseSystems(resource: JsonObject): JsonObject {
  return rewriteTexts(resource, 'system', (system, { code }) =>
    system === DISTRICTS && isMunicipality(code) ? MUNICIPALITIES : normaliseIdentifierSystem(system),
  );
}

/** Municipalities have four digits, districts six. */
const isMunicipality = (code: unknown): boolean => typeof code === 'string' && /^[0-9]{4}$/.test(code);
