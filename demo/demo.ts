/**
 * Demo mode: units, people, clients and a simulated EHR, so that a laptop has everything the walk needs.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { App, AppOptions } from '../src/app.ts';
import type { Clock } from '../src/fhir/id.ts';
import { SYSTEM } from '../src/access/principal.ts';
import type { Config } from '../src/config.ts';
import { NO_LABELS } from '../src/repository/batch.ts';
import type { Operation } from '../src/repository/operation.ts';
import type { DemoSystem } from '../src/smart/demo-seed.ts';
import type { Ehr } from '../src/smart/ehr.ts';
import type { DemoHints } from '../src/app/web-deps.ts';
import { DEMO_CLIENT_ID, demoEhr, demoFhirBase } from './ehr/router.ts';
import { fhirBaseOf, REGISTRY_CLIENT } from './hospital/handler.ts';
import { SENDERS, type SenderId } from './hospital/organisation.ts';
import {
  demoDirectory,
  ENDOSCOPY,
  HOSPITAL_TRUST,
  HOSPITAL_TRUST_NUMBER,
  INFECTION,
  PAIN_CLINIC,
  peopleOf,
  roleId,
  SPINE_SURGERY,
} from './organizations.ts';

/** The register that the demo plays in. */
export const DEMO_REGISTER = 'smertereg';

const demoEhrUrl = ({ publicUrl }: Config): string => `${publicUrl}/demo/ehr`;

/** The simulated EHRs as launch partners: the one that is a part of us, and the hospital beside us. */
export const demoEhrs = (config: Config): readonly Ehr[] => [
  {
    fhirBase: demoFhirBase(demoEhrUrl(config)),
    id: 'demojournal',
    name: { nb: 'Demojournal', nn: 'Demojournal', en: 'Demo EHR' },
    clientId: DEMO_CLIENT_ID,
    authentication: { method: 'private_key_jwt' },
    registers: [DEMO_REGISTER],
    unit: HOSPITAL_TRUST_NUMBER,
    frameOrigins: [],
    staffMapping: 'agreed',
    writeBack: 'DocumentReference',
    transport: 'http',
  },
  {
    fhirBase: fhirBaseOf(hospitalUrl(config)),
    id: 'fjordheim',
    name: { nb: 'Fjordheim journal', nn: 'Fjordheim journal', en: 'Fjordheim EHR' },
    clientId: REGISTRY_CLIENT,
    authentication: { method: 'private_key_jwt' },
    registers: launchedFrom(config),
    unit: HOSPITAL_TRUST_NUMBER,
    frameOrigins: [hospitalUrl(config)],
    staffMapping: 'agreed',
    writeBack: 'DocumentReference',
    transport: 'http',
  },
];

/** Registers whose forms somebody fills: those that the hospital's record opens, as far as they are here. */
const launchedFrom = ({ contentRoot }: Config): readonly string[] =>
  ['smertereg', 'nnrr', 'nkr'].filter((register) => existsSync(join(contentRoot, 'registers', register)));

/** Where the simulated hospital stands when it is started beside us (`npm run hospital`): ten ports above. */
const hospitalUrl = ({ port }: Config): string => `http://127.0.0.1:${port + 10}`;

/** The units that the hospital's systems send for. */
const SENDING_UNITS: Readonly<Record<SenderId, string>> = {
  journal: HOSPITAL_TRUST,
  kirurgi: SPINE_SURGERY,
  endoskopi: ENDOSCOPY,
  infeksjon: INFECTION,
};

/** The hospital's systems that send to registers that are here. */
const hospitalSystems = (registers: readonly string[]): readonly DemoSystem[] =>
  Object.values(SENDERS).map(({ id, name, registers: own }) => ({
    id: `hospital-${id}`,
    name,
    units: [SENDING_UNITS[id]],
    registers: own.filter((register) => registers.includes(register)),
  }));

/** Make what is not there yet; safe at every start. Fills the hints that the pages show. */
export async function prepareDemo({
  app,
  config,
  hints,
}: {
  readonly app: App;
  readonly config: Config;
  readonly hints: DemoHints;
}): Promise<void> {
  const people = peopleOf(app.registers);
  await app.repository.commit(
    { principal: SYSTEM, requestId: 'demo', interaction: 'load-content' },
    demoDirectory(people).map((resource): Operation => ({
      kind: 'update',
      type: resource['resourceType'] as string,
      id: resource['id'] as string,
      resource,
      labels: NO_LABELS,
    })),
  );
  const { passwords } = await app.smart.seedDemo({
    dataDir: config.dataDir,
    register: DEMO_REGISTER,
    department: PAIN_CLINIC,
    ehrUnit: HOSPITAL_TRUST,
    systems: hospitalSystems(app.registers),
    accounts: Object.fromEntries(
      people.map((person) => [
        person.account,
        { name: `${person.given} ${person.family}`, practitionerRoles: [roleId(person)] },
      ]),
    ),
  });
  hints.accounts = people.map(({ account, about }) => ({
    username: account,
    password: passwords[account] ?? '',
    about,
  }));
  hints.links = [
    { href: '/demo/ehr', text: 'Simulert journalsystem', about: 'Åpne et registerskjema fra journalen' },
    { href: '/fhir/metadata', text: 'CapabilityStatement', about: 'Hva FHIR-tjenesten kan' },
  ];
}

/** The simulated EHR's own pages and API. */
export async function demoRoutes(config: Config, clock: Clock): Promise<AppOptions['mounts']> {
  const router = await demoEhr({ url: demoEhrUrl(config), registryUrl: config.publicUrl, clock });
  return [{ path: '/demo/ehr', router }];
}
