/**
 * What the compiled checks are built from: definitions by canonical, with snapshots, and what they know of each other.
 */
import type { R4Definitions } from '../content/r4.ts';
import { canonicalMap, getAnyVersion } from '../fhir/canonical-map.ts';
import type { ElementDefinition, StructureDefinition } from '../fhir/types.ts';
import { elementTree, type ElementNode } from './element-tree.ts';
import { generateSnapshot } from './snapshot.ts';

export const CORE = 'http://hl7.org/fhir/StructureDefinition/';

export interface Definitions {
  /** A definition with its snapshot: by canonical, by a known alias of it, or a base type by name. */
  get(canonicalOrType: string): StructureDefinition | undefined;
  /** The base type's own element for a path such as `Identifier.system`. */
  baseElement(path: string): ElementDefinition | undefined;
  /** The element tree of a definition, built once. */
  tree(definition: StructureDefinition): ElementNode;
  /** Whether `type` is `ancestor` or specialises it (`Patient` is a `DomainResource`). */
  isKindOf(type: string, ancestor: string): boolean;
}

export function createDefinitions(r4: R4Definitions, profiles: readonly StructureDefinition[]): Definitions {
  const own = canonicalMap(profiles);
  const withSnapshots = new Map<StructureDefinition, StructureDefinition>();
  const find = (canonical: string): StructureDefinition | undefined =>
    getAnyVersion(own, canonical) ?? r4.structureDefinitions.get(canonical);

  const get = (canonical: string): StructureDefinition | undefined => {
    const found = find(canonical) ?? find(officialCanonical(canonical));
    if (found === undefined || found.snapshot !== undefined) {
      return found;
    }
    const complete = withSnapshots.get(found) ?? generateSnapshot(found, get);
    withSnapshots.set(found, complete);
    return complete;
  };

  const trees = new Map<StructureDefinition, ElementNode>();
  const elements = new Map<string, Map<string, ElementDefinition>>();
  return {
    get,
    baseElement(path) {
      const [type = ''] = path.split('.', 1);
      const ofType = elements.get(type) ?? elementsByPath(get(type));
      elements.set(type, ofType);
      return ofType.get(path);
    },
    tree(definition) {
      const tree = trees.get(definition) ?? elementTree(definition);
      trees.set(definition, tree);
      return tree;
    },
    isKindOf: (type, ancestor) => isKindOf(type, ancestor, get),
  };
}

/** HL7 Norway's newer build names its profiles with `/ig/`; both mean the same profile. */
const officialCanonical = (canonical: string): string =>
  canonical.replace(
    /^http:\/\/hl7\.no\/fhir\/ig\/StructureDefinition\//,
    'http://hl7.no/fhir/StructureDefinition/',
  );

function elementsByPath(definition: StructureDefinition | undefined): Map<string, ElementDefinition> {
  return new Map((definition?.snapshot?.element ?? []).map((element) => [element.path ?? '', element]));
}

function isKindOf(type: string, ancestor: string, get: Definitions['get']): boolean {
  for (let name: string | undefined = type; name !== undefined; name = parentOf(get(name))) {
    if (name === ancestor) {
      return true;
    }
  }
  return false;
}

const parentOf = (definition: StructureDefinition | undefined): string | undefined =>
  definition?.baseDefinition?.startsWith(CORE) === true
    ? definition.baseDefinition.slice(CORE.length)
    : undefined;
