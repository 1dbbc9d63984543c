/** https://hl7.org/fhir/R4/http.html#transaction */
import { FhirError, error } from '../fhir/outcome.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { Once } from '../repository/once.ts';
import type { Result } from '../repository/operation.ts';
import { batch } from './batch.ts';
import { type BundleEntry, entriesOf, parseEntry, toOperation } from './bundle-entry.ts';
import { bundleText, type EntryText } from './bundle-text.ts';
import {
  callerOf,
  type Deps,
  etag,
  type FhirRequest,
  type FhirResponse,
  hashOf,
  onceOf,
  type Preference,
  preferredReturn,
} from './exchange.ts';
import { dispatchEntry } from './dispatch.ts';
import { bundleMessageOf, identifierOf } from './receiving.ts';
import { resultOutcome, statusLine, statusOf } from './write-response.ts';

/** `POST [base]`: a transaction, carried out whole or not at all, or a batch. */
export async function transactionOrBatch(deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  const bundle = requireBundle(request.body);
  const entries = entriesOf(bundle, deps.maxBundleEntries);
  return bundle['type'] === 'batch'
    ? batch(deps, request, entries)
    : transaction(
        deps,
        request,
        bundle,
        entries.map((entry, index) => parseEntry(entry, index, deps.fhirBase)),
      );
}

async function transaction(
  deps: Deps,
  request: FhirRequest,
  bundle: JsonObject,
  entries: readonly BundleEntry[],
): Promise<FhirResponse> {
  const { repository } = deps;
  const options = { matchPersons: namesPersons(request.principal), shapes: repository.deps.shapes };
  const writes = entries.flatMap((entry) => {
    const operation = toOperation(entry, options);
    return operation === undefined ? [] : [{ entry, operation }];
  });
  const results = await repository.commit(
    callerOf(request, 'transaction'),
    writes.map(({ operation }) => operation),
    {
      ...onceOfBundle(request, bundle),
      ...bundleMessageOf(request, bundle, repository.deps.clock.now()),
    },
  );
  const byEntry = new Map(writes.map(({ entry }, i) => [entry.index, results[i]]));
  const preference = preferredReturn(request.header('prefer'), 'minimal');
  const answers: EntryText[] = [];
  for (const entry of entries) {
    const result = byEntry.get(entry.index);
    answers.push(
      result === undefined
        ? await dispatchEntry(deps, request, () => entry)
        : toEntry(result, deps.fhirBase, preference),
    );
  }
  const now = repository.deps.clock.now();
  return {
    status: 200,
    headers: {},
    body: bundleText({
      id: repository.deps.newId(now),
      type: 'transaction-response',
      lastUpdated: now.toISOString(),
      links: [],
      entries: answers,
    }),
  };
}

/** A system that sends the same Bundle again, by its identifier, is answered as the first time (IR-03). */
function onceOfBundle(request: FhirRequest, bundle: JsonObject): { readonly once?: Once } {
  const id = identifierOf(bundle);
  const named = onceOf(request, 'transaction');
  return named.once !== undefined || id === undefined || request.principal.kind !== 'ehr'
    ? named
    : { once: { key: `bundle|${id}`, hash: hashOf(request, 'transaction'), isStrict: false } };
}

/** EHRs send persons, and national coordinators name those who reserve: who is known already is meant. */
const namesPersons = (principal: FhirRequest['principal']): boolean =>
  principal.kind === 'ehr' || (principal.kind === 'staff' && principal.role === 'SC');

function toEntry(result: Result, fhirBase: string, preference: Preference): EntryText {
  const { type, id, versionId, lastUpdated, effect, content } = result;
  const url = `${fhirBase}/${type}/${id}`;
  return {
    ...(id !== '' && { fullUrl: url }),
    ...(preference === 'representation' && content !== undefined && { resource: content }),
    response: {
      status: statusLine(statusOf(effect)),
      ...(versionId !== undefined && {
        location: `${type}/${id}/_history/${versionId}`,
        etag: etag(versionId),
      }),
      ...(lastUpdated !== undefined && { lastModified: lastUpdated }),
      ...((preference === 'OperationOutcome' || result.isLate === true) && {
        outcome: resultOutcome(result),
      }),
    },
  };
}

function requireBundle(body: JsonValue | undefined): JsonObject {
  const bundle = (body ?? null) as JsonObject | null;
  if (bundle === null || typeof bundle !== 'object' || bundle['resourceType'] !== 'Bundle') {
    throw new FhirError(
      400,
      error(
        'structure',
        'POST to the base takes a Bundle of type transaction or batch.',
        'resourceType',
        'resource-type',
      ),
    );
  }
  if (bundle['type'] !== 'transaction' && bundle['type'] !== 'batch') {
    throw new FhirError(
      400,
      error(
        'value',
        'Bundle.type must be transaction or batch to be carried out here.',
        'Bundle.type',
        'bundle-type',
      ),
    );
  }
  return bundle;
}
