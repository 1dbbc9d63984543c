/**
 * Codes of messages as codings: the systems that a sender's names stand for, and the translations of the concept maps that a connection
 * names. https://hl7.org/fhir/R4/conceptmap.html
 */
import type { Coding, ConceptMap } from '../../fhir/types.ts';
import { nearestOf } from '../../registry/dump/nearest.ts';
import { UCUM } from '../../search/ucum.ts';
import { SettingsError } from '../settings-file.ts';

export type FindMap = (canonical: string) => ConceptMap | undefined;

export interface CodeMap {
  /** System of a name in HL7 table 0396 (CWE.3); undefined for one that is not known. */
  systemOf(name: string): string | undefined;
  /** What a code is elsewhere: translations that mean the same, in the order of the maps. */
  translate(system: string, code: string): readonly Coding[];
  /** `Nearest are …`, among the codes of this system that the maps know. */
  nearest(system: string, code: string): string;
  /** Do the maps know codes of this system? */
  knows(system: string): boolean;
}

/** Names that everybody uses: https://terminology.hl7.org/CodeSystem-v2-0396.html */
const SYSTEMS: Readonly<Record<string, string>> = {
  LN: 'http://loinc.org',
  SCT: 'http://snomed.info/sct',
  UCUM,
  ATC: 'http://www.whocc.no/atc',
  I10: 'urn:oid:2.16.578.1.12.4.1.1.7110',
  NCSP: 'urn:oid:2.16.578.1.12.4.1.1.7210',
};

/** A code of a sender: what it calls it, and what it is elsewhere. */
interface Mapped {
  readonly display: string;
  readonly codings: readonly Coding[];
}

const SAME: ReadonlySet<string> = new Set(['equal', 'equivalent', 'wider', 'subsumes']);

/** Throws SettingsError for a map that is not in the content. */
export function createCodeMap(
  { systems, maps }: { readonly systems: Readonly<Record<string, string>>; readonly maps: readonly string[] },
  findMap: FindMap,
  at: string,
): CodeMap {
  const names = new Map([...Object.entries(SYSTEMS), ...Object.entries(systems)]);
  const bySystem = new Map<string, Map<string, Mapped>>();
  for (const [index, canonical] of maps.entries()) {
    const map = findMap(canonical);
    if (map === undefined) {
      throw new SettingsError(`${at}.maps[${index}]: no register here has ${canonical}`);
    }
    for (const { source, target, element } of map.group ?? []) {
      const codes = bySystem.get(source ?? '') ?? new Map<string, Mapped>();
      bySystem.set(source ?? '', codes);
      for (const { code = '', display = '', target: targets } of element ?? []) {
        const codings = [...(codes.get(code)?.codings ?? []), ...codingsOf(target, targets)];
        codes.set(code, { display, codings });
      }
    }
  }
  const codesOf = (system: string) => bySystem.get(system) ?? new Map<string, Mapped>();
  return {
    systemOf: (name) => names.get(name) ?? (/^(?:https?:\/\/|urn:)/.test(name) ? name : undefined),
    translate: (system, code) => codesOf(system).get(code)?.codings ?? [],
    nearest: (system, code) =>
      nearestOf(
        code,
        [...codesOf(system)].map(([known, { display }]) => ({ code: known, display })),
      ),
    knows: (system) => bySystem.has(system),
  };
}

type Targets = NonNullable<NonNullable<ConceptMap['group']>[number]['element']>[number]['target'];

const codingsOf = (system: string | undefined, targets: Targets): readonly Coding[] =>
  (targets ?? [])
    .filter(({ equivalence, code }) => code !== undefined && SAME.has(equivalence ?? ''))
    .map(({ code, display }) => ({
      ...(system !== undefined && { system }),
      ...(code !== undefined && { code }),
      ...(display !== undefined && { display }),
    }));
