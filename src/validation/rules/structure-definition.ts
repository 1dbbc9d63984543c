/**
 * A profile that can be used: https://hl7.org/fhir/R4/structuredefinition.html
 * Its differential can be laid over its base, and the profiles it names are for the types they stand at.
 */
import type { JsonObject, StructureDefinition } from '../../fhir/types.ts';
import { CORE, type Definitions } from '../definitions.ts';
import { fail, isObject, listOf, shown, stringOf, type Check, type Run } from '../run.ts';
import { generateSnapshot } from '../snapshot.ts';

export const structureDefinitionRules =
  (definitions: Definitions): Check =>
  (definition, at, run) => {
    if (!isObject(definition) || !isObject(definition['differential'])) {
      return;
    }
    for (const [index, element] of listOf(definition['differential']['element']).entries()) {
      if (isObject(element)) {
        typeProfiles(element, `${at}.differential.element[${index}]`, definitions, run);
      }
    }
    const base = stringOf(definition['baseDefinition']) ?? '';
    if (definition['derivation'] === 'constraint' && definitions.get(base) !== undefined) {
      snapshotFault(definition, at, definitions, run);
    }
  };

function snapshotFault(definition: JsonObject, at: string, { get }: Definitions, run: Run): void {
  try {
    generateSnapshot(definition as unknown as StructureDefinition, get);
  } catch (cause) {
    const reason = cause instanceof Error ? shown(cause.message) : '';
    fail(
      run,
      'invalid',
      'snapshot',
      `${at}.differential`,
      `No snapshot can be made of the differential: ${reason}`,
    );
  }
}

/** Types whose profiles may be of another type: resources, and parts of a resource. */
const OPEN_TYPES = new Set([
  'Resource',
  'DomainResource',
  'BackboneElement',
  'Element',
  'Reference',
  'canonical',
]);

function typeProfiles(element: JsonObject, at: string, definitions: Definitions, run: Run): void {
  for (const [index, type] of listOf(element['type']).entries()) {
    const code = isObject(type) ? (stringOf(type['code']) ?? '') : '';
    for (const profile of isObject(type) && !OPEN_TYPES.has(code) ? listOf(type['profile']) : []) {
      const named = typeof profile === 'string' ? definitions.get(profile) : undefined;
      if (named?.type !== undefined && named.type !== code && named.url !== CORE + code) {
        const text = `The profile ${shown(String(profile))} is for ${named.type}, but the element is of type ${shown(code)}.`;
        fail(run, 'invalid', 'type-profile', `${at}.type[${index}].profile`, text);
      }
    }
  }
}
