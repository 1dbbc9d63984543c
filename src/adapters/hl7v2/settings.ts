/**
 * The file of connections (HL7V2_FILE): on which ports HL7 version 2 messages are taken, from whom, for which registered system, and how
 * their numbers and codes are to be understood. docs/integration.md shows one.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { IDENTIFIER_SYSTEMS } from '../../fhir/identifiers.ts';
import type { JsonObject } from '../../fhir/types.ts';
import {
  choice,
  type Entry,
  isObject,
  list,
  object,
  optionalList,
  optionalText,
  readJson,
  SettingsError,
  text,
} from '../settings-file.ts';
import { CHARSETS } from './charset.ts';
import { createCodeMap, type CodeMap, type FindMap } from './code-map.ts';

export interface Connection {
  readonly name: string;
  readonly port: number;
  /** Address that is listened on. */
  readonly bind: string;
  readonly tls: Tls | undefined;
  /** Registered client (`ryggrad client save`) that it speaks for. */
  readonly client: string;
  /** Who may send: MSH-3 and MSH-4. */
  readonly senders: readonly { readonly application: string; readonly facility: string }[];
  /** Of messages that do not say (MSH-18). */
  readonly charset: string;
  /** MSH-11: production, training, debugging. */
  readonly processing: readonly string[];
  /** What the systems of the sender's own numbers begin with: of contacts, of results. */
  readonly system: string;
  /** Assigning authority → system of its identifiers. */
  readonly identifiers: Readonly<Record<string, string>>;
  /** The sender's name of a unit → its number, as a reference has it. */
  readonly units: ReadonlyMap<string, JsonObject>;
  /** Where a message names none. */
  readonly unit: JsonObject | undefined;
  readonly codes: CodeMap;
  /** What is done with a result whose code no map knows. */
  readonly unmapped: Unmapped;
  /** Ways of being discharged (PV1-36) that mean death. */
  readonly died: ReadonlySet<string>;
  readonly maxBytes: number;
  readonly idleMs: number;
  readonly maxConnections: number;
}

export interface Tls {
  readonly cert: string;
  readonly key: string;
  /** Authorities of the certificates that clients show. */
  readonly ca: string;
}

const UNMAPPED = ['refuse', 'keep', 'leave-out'] as const;
export type Unmapped = (typeof UNMAPPED)[number];

const MEGABYTE = 1024 * 1024;
const MEMBERS: ReadonlySet<string> = new Set([
  ...['name', 'port', 'bind', 'tls', 'allowPlain', 'client', 'senders', 'charset', 'processing', 'system'],
  ...['identifiers', 'units', 'unit', 'codeSystems', 'maps', 'unmapped', 'died'],
  ...['maxBytes', 'idleSeconds', 'maxConnections'],
]);

/** Read the file; without one nobody is listened to. Throws SettingsError, which says what is wrong and where. */
export async function readConnections(
  path: string | undefined,
  findMap: FindMap,
): Promise<readonly Connection[]> {
  if (path === undefined) {
    return [];
  }
  const file = await readJson(path);
  if (!isObject(file)) {
    throw new SettingsError(`${path} must hold an object with "connections"`);
  }
  const entries = list(file, 'connections', path);
  const connections: Connection[] = [];
  for (const [index, entry] of entries.entries()) {
    const at = `connections[${index}]`;
    if (!isObject(entry)) {
      throw new SettingsError(`${at} must be an object`);
    }
    connections.push(await readConnection(entry, at, dirname(path), findMap));
  }
  refuseSame(connections);
  return connections;
}

