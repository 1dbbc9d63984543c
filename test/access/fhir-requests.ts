/** FHIR requests to a repository under test, without HTTP: for many callers and thousands of them. */
import { newUuid } from '../../src/fhir/id.ts';
import type { Principal } from '../../src/access/principal.ts';
import type { JsonValue } from '../../src/fhir/types.ts';
import { batch } from '../../src/interactions/batch.ts';
import type { Deps, FhirRequest } from '../../src/interactions/exchange.ts';
import { createInbox } from '../../src/registry/intake/inbox.ts';
import { EVERYTHING } from '../../src/storage/row-access.ts';
import { createSecretBox } from '../../src/storage/secret-box.ts';
import type { RepositoryUnderTest } from '../support/repository.ts';

const FHIR_BASE = 'https://register.example.no/fhir';

export const depsOf = ({ repository, search, database, clock }: RepositoryUnderTest): Deps =>
  ({
    repository,
    search,
    subset: (resource: string) => resource,
    fhirBase: FHIR_BASE,
    maxBundleEntries: 10,
    inbox: createInbox({
      db: database.app.as(EVERYTHING),
      box: createSecretBox(Buffer.alloc(32)),
      clock,
      newId: newUuid,
    }),
  }) as unknown as Deps;

export const requestOf = (principal: Principal, parts: Partial<FhirRequest> = {}): FhirRequest => ({
  principal,
  requestId: 'matrix',
  type: '',
  id: '',
  versionId: '',
  query: new URLSearchParams(),
  header: () => undefined,
  ...parts,
});

/** One entry of a batch; the text of the Bundle that answers it. */
export async function answerTo(deps: Deps, principal: Principal, entry: JsonValue): Promise<string> {
  const { body = '' } = await batch(deps, requestOf(principal), [entry]);
  return typeof body === 'string' ? body : JSON.stringify(body);
}
