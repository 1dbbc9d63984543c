/**
 * What was fetched from a record, as writes: a Bundle (collection) of one person's resources as the record has them, each with its
 * address there. They are known again by it, as those of messages are (message-bundle.ts).
 */
import { copyExactNumbers } from '../../fhir/json.ts';
import { IDENTIFIER_SYSTEMS, normaliseIdentifierSystem } from '../../fhir/identifiers.ts';
import type { Shapes } from '../../fhir/shape.ts';
import type { JsonObject, JsonValue } from '../../fhir/types.ts';
import type { Operation } from '../../repository/operation.ts';
import { ADDRESS, byAddress, changesOf } from './message-bundle.ts';

interface Entry {
  readonly fullUrl: string;
  readonly resource?: JsonObject;
  readonly request?: { readonly method: string; readonly url: string };
}

/** References to these stay references: what they name comes along. All others become names of what is in the record. */
const BROUGHT: ReadonlySet<string> = new Set(['Patient', 'Encounter']);

/**
 * The writes of what was fetched; each has the time of the record's version (IR-05), and never one ahead of `now`. An entry
 * without a resource has been taken out of the record. Organizations stand last, for their numbers only. Throws 400.
 */
export function recordOperations(bundle: JsonObject, shapes: Shapes, now: Date): readonly Operation[] {
  const entries = (bundle['entry'] ?? []) as unknown as readonly Entry[];
  const there = entries.filter(({ resource }) => resource !== undefined);
  const units = new Map(
    there.filter(isUnit).map(({ fullUrl, resource }) => [fullUrl, resource as JsonObject]),
  );
  const records = there.filter((entry) => !isUnit(entry));
  const brought = new Set(
    records.filter(({ resource }) => BROUGHT.has(typeOf(resource))).map(({ fullUrl }) => fullUrl),
  );
  const prepared = records.map(({ fullUrl, resource = {} }) => ({
    fullUrl,
    resource: withNames(resource, { base: baseOf(fullUrl, typeOf(resource)), brought, units }),
  }));
  const changes = changesOf({ ...bundle, entry: prepared as unknown as JsonValue }, shapes);
  return [
    ...changes.map((operation, at): Operation => {
      const sentAt = versionTime(records[at]?.resource, now);
      return sentAt === undefined ? operation : { ...operation, sentAt };
    }),
    ...entries
      .filter(({ resource }) => resource === undefined)
      .map(({ fullUrl, request }): Operation => ({
        kind: 'delete',
        type: request?.url.split('/')[0] ?? '',
        condition: byAddress(fullUrl),
      })),
  ];
}

const typeOf = (resource: JsonObject | undefined): string => String(resource?.['resourceType']);
const isUnit = ({ resource }: Entry): boolean => typeOf(resource) === 'Organization';
const baseOf = (fullUrl: string, type: string): string => fullUrl.slice(0, fullUrl.lastIndexOf(`/${type}/`));

/** When the record's version is from; undefined when it does not say. */
function versionTime(resource: JsonObject | undefined, now: Date): Date | undefined {
  const { lastUpdated } = (resource?.['meta'] ?? {}) as { readonly lastUpdated?: string };
  const time = Date.parse(lastUpdated ?? '');
  return Number.isNaN(time) ? undefined : new Date(Math.min(time, now.getTime()));
}

interface Names {
  readonly base: string;
  readonly brought: ReadonlySet<string>;
  readonly units: ReadonlyMap<string, JsonObject>;
}

/** References that stay, or logical ones: https://hl7.org/fhir/R4/references.html#logical */
function withNames<T extends JsonValue>(value: T, names: Names): T {
  if (Array.isArray(value)) {
    return (value as readonly JsonValue[]).map((item) => withNames(item, names)) as unknown as T;
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const object = value as JsonObject;
  const { reference } = object;
  const next =
    typeof reference === 'string'
      ? named(object, reference, names)
      : Object.fromEntries(Object.entries(object).map(([key, member]) => [key, withNames(member, names)]));
  copyExactNumbers(object, next);
  return next as unknown as T;
}

function named(object: JsonObject, reference: string, { base, brought, units }: Names): JsonObject {
  const address = addressOf(reference, base);
  if (reference.startsWith('#') || brought.has(address)) {
    return { ...object, reference: reference.startsWith('#') ? reference : address };
  }
  const { reference: _there, ...rest } = object;
  if ('identifier' in rest) {
    return rest;
  }
  const unit = units.get(address);
  const number = unit === undefined ? undefined : numberOf(unit);
  if (number !== undefined) {
    return { ...rest, identifier: number, ...withDisplay(rest, unit) };
  }
  return /(?:^|\/)Organization\//.test(reference)
    ? { ...rest, ...withDisplay(rest, unit, reference) }
    : { ...rest, identifier: { system: ADDRESS, value: address } };
}

/** Without the version: what is meant is what is in the record. */
function addressOf(reference: string, base: string): string {
  const plain = reference.replace(/\/_history\/[A-Za-z0-9\-.]{1,64}$/, '');
  return /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.test(plain) ? `${base}/${plain}` : plain;
}

const UNIT_NUMBERS: readonly string[] = [IDENTIFIER_SYSTEMS.resh, IDENTIFIER_SYSTEMS.enh];

/** What the unit is known by outside its record. */
function numberOf({ identifier }: JsonObject): JsonObject | undefined {
  const all = (Array.isArray(identifier) ? identifier : []) as readonly JsonObject[];
  const known = all.map((one) => ({ one, system: normaliseIdentifierSystem(String(one['system'])) }));
  const found = UNIT_NUMBERS.map((system) => known.find((each) => each.system === system)).find(Boolean);
  const value = found?.one['value'];
  return found === undefined || typeof value !== 'string' ? undefined : { system: found.system, value };
}

const withDisplay = (
  { display }: JsonObject,
  unit: JsonObject | undefined,
  otherwise?: string,
): { readonly display?: JsonValue } => {
  const shown = display ?? unit?.['name'] ?? otherwise;
  return shown === undefined ? {} : { display: shown };
};
