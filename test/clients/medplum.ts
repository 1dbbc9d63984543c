/** The script's steps by MedplumClient: https://www.medplum.com/docs/sdk/core.medplumclient */
import { MedplumClient, type OperationOutcomeError, type PatchOperation } from '@medplum/core';
import type { Bundle } from '../../src/fhir/types.ts';
import type { ScriptClient } from './script.ts';

/** Logs in with a signed assertion (private_key_jwt), as a backend service does. */
export async function medplum(server: string, tokenUrl: string, assertion: string): Promise<ScriptClient> {
  const client = new MedplumClient({ baseUrl: `${server}/`, fhirUrlPath: 'fhir', tokenUrl, fetch });
  await client.startJwtAssertionLogin(assertion);
  return {
    create: (resource) => client.createResource(resource),
    createUnlessThere: (patient, condition) => client.createResourceIfNoneExist(patient, condition),
    read: (type, id) => client.readResource(type, id, { cache: 'reload' }),
    readVersion: (type, id, version) => client.readVersion(type, id, version),
    update: (patient) => client.updateResource(patient),
    patch: (type, id, changes) => client.patchResource(type, id, [...changes] as PatchOperation[]),
    delete: (type, id) => client.deleteResource(type, id),
    async pages(type, query) {
      const pages: string[][] = [];
      for await (const page of client.searchResourcePages(type, query)) {
        pages.push(page.map(({ id }) => id));
      }
      return pages;
    },
    bundle: (bundle) => client.executeBatch(bundle),
    history: (type, id) => client.readHistory(type, id) as Promise<Bundle>,
    reasonOf: (failure) => (failure as OperationOutcomeError).outcome.issue[0]?.code,
  };
}
