/**
 * The terminology service: what the operations, search and the validator ask. https://hl7.org/fhir/R4/terminology-service.html
 * Content in memory, loaded systems in tables and resources stored by clients are one service (sources.ts says which wins).
 */
import { formatCanonical, parseCanonical } from '../fhir/canonical.ts';
import type { Clock } from '../fhir/id.ts';
import { error, FhirError, unprocessable } from '../fhir/outcome.ts';
import type { CodeSystem, ConceptMap, ValueSet } from '../fhir/types.ts';
import type { Queryable } from '../storage/db.ts';
import { composeValueSet, type Part } from './compose.ts';
import type { Condition } from './condition.ts';
import { implicitValueSet } from './implicit.ts';
import { isListed, pageOf, type SourcedPart } from './part-source.ts';
import {
  findConceptMaps,
  findValueSets,
  ofList,
  type SourceNeeds,
  type StoredDefinitions,
  type SystemSource,
  systemSources,
} from './sources.ts';
import { systemOfValueSet } from './tables.ts';
import { type CodeExpander, type Codes, CODES_LIMIT, type Terminology } from './terminology.ts';
import { otherMaps } from './translate-maps.ts';

export interface ServiceNeeds {
  readonly terminology: Pick<Terminology, 'definitions' | 'expand'>;
  readonly db: Queryable;
  readonly clock: Clock;
}

/** Versions that a request names for systems whose version a value set leaves open, or whatever it says. */
export interface SystemVersions {
  readonly whenOpen: ReadonlyMap<string, string>;
  readonly always: ReadonlyMap<string, string>;
}

const NO_VERSIONS: SystemVersions = { whenOpen: new Map(), always: new Map() };

/** The service as one caller sees it on one day. */
export class TerminologyService {
  readonly db: Queryable;
  readonly day: string;
  private readonly needs: SourceNeeds;

  constructor({ terminology, db, clock }: ServiceNeeds, stored: StoredDefinitions, day?: string) {
    this.db = db;
    this.day = day ?? clock.now().toISOString().slice(0, 10);
    this.needs = { definitions: terminology.definitions, stored, db, day: this.day };
  }

  /** A value set by canonical, implicit ones too; undefined when it is not known. Throws 422 for implicit ones that are not supported. */
  async valueSet(canonical: string): Promise<ValueSet | undefined> {
    const found =
      (await findValueSets(this.needs, [canonical])).get(canonical) ?? implicitValueSet(canonical);
    if (found !== undefined) {
      return found;
    }
    const system = await systemOfValueSet(this.db, parseCanonical(canonical).url);
    return system === undefined
      ? undefined
      : { resourceType: 'ValueSet', url: canonical, status: 'active', compose: { include: [{ system }] } };
  }

  /** The parts of a value set with what answers for their systems: two queries, and one for each level of imports. */
  async parts(valueSet: ValueSet, versions: SystemVersions = NO_VERSIONS): Promise<readonly SourcedPart[]> {
    const parts = (
      await composeValueSet(valueSet, (canonicals) => findValueSets(this.needs, canonicals))
    ).map((part) => withVersion(part, versions));
    const sources = await systemSources(this.needs, [...new Set(parts.map(canonicalOf))]);
    return parts.map((part) => ({ ...part, source: sources.get(canonicalOf(part)) }));
  }

  /** A code system by url and version. */
  async system(url: string, version?: string): Promise<SystemSource | undefined> {
    const canonical = formatCanonical(url, version);
    return (await systemSources(this.needs, [canonical])).get(canonical);
  }

  /** The system that a CodeSystem resource is: itself, or what is loaded under its url when it holds no concepts. */
  async systemOf(resource: CodeSystem): Promise<SystemSource | undefined> {
    const isEmpty = (resource.concept ?? []).length === 0;
    return isEmpty && resource.url !== undefined
      ? await this.system(resource.url, resource.version)
      : ofList(resource);
  }

  /** Concept maps by canonical, and those that their groups hand over to. */
  async conceptMaps(canonicals: readonly string[]): Promise<ReadonlyMap<string, ConceptMap>> {
    const first = await findConceptMaps(this.needs, canonicals);
    return await this.withOthers(first);
  }

