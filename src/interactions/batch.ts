/** https://hl7.org/fhir/R4/http.html#transaction (batch) */
import type { JsonValue } from '../fhir/types.ts';
import { parseEntry } from './bundle-entry.ts';
import { bundleText, type EntryText } from './bundle-text.ts';
import { dispatchEntry } from './dispatch.ts';
import type { Deps, FhirRequest, FhirResponse } from './exchange.ts';

/** Entries one by one; each succeeds or fails alone, and is authorised and audited alone (SC-03). */
export async function batch(
  deps: Deps,
  request: FhirRequest,
  entries: readonly JsonValue[],
): Promise<FhirResponse> {
  const answers: EntryText[] = [];
  for (const [index, entry] of entries.entries()) {
    answers.push(await dispatchEntry(deps, request, () => parseEntry(entry, index, deps.fhirBase)));
  }
  const { clock, newId } = deps.repository.deps;
  const now = clock.now();
  return {
    status: 200,
    headers: {},
    body: bundleText({
      id: newId(now),
      type: 'batch-response',
      lastUpdated: now.toISOString(),
      links: [],
      entries: answers,
    }),
  };
}
