/**
 * The issuers file: JSON `{"issuers": […]}`, one entry for each issuer that is trusted. docs/operations.md shows one.
 */
import { dirname, resolve } from 'node:path';
import { parseScope } from '../../access/scopes.ts';
import {
  choice,
  isObject,
  list,
  optionalList,
  optionalText,
  privateKey,
  readJson,
  SettingsError,
  text,
  url,
  type Entry,
} from '../../adapters/settings-file.ts';
import type { ClaimNames, Grant, Issuer, IssuerApi, IssuerLogin } from './issuer.ts';
import { type Preset, PRESETS } from './presets.ts';

const KINDS: readonly string[] = ['ehr', 'analytics', 'staff'];
const MAX_PROOF_SECONDS = 300;
const PROOF_SECONDS = 10;

/** Read the file; no file, no issuers. Throws SettingsError, which names the entry and what it should be. */
export async function readIssuers(path: string | undefined): Promise<readonly Issuer[]> {
  if (path === undefined) {
    return [];
  }
  const content = await readJson(path);
  if (!isObject(content)) {
    throw new SettingsError(`${path} must hold an object with a list "issuers"`);
  }
  const entries = list(content, 'issuers', path);
  const issuers = await Promise.all(
    entries.map((entry, i) => toIssuer(entry, `issuers[${i}]`, dirname(path))),
  );
  refuseDoubles(issuers);
  return issuers;
}

async function toIssuer(entry: unknown, at: string, folder: string): Promise<Issuer> {
  if (!isObject(entry)) {
    throw new SettingsError(`${at} must be an object`);
  }
  const preset = PRESETS[optionalText(entry, 'preset', at) ?? 'oidc'];
  if (preset === undefined) {
    throw new SettingsError(`${at}.preset must be ${Object.keys(PRESETS).join(' or ')}`);
  }
  const id = text(entry, 'id', at);
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(id)) {
    throw new SettingsError(`${at}.id must be a short name of lower-case letters, digits and hyphens`);
  }
  const issuer = url(entry, 'issuer', at);
  const levels = optionalList(entry, 'levels', at) ?? preset.levels;
  return {
    id,
    issuer,
    name: optionalText(entry, 'name', at) ?? preset.name,
    metadataUrl:
      entry['metadata'] === undefined
        ? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
        : url(entry, 'metadata', at),
    claims: toClaims(entry['claims'], `${at}.claims`, preset),
    ...(levels !== undefined && { levels }),
    ...(entry['api'] !== undefined && { api: toApi(entry['api'], `${at}.api`, preset) }),
    ...(entry['login'] !== undefined && {
      login: await toLogin(entry['login'], `${at}.login`, preset, folder),
    }),
  };
}

function toClaims(entry: unknown, at: string, preset: Preset): ClaimNames {
  if (entry === undefined) {
    return preset.claims;
  }
  if (!isObject(entry)) {
    throw new SettingsError(`${at} must be an object of claim names`);
  }
  const names = (['pid', 'hpr', 'level', 'clientName'] as const).flatMap((name) => {
    const value = optionalText(entry, name, at);
    return value === undefined ? [] : [[name, value] as const];
  });
  const organisation = optionalList(entry, 'organisation', at) ?? preset.claims.organisation;
  return { ...preset.claims, organisation, ...Object.fromEntries(names) };
}

function toApi(entry: unknown, at: string, preset: Preset): IssuerApi {
  if (!isObject(entry)) {
    throw new SettingsError(`${at} must be an object`);
  }
  const algorithms = optionalList(entry, 'algorithms', at) ?? preset.algorithms;
  if (!algorithms.every((name) => /^(?:(?:RS|PS|ES)(?:256|384|512)|EdDSA|Ed25519)$/.test(name))) {
    throw new SettingsError(`${at}.algorithms must be asymmetric signatures, such as PS256`);
  }
  const clients = optionalList(entry, 'clients', at);
  return {
    audience: text(entry, 'audience', at),
    algorithms,
    proof: choice(entry, 'dpop', at, ['required', 'optional'], preset.proof),
    proofSeconds: proofSeconds(entry, at),
    grants: list(entry, 'grants', at).map((grant, i) => toGrant(grant, `${at}.grants[${i}]`)),
    ...(clients !== undefined && { clients }),
  };
}

function proofSeconds(entry: Entry, at: string): number {
  const seconds = entry['proofSeconds'] ?? PROOF_SECONDS;
  if (typeof seconds !== 'number' || !(seconds >= 1 && seconds <= MAX_PROOF_SECONDS)) {
    throw new SettingsError(`${at}.proofSeconds must be a number from 1 to ${MAX_PROOF_SECONDS}`);
  }
  return seconds;
}

function toGrant(entry: unknown, at: string): Grant {
  if (!isObject(entry)) {
    throw new SettingsError(`${at} must be an object`);
  }
  const kind = text(entry, 'kind', at);
  const opens = list(entry, 'opens', at).map(String);
  const registers = optionalList(entry, 'registers', at) ?? [];
  if (!KINDS.includes(kind)) {
    throw new SettingsError(`${at}.kind must be ehr, analytics or staff`);
  }
  if (opens.length === 0 || opens.some((scope) => parseScope(scope) === undefined)) {
    throw new SettingsError(`${at}.opens must be SMART scopes, such as system/*.cruds`);
  }
  if (kind === 'analytics' && registers.length === 0) {
    throw new SettingsError(`${at}.registers must name the registers that may be read`);
  }
  return { scope: text(entry, 'scope', at), kind: kind as Grant['kind'], opens, registers };
}

async function toLogin(entry: unknown, at: string, preset: Preset, folder: string): Promise<IssuerLogin> {
  if (!isObject(entry)) {
    throw new SettingsError(`${at} must be an object`);
  }
  const key = await privateKey(resolve(folder, text(entry, 'keyFile', at)), `${at}.keyFile`);
  const acr = optionalText(entry, 'acr', at) ?? preset.login.acr;
  return {
    clientId: text(entry, 'clientId', at),
    key,
    scopes: optionalList(entry, 'scopes', at) ?? preset.login.scopes,
    proof: choice(entry, 'dpop', at, ['required', 'none'], preset.login.proof),
    ...(acr !== undefined && { acr }),
  };
}

function refuseDoubles(issuers: readonly Issuer[]): void {
  for (const name of ['id', 'issuer'] as const) {
    const values = issuers.map((issuer) => issuer[name]);
    const double = values.find((value, i) => values.indexOf(value) !== i);
    if (double !== undefined) {
      throw new SettingsError(`Two issuers have the same ${name}, ${double}`);
    }
  }
}
