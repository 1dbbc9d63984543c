/** The script's steps by fhir-kit-client: https://github.com/Vermonster/fhir-kit-client */
import { Client } from 'fhir-kit-client';
import type { Bundle, OperationOutcome } from '../../src/fhir/types.ts';
import type { ScriptClient } from './script.ts';

type KitResource = Awaited<ReturnType<Client['read']>>;
type KitPage = Parameters<Client['nextPage']>[0]['bundle'];

/** Where the library finds that tokens are given. */
export async function fhirKitTokenUrl(base: string): Promise<string> {
  const { tokenUrl } = await new Client({ baseUrl: base }).smartAuthMetadata();
  return tokenUrl?.href ?? '';
}

/** `base` is the FHIR base; the library takes a token that one already has. */
export function fhirKit(base: string, bearerToken: string): ScriptClient {
  const client = new Client({ baseUrl: base, bearerToken });
  const own = <T>(resource: KitResource): T => resource as unknown as T;
  const theirs = (resource: object): KitResource => resource as unknown as KitResource;
  return {
    create: async (resource) =>
      own(await client.create({ resourceType: resource.resourceType, body: theirs(resource) })),
    createUnlessThere: async (patient, condition) =>
      own(
        await client.create({
          resourceType: 'Patient',
          body: theirs(patient),
          options: { headers: { 'If-None-Exist': condition } },
        }),
      ),
    read: async (resourceType, id) => own(await client.read({ resourceType, id })),
    readVersion: async (resourceType, id, version) => own(await client.vread({ resourceType, id, version })),
    update: async (patient) =>
      own(await client.update({ resourceType: 'Patient', id: patient.id ?? '', body: theirs(patient) })),
    patch: async (resourceType, id, changes) =>
      own(
        await client.patch({
          resourceType,
          id,
          jsonPatch: changes.map((change) => ({ ...change })) as never,
        }),
      ),
    delete: (resourceType, id) => client.delete({ resourceType, id }),
    async pages(resourceType, searchParams) {
      const pages: string[][] = [];
      let page: KitResource | undefined = await client.search({ resourceType, searchParams });
      while (page !== undefined) {
        pages.push((own<Bundle>(page).entry ?? []).map(({ resource }) => resource?.id ?? ''));
        page = await client.nextPage({ bundle: page as KitPage });
      }
      return pages;
    },
    bundle: async (bundle) =>
      own(
        bundle.type === 'batch'
          ? await client.batch({ body: theirs(bundle) })
          : await client.transaction({ body: theirs(bundle) }),
      ),
    history: async (resourceType, id) => own(await client.history({ resourceType, id })),
    reasonOf: (failure) =>
      (failure as { response?: { data: OperationOutcome } }).response?.data.issue[0]?.code,
  };
}
