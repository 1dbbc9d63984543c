/**
 * Step d: an analytics platform pulls what is national, pseudonymised: search Bundles, and a bulk export as NDJSON.
 * https://hl7.org/fhir/uv/bulkdata/export.html
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Observation, Patient, Resource } from '../../src/fhir/types.ts';
import type { FhirClient } from './fhir-client.ts';
import { WalkError } from './narrator.ts';
import type { Registered } from './push.ts';
import type { Walk } from './walk.ts';

/** Two persons of the walk: one with consent, one without. */
export interface Stores {
  readonly national: Registered;
  readonly local: Registered;
}

export async function searchNational(
  walk: Walk,
  client: FhirClient,
  { national, local }: Stores,
): Promise<void> {
  const { narrator } = walk;
  const [known] = await client.search<Patient>(`Patient?_id=${national.patient}`);
  narrator.check(
    'the person with consent is there: PasientID and year of birth, no name, no identity number',
    known !== undefined &&
      known.name === undefined &&
      known.birthDate?.length === 4 &&
      known.identifier?.every(({ system }) => system?.endsWith('/pasient-id')) === true,
    known,
  );
  narrator.check(
    'the person without consent is not',
    (await client.search(`Patient?_id=${local.patient}`)).length === 0,
  );
  const pain = await client.search<Observation>(
    `Observation?patient=${national.patient}&code=strongest-pain-rest`,
  );
  narrator.check(
    'the corrected pain score (7) replaced the first one (6)',
    pain.length === 1 && pain[0]?.valueQuantity?.value === 7,
    pain.map(({ valueQuantity }) => valueQuantity?.value),
  );
}

/** Kick off, wait, fetch every file; the resources. */
export async function bulkExport(walk: Walk, client: FhirClient): Promise<readonly Resource[]> {
  const started = await client.request('$export', {
    headers: { prefer: 'respond-async', accept: 'application/fhir+json' },
  });
  const status = started.headers.get('content-location');
  if (started.status !== 202 || status === null) {
    throw new WalkError(`$export was answered ${started.status}: ${await started.text()}`);
  }
  const { output } = await finished(client, status);
  const resources: Resource[] = [];
  for (const { url } of output) {
    const file = await client.request(url, { headers: { accept: 'application/fhir+ndjson' } });
    const lines = (await file.text()).split('\n').filter((line) => line !== '');
    resources.push(...lines.map((line) => JSON.parse(line) as Resource));
  }
  walk.narrator.say(`${resources.length} resources in ${output.length} NDJSON files.`);
  return resources;
}

interface Manifest {
  readonly output: readonly { readonly type: string; readonly url: string }[];
}

/** Ask for the status as often as the server says that one may. */
async function finished(client: FhirClient, status: string): Promise<Manifest> {
  for (let attempt = 0; attempt < 120; attempt++) {
    const answer = await client.request(status, { headers: { accept: 'application/json' } });
    if (answer.status === 200) {
      return (await answer.json()) as Manifest;
    }
    if (answer.status !== 202 && answer.status !== 429) {
      throw new WalkError(`The export ended with ${answer.status}: ${await answer.text()}`);
    }
    await answer.body?.cancel();
    await wait(1000 * Number(answer.headers.get('retry-after') ?? 1));
  }
  throw new WalkError('The export did not finish in two minutes.');
}

export function checkExport(
  { narrator }: Walk,
  resources: readonly Resource[],
  { national, local }: Stores,
): void {
  const text = JSON.stringify(resources);
  narrator.check(
    'the export has the national pathway: its forms and facts',
    text.includes(`EpisodeOfCare/${national.episode}`) && text.includes(`Patient/${national.patient}`),
  );
  narrator.check(
    'nothing of the local one, and no identity number anywhere',
    !text.includes(local.patient) &&
      !text.includes(local.episode) &&
      !/"urn:oid:2\.16\.578\.1\.12\.4\.1\.4\.[123]"/.test(text),
  );
}
