/** The whole server with a connection for HL7 version 2, and messages about synthetic persons. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle, JsonObject } from '../../../src/fhir/types.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { type HttpClient } from '../../support/http-client.ts';
import { type MllpClient, mllpClient } from '../../support/mllp.ts';
import { syntheticNumber } from '../../support/synthetic-number.ts';

export const SYSTEM = 'https://fjordheim.example/id';
export const LOCAL = 'https://fjordheim.example/id/pid';

export const settings = (port = 0): JsonObject => ({
  name: 'fjordheim',
  port,
  client: 'ehr-demo',
  senders: [
    { application: 'LAB', facility: 'FJORDHEIM' },
    { application: 'PAS', facility: 'FJORDHEIM' },
  ],
  system: SYSTEM,
  identifiers: {
    FNR: 'urn:oid:2.16.578.1.12.4.1.4.1',
    DNR: 'urn:oid:2.16.578.1.12.4.1.4.2',
    FJORDHEIM: LOCAL,
  },
  units: { INFPOL: 'resh:9990007', RYGG: 'resh:9990005' },
  codeSystems: { L: 'https://ryggrad.no/fhir/NamingSystem/hl7v2-lab-example' },
  maps: ['https://ryggrad.no/fhir/ConceptMap/norhiv-lab|1.0.0'],
  idleSeconds: 60,
  maxBytes: 100_000,
});

export async function hl7File(...connections: readonly JsonObject[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ryggrad-hl7-'));
  const path = join(folder, 'hl7v2.json');
  await writeFile(path, JSON.stringify({ connections }));
  return path;
}

export interface Hl7Server extends AsyncDisposable {
  readonly server: TestApp;
  readonly port: number;
  readonly file: string;
  readonly ehr: HttpClient;
  /** Over a connection of its own that stays open. */
  readonly line: MllpClient;
  /** Resources that a search finds. */
  found(query: string): Promise<readonly JsonObject[]>;
}

export async function startHl7Server(): Promise<Hl7Server> {
  const file = await hl7File(settings());
  const server = await startTestApp({ HL7V2_FILE: file });
  const [listener] = await server.app.hl7v2.start();
  const port = listener?.port ?? 0;
  const ehr = await server.client('ehr');
  const line = await mllpClient(port);
  return {
    ...{ server, port, file, ehr, line },
    async found(query) {
      const { body } = await ehr.get(`fhir/${query}`);
      return ((body as Bundle).entry ?? []).map(({ resource }) => resource as unknown as JsonObject);
    },
    async [Symbol.asyncDispose]() {
      line[Symbol.dispose]();
      await server.app.hl7v2.stop();
      await server[Symbol.asyncDispose]();
    },
  };
}

let messages = 0;
/** `YYYYMMDDHHMMSS+0000`. */
export const stamp = (minutesAgo: number): string =>
  `${new Date(Date.now() - minutesAgo * 60_000).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}+0000`;

export const head = (
  event: string,
  { ago = 5, id = `M${(messages += 1)}`, app = 'PAS', version = '2.5.1', charset = 'UNICODE UTF-8' } = {},
): string =>
  `MSH|^~\\&|${app}|FJORDHEIM|RYGGRAD|SKDE|${stamp(ago)}||${event}|${id}|P|${version}||||||${charset}`;

export const person = (seed: number, more = ''): string => {
  const { number, birthDate, gender } = syntheticNumber(seed);
  return `PID|1||${number}^^^FNR^NNNOR${more}||Prøve^Nora^Maria||${birthDate.replaceAll('-', '')}|${gender === 'male' ? 'M' : 'F'}|||Prøveveien 1^^Bergen^^5003^NO^H||90000000^PRN^CP`;
};

/** PV1 with its number, unit, and times of coming and going. */
export const contact = (
  visit: string,
  { unit = 'INFPOL', kind = 'I', from = '', to = '', out = '' } = {},
): string => {
  const fields = Array.from({ length: 46 }, () => '');
  fields[0] = 'PV1';
  fields[1] = '1';
  fields[2] = kind;
  fields[3] = `${unit}^12^B`;
  fields[19] = visit;
  fields[36] = out;
  fields[44] = from;
  fields[45] = to;
  return fields.join('|').replace(/\|+$/, '');
};

export const order = (number: string, taken = '20260218083000'): string =>
  `OBR|1||${number}|HIV^Hivkontroll^L|||${taken}`;

export const result = (
  set: number,
  code: string,
  { type = 'NM', value = '', unit = '', range = '', flag = '', state = 'F' },
): string => `OBX|${set}|${type}|${code}^^L||${value}|${unit}|${range}|${flag}|||${state}`;

export const lines = (...segments: readonly string[]): string => segments.join('\n');
/** `AA`, `AE` or `AR`. */
export const verdictOf = (answer: readonly string[]): string | undefined => answer[1]?.split('|')[1];
export const errorsOf = (answer: readonly string[]): readonly (readonly string[])[] =>
  answer.filter((segment) => segment.startsWith('ERR')).map((segment) => segment.split('|'));
