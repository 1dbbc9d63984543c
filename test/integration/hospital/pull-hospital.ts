/** The simulated hospital as an EHR that we fetch from: its record moves on when the test says so, and any request may fail. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { eventsOf } from '../../../demo/hospital/courses/events.ts';
import { USUAL_DAY } from '../../../demo/hospital/day/day.ts';
import { type HospitalRecord, recordOf } from '../../../demo/hospital/fhir/record.ts';
import { hospital } from '../../../demo/hospital/handler.ts';

export interface PulledHospital extends AsyncDisposable {
  readonly url: string;
  /** EHRS_FILE that names it, as `fjord`. */
  readonly ehrsFile: string;
  /** `GET /fhir/Patient?_id=p1`, in order. */
  readonly requests: string[];
  record: HospitalRecord;
  /** Answers instead of the hospital, where it returns true. */
  fault: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** The record as it is at that time of the day. */
  at(time: string): void;
  expireTokens(): void;
}

const CLIENT = 'ryggrad-henting';

export async function startPulledHospital(patients: number, settings: object = {}): Promise<PulledHospital> {
  const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'henting', alg: 'ES384', use: 'sig' }] };
  let handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> = () => Promise.resolve();
  const server = createServer((request, response) => {
    if (request.url === '/our-jwks') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(jwks));
      return;
    }
    started.requests.push(`${request.method} ${request.url}`);
    if (!started.fault(request, response)) {
      handle(request, response).catch(() => response.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), 'ryggrad-pull-'));
  const ehrsFile = join(folder, 'ehrs.json');
  await writeFile(
    join(folder, 'key.json'),
    JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'henting' }),
  );
  const pull = {
    clientId: CLIENT,
    keyFile: 'key.json',
    sender: 'hospital-journal',
    requestsPerSecond: 100,
    ...settings,
  };
  const name = { nb: 'Fjord', nn: 'Fjord', en: 'Fjord' };
  await writeFile(
    ehrsFile,
    JSON.stringify({
      ehrs: [{ id: 'fjord', name, fhirBase: `${url}/fhir`, clientId: 'x', registers: ['smertereg'], pull }],
    }),
  );
  const numbers = Array.from({ length: patients }, (_, index) => index + 1);
  const events = eventsOf(7, numbers, USUAL_DAY);
  const upTo = (time: string): HospitalRecord => recordOf(events, new Date(`${USUAL_DAY}T${time}Z`));
  const started: PulledHospital = {
    ...{ url, ehrsFile, requests: [], record: upTo('23:59:59'), fault: () => false },
    at(time) {
      started.record = upTo(time);
    },
    expireTokens: () => void one.authorization.expireTokens(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const one = await hospital({
    ...{ url, registryUrl: 'http://127.0.0.1:9', title: 'Fjord', clock: { now: () => new Date() } },
    record: () => started.record,
    patients: () => numbers.map((number) => `p${number}`),
    apps: [{ clientId: CLIENT, redirectUri: '', jwksUri: `${url}/our-jwks` }],
  });
  handle = (request, response) => one.handle(request, response);
  return started;
}
