/** The whole server and the simulated hospital that knows it, each on a port of its own. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SENDERS, type SenderId } from '../../../demo/hospital/organisation.ts';
import {
  type ClientFile,
  type RegistryClient,
  registryClient,
} from '../../../demo/hospital/push/registry-client.ts';
import type { HospitalMessage } from '../../../demo/hospital/day/day.ts';
import type { Delivered } from '../../../demo/hospital/push/send-day.ts';
import type { Bundle, EpisodeOfCare, Resource } from '../../../src/fhir/types.ts';
import type { TestApp } from '../../support/app.ts';

/** The hospital's systems as clients of the server, with the keys that its demo mode wrote. */
export async function hospitalClients({ url, config }: TestApp): Promise<Record<SenderId, RegistryClient>> {
  const ids = Object.keys(SENDERS) as SenderId[];
  const clients = ids.map(async (sender) => {
    const file = await readFile(join(config.dataDir, 'demo', `hospital-${sender}-client.json`), 'utf8');
    return [sender, registryClient({ registryUrl: url, client: JSON.parse(file) as ClientFile })] as const;
  });
  return Object.fromEntries(await Promise.all(clients)) as Record<SenderId, RegistryClient>;
}

/** A message and its answer in a line, for a test that fails. */
export const toldBy = ({ message, answer }: Delivered): string =>
  `${message.about} [${message.mess.join(' ')}] must be ${message.expectation.becomes}: ${answer?.status ?? 'no answer'} ${answer?.body.slice(0, 400) ?? ''}`;

type States = HospitalMessage['states'];

/** What the server knows of each thing, and what it must know: what the sender itself finds by its own ids. */
export async function known(
  clients: Readonly<Record<SenderId, RegistryClient>>,
  states: States,
): Promise<{
  readonly expected: Readonly<Record<string, unknown>>;
  readonly found: Readonly<Record<string, unknown>>;
}> {
  const expected = Object.fromEntries(
    Object.entries(states).flatMap(([key, resource]) => (resource === null ? [] : [[key, gist(resource)]])),
  );
  const found: Record<string, unknown> = {};
  const asked = Map.groupBy(Object.keys(states), (key) => key.slice(0, key.lastIndexOf('|')));
  for (const [group, keys] of asked) {
    const [type = '', system = ''] = group.split('|');
    const sender = Object.values(SENDERS).find(({ idSystem }) => idSystem === system)?.id as SenderId;
    for (let from = 0; from < keys.length; from += 50) {
      const names = keys.slice(from, from + 50).map((key) => key.slice(type.length + 1));
      const { body } = await clients[sender].get(`${type}?identifier=${names.join(',')}&_count=200`);
      for (const resource of resourcesOf(body)) {
        found[`${group}|${ownId(resource)}`] = gist(resource);
      }
    }
  }
  return { expected, found };
}

const resourcesOf = (body: string): readonly Resource[] =>
  ((JSON.parse(body) as Bundle).entry ?? []).flatMap(({ resource }) => resource ?? []);

const ownId = (resource: Resource): string =>
  (resource as { readonly identifier?: readonly { readonly value?: string }[] }).identifier?.[0]?.value ?? '';

const TOLD = [
  'status',
  'verificationStatus',
  'period',
  'performedDateTime',
  'performedPeriod',
  'authoredOn',
  'recordedDate',
  'effectiveDateTime',
  'effectivePeriod',
  'valueInteger',
  'valueBoolean',
  'valueQuantity',
  'valueCodeableConcept',
  'medicationCodeableConcept',
  'provision',
];

/** What a resource says, as far as everybody spells it alike; codes of diagnoses without their dot. */
function gist(resource: Resource): unknown {
  const { code } = resource as {
    readonly code?: { readonly coding?: readonly { readonly code?: string }[] };
  };
  return {
    ...Object.fromEntries(
      TOLD.flatMap((name) => (name in resource ? [[name, resource[name as keyof Resource]]] : [])),
    ),
    codes: code?.coding?.map((one) => one.code?.replace('.', '')),
  };
}

/** The registers that pathways were opened in, as far as the hospital's systems see. */
export async function pathwaySystems(
  clients: Readonly<Record<SenderId, RegistryClient>>,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const client of Object.values(clients)) {
    const { body } = await client.get('EpisodeOfCare?_count=200');
    for (const { type } of resourcesOf(body) as readonly EpisodeOfCare[]) {
      found.add(/CodeSystem\/(.+)-pathway$/.exec(type?.[0]?.coding?.[0]?.system ?? '')?.[1] ?? '');
    }
  }
  return [...found].sort();
}