async function readConnection(
  entry: Entry,
  at: string,
  folder: string,
  findMap: FindMap,
): Promise<Connection> {
  const unknown = Object.keys(entry).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) {
    throw new SettingsError(`${at}.${unknown} is not known; known are ${[...MEMBERS].join(', ')}`);
  }
  const bind = optionalText(entry, 'bind', at) ?? '127.0.0.1';
  const tls = entry['tls'] === undefined ? undefined : await readTls(object(entry, 'tls', at), at, folder);
  if (tls === undefined && !LOOPBACK.has(bind) && entry['allowPlain'] !== true) {
    throw new SettingsError(
      `${at}.tls is missing: what is heard on ${bind} travels over a network. Give it certificates, or set allowPlain to true where the network itself is encrypted`,
    );
  }
  const charset = optionalText(entry, 'charset', at) ?? 'UNICODE UTF-8';
  if (!CHARSETS.has(charset.toUpperCase())) {
    throw new SettingsError(`${at}.charset must be one of ${[...CHARSETS.keys()].join(', ')}`);
  }
  const unit = optionalText(entry, 'unit', at);
  return {
    name: text(entry, 'name', at),
    port: count(entry, 'port', at, { otherwise: undefined, least: 0, most: 65_535 }),
    bind,
    tls,
    client: text(entry, 'client', at),
    senders: list(entry, 'senders', at).map((sender, index) => readSender(sender, `${at}.senders[${index}]`)),
    charset,
    processing: optionalList(entry, 'processing', at) ?? ['P'],
    system: readSystem(text(entry, 'system', at), `${at}.system`),
    identifiers: texts(entry, 'identifiers', at),
    units: new Map(
      Object.entries(texts(entry, 'units', at)).map(([name, number]) => [
        name,
        readUnit(number, `${at}.units.${name}`),
      ]),
    ),
    unit: unit === undefined ? undefined : readUnit(unit, `${at}.unit`),
    codes: createCodeMap(
      { systems: texts(entry, 'codeSystems', at), maps: optionalList(entry, 'maps', at) ?? [] },
      findMap,
      at,
    ),
    unmapped: choice(entry, 'unmapped', at, UNMAPPED, 'refuse'),
    died: new Set(optionalList(entry, 'died', at) ?? ['20']),
    maxBytes: count(entry, 'maxBytes', at, { otherwise: 4 * MEGABYTE, least: 1024, most: 64 * MEGABYTE }),
    idleMs: 1000 * count(entry, 'idleSeconds', at, { otherwise: 300, least: 1, most: 86_400 }),
    maxConnections: count(entry, 'maxConnections', at, { otherwise: 20, least: 1, most: 1000 }),
  };
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

async function readTls(entry: Entry, at: string, folder: string): Promise<Tls> {
  const read = async (name: string): Promise<string> => {
    const path = resolve(folder, text(entry, name, `${at}.tls`));
    try {
      return await readFile(path, 'utf8');
    } catch (cause) {
      throw new SettingsError(`${at}.tls.${name}: ${path} cannot be read`, { cause });
    }
  };
  return { cert: await read('certFile'), key: await read('keyFile'), ca: await read('clientCaFile') };
}

function readSender(value: unknown, at: string): Connection['senders'][number] {
  if (!isObject(value)) {
    throw new SettingsError(`${at} must be an object with application and facility`);
  }
  return { application: text(value, 'application', at), facility: text(value, 'facility', at) };
}

/** `resh:…` or `enh:…`, as a logical reference. */
function readUnit(number: string, at: string): JsonObject {
  const [, kind = '', value = ''] = /^(resh|enh):([0-9]+)$/.exec(number) ?? [];
  if (value === '') {
    throw new SettingsError(`${at} must be resh:<number> or enh:<organisation number>`);
  }
  return { identifier: { system: IDENTIFIER_SYSTEMS[kind as 'resh' | 'enh'], value } };
}

function readSystem(value: string, at: string): string {
  if (!/^(?:https?:\/\/|urn:)\S+[^/]$/.test(value)) {
    throw new SettingsError(`${at} must be a URI without a slash at its end`);
  }
  return value;
}

/** A record of texts; empty when it is left out. */
function texts(entry: Entry, name: string, at: string): Readonly<Record<string, string>> {
  const record = entry[name] === undefined ? {} : object(entry, name, at);
  const wrong = Object.entries(record).find(([, value]) => typeof value !== 'string');
  if (wrong !== undefined) {
    throw new SettingsError(`${at}.${name}.${wrong[0]} must be a text`);
  }
  return record as Readonly<Record<string, string>>;
}

function count(
  entry: Entry,
  name: string,
  at: string,
  { otherwise, least, most }: { otherwise: number | undefined; least: number; most: number },
): number {
  const value = entry[name] ?? otherwise;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new SettingsError(`${at}.${name} must be a whole number from ${least} to ${most}`);
  }
  return value;
}

function refuseSame(connections: readonly Connection[]): void {
  const names = connections.map(({ name }) => name);
  const ports = connections.flatMap(({ port, bind }) => (port === 0 ? [] : [`${bind}:${port}`]));
  for (const all of [names, ports]) {
    const twice = all.find((one, index) => all.indexOf(one) !== index);
    if (twice !== undefined) {
      throw new SettingsError(`Two connections are called ${twice}, or listen there`);
    }
  }
}
