/**
 * Value sets that exist by their address alone: https://hl7.org/fhir/R4/snomedct.html#implicit,
 * https://terminology.hl7.org/LOINC.html, and `<system>?vs` for a whole system.
 */
import { error, unprocessable } from '../fhir/outcome.ts';
import type { ValueSet, ValueSetComposeInclude } from '../fhir/types.ts';
import { SNOMED } from './filters.ts';
import { LOINC } from './load-loinc.ts';

/** The value set that the address means; undefined when it is no such address. Throws 422 for a part that is not supported. */
export function implicitValueSet(canonical: string): ValueSet | undefined {
  const include = includeOf(canonical);
  return (
    include && { resourceType: 'ValueSet', url: canonical, status: 'active', compose: { include: [include] } }
  );
}

function includeOf(canonical: string): ValueSetComposeInclude | undefined {
  if (canonical.startsWith(SNOMED)) {
    return ofSnomed(canonical);
  }
  if (canonical === `${LOINC}/vs`) {
    return { system: LOINC };
  }
  const parts = new RegExp(`^${LOINC}/vs/(LL?[PG]?[0-9-]+)$`).exec(canonical);
  if (parts !== null) {
    throw unsupported(`LOINC answer lists and groups (${parts[1] ?? ''}) are not loaded here.`);
  }
  const whole = /^([^?]+)\?vs$/.exec(canonical);
  return whole === null ? undefined : { system: whole[1] as string };
}

const ADDRESS = /^(http:\/\/snomed\.info\/sct(?:\/\d+(?:\/version\/\d{8})?)?)\?fhir_vs(?:=(.*))?$/s;

function ofSnomed(canonical: string): ValueSetComposeInclude | undefined {
  const [, edition = '', asked] = ADDRESS.exec(canonical) ?? [];
  if (edition === '') {
    return undefined;
  }
  const system = { system: SNOMED, ...(edition !== SNOMED && { version: edition }) };
  if (asked === undefined || asked === '') {
    return system;
  }
  const [kind, rest = ''] = split(decode(asked));
  if (kind === 'isa') {
    return { ...system, filter: [{ property: 'concept', op: 'is-a', value: rest }] };
  }
  if (kind === 'ecl') {
    return { ...system, filter: [{ property: 'constraint', op: '=', value: rest }] };
  }
  throw unsupported(
    `The SNOMED CT value set "fhir_vs=${kind}" is not supported; use isa/[code] or ecl/[constraint] (reference sets are not loaded).`,
  );
}

function split(text: string): readonly [string, string?] {
  const slash = text.indexOf('/');
  return slash === -1 ? [text] : [text.slice(0, slash), text.slice(slash + 1)];
}

/** The constraint may come percent-encoded within the address. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const unsupported = (text: string): ReturnType<typeof unprocessable> =>
  unprocessable(error('not-supported', text, undefined, 'implicit-value-set'));
