/**
 * The types of an element, as the checks need them: https://hl7.org/fhir/R4/elementdefinition.html
 */
import type { ElementDefinition } from '../fhir/types.ts';

const SYSTEM_TYPE = 'http://hl7.org/fhirpath/System.';
const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';

export interface ElementType {
  readonly code: string;
  readonly profiles: readonly string[];
  readonly targetProfiles: readonly string[];
}

/** The types an element may have; System types become the FHIR primitive they stand for. */
export function elementTypes({ type = [], base, path = '' }: ElementDefinition): readonly ElementType[] {
  return type.map(({ code = '', extension, profile = [], targetProfile = [] }) => {
    const fhirType = extension?.find(({ url }) => url === FHIR_TYPE);
    return {
      code: code.startsWith(SYSTEM_TYPE) ? systemType(base?.path ?? path, fhirType?.valueUrl) : code,
      profiles: profile,
      targetProfiles: targetProfile,
    };
  });
}

function systemType(basePath: string, fhirType: string | undefined): string {
  return basePath === 'Resource.id' ? 'id' : (fhirType ?? 'string');
}

export const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** `value[x]` → `value`; undefined for an element that is no choice. */
export const choiceStem = (name: string): string | undefined =>
  name.endsWith('[x]') ? name.slice(0, -3) : undefined;

/** Type codes that a choice element's suffix can name, by suffix: `Quantity`, `String` → `string`. */
const SUFFIX_TYPES = new Map(
  (
    'base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid positiveInt string time ' +
    'unsignedInt uri url uuid Address Age Annotation Attachment CodeableConcept Coding ContactPoint Count Distance ' +
    'Duration HumanName Identifier Money Period Quantity Range Ratio Reference SampledData Signature Timing ' +
    'ContactDetail Contributor DataRequirement Expression ParameterDefinition RelatedArtifact TriggerDefinition ' +
    'UsageContext Dosage Meta'
  )
    .split(' ')
    .map((type) => [capitalised(type), type] as const),
);

/** The type of a choice element's member (`valueQuantity` of `value` → `Quantity`); undefined for other members. */
export const choiceType = (key: string, stem: string): string | undefined =>
  key.startsWith(stem) ? SUFFIX_TYPES.get(key.slice(stem.length)) : undefined;
