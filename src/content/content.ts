/**
 * The content of all registers, read once, checked, indexed and frozen.
 */
import type { InstrumentIndex } from './instruments.ts';
import type { Register } from './register.ts';
import type {
  ActivityDefinition,
  CodeSystem,
  ConceptMap,
  PlanDefinition,
  Questionnaire,
  Resource,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from '../fhir/types.ts';

/** Definitional resources by canonical. `get('http://x')` gives the newest version, `get('http://x|1.0')` that one. */
export interface CanonicalIndex<T extends Resource> {
  get(canonical: string): T | undefined;
  all(): readonly T[];
}

export interface Content {
  readonly profiles: CanonicalIndex<StructureDefinition>;
  readonly searchParameters: CanonicalIndex<SearchParameter>;
  readonly questionnaires: CanonicalIndex<Questionnaire>;
  readonly valueSets: CanonicalIndex<ValueSet>;
  readonly codeSystems: CanonicalIndex<CodeSystem>;
  readonly conceptMaps: CanonicalIndex<ConceptMap>;
  readonly plans: CanonicalIndex<PlanDefinition>;
  readonly activities: CanonicalIndex<ActivityDefinition>;
  /** What forms are scored by. */
  readonly instruments: InstrumentIndex;
  readonly registers: readonly Register[];
  /** Every artefact, in load order, to be served as resources. */
  readonly artefacts: readonly Resource[];
  /** File of an artefact, relative to its content root, by `url|version`. */
  readonly files: ReadonlyMap<string, string>;
}