  /** The map with those that its groups hand over to. */
  async withOthers(maps: ReadonlyMap<string, ConceptMap>): Promise<ReadonlyMap<string, ConceptMap>> {
    const others = [...new Set([...maps.values()].flatMap(otherMaps))].filter(
      (canonical) => !maps.has(canonical),
    );
    return others.length === 0 ? maps : new Map([...maps, ...(await findConceptMaps(this.needs, others))]);
  }

  /** Every map that may be read: content, stored, base; in that order. */
  async allConceptMaps(): Promise<readonly ConceptMap[]> {
    const { definitions, stored } = this.needs;
    const all = [
      ...definitions.own.conceptMaps(),
      ...(await stored.conceptMaps()),
      ...definitions.base.conceptMaps(),
    ];
    const distinct = new Map(
      all.toReversed().map((map) => [formatCanonical(map.url ?? map.id ?? '', map.version), map]),
    );
    return [...distinct.values()].toReversed();
  }
}

const canonicalOf = ({ system, version }: Part): string => formatCanonical(system, version);

function withVersion(part: Part, { whenOpen, always }: SystemVersions): Part {
  const version = always.get(part.system) ?? part.version ?? whenOpen.get(part.system);
  return version === undefined ? part : { ...part, version };
}

/** What search asks, answered for what all callers may read. */
export function createCodeExpander(needs: ServiceNeeds, shared: StoredDefinitions): CodeExpander {
  const service = (): TerminologyService => new TerminologyService(needs, shared);
  return {
    async expandCodes(canonical) {
      const small = needs.terminology.expand(canonical);
      if (small !== undefined && needs.terminology.definitions.own.valueSet(canonical) !== undefined) {
        return small.length > CODES_LIMIT
          ? { kind: 'too-many', limit: CODES_LIMIT }
          : { kind: 'codes', codes: small.map(({ system, code }) => ({ system, code })) };
      }
      const asked = service();
      const valueSet = await asked.valueSet(canonical);
      return valueSet === undefined
        ? { kind: 'unknown', what: canonical }
        : await codesOfParts(asked, await asked.parts(valueSet));
    },
    descendants: (system, code) => codesOfCondition(service(), system, code, { kind: 'is-a', code }),
    ancestors: (system, code) => codesOfCondition(service(), system, code, { kind: 'above', code }),
  };
}

async function codesOfCondition(
  service: TerminologyService,
  system: string,
  code: string,
  condition: Condition,
): Promise<Codes> {
  const source = await service.system(system);
  if (source === undefined) {
    return { kind: 'unknown', what: system };
  }
  const found = await codesOfParts(service, [{ system, condition, texts: new Map(), source }]);
  return found.kind === 'codes' && found.codes.length === 0
    ? { kind: 'unknown', what: `${system}|${code}` }
    : found;
}

/** Parts whose system is not here make the whole answer unknown; an answer without them would be wrong. */
async function codesOfParts(service: TerminologyService, parts: readonly SourcedPart[]): Promise<Codes> {
  const codes: { system: string; code: string }[] = [];
  for (const part of parts) {
    if (isIncomplete(part)) {
      return { kind: 'unknown', what: part.system };
    }
    const page = await pageOf(service.db, part, { offset: 0, count: CODES_LIMIT + 1 - codes.length });
    codes.push(...page.concepts.map(({ concept }) => ({ system: part.system, code: concept.code })));
    if (codes.length > CODES_LIMIT) {
      return { kind: 'too-many', limit: CODES_LIMIT };
    }
  }
  return { kind: 'codes', codes };
}

/** Whether codes may be missing; a hierarchy that is not there is the refusal of part-source.ts. */
const isIncomplete = ({ source, condition }: SourcedPart): boolean => {
  if (isListed(condition)) {
    return false;
  }
  return source?.kind === 'table' ? source.loaded.meta.isFragment === true : source?.list.isComplete !== true;
};

/** 404 with the rule `value-set-unknown`. */
export const valueSetUnknown = (canonical: string): FhirError =>
  new FhirError(
    404,
    error(
      'not-found',
      `The value set ${canonical.slice(0, 500)} is not known here.`,
      undefined,
      'value-set-unknown',
    ),
  );

/** 422 for a question about a system that is not here. */
export const systemUnknown = (url: string, version?: string): FhirError =>
  unprocessable(
    error(
      'not-found',
      `The code system ${url.slice(0, 500)}${version === undefined ? '' : ` version ${version}`} is not known here.`,
      undefined,
      'system-unknown',
    ),
  );
