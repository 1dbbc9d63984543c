/**
 * Elements of a JSON object as steps of a compiled path: https://hl7.org/fhir/R4/json.html
 */

/** Adds what it selects from one node to `out`. */
export type Visit = (node: unknown, out: unknown[]) => void;
/** A part of an expression: given what comes after it, what is done with one node. No collection is made on the way. */
export type Step = (next: Visit) => Visit;

export type Members = Readonly<Record<string, unknown>>;

/** An element by its exact name; each of its values when it repeats. */
export const memberStep =
  (name: string): Step =>
  (next) =>
  (node, out) => {
    if (isObject(node)) {
      const value = node[name];
      if (value !== undefined) {
        visitEach(value, next, out);
      }
    }
  };

/** A choice element by its name without the type: `effective` finds `effectivePeriod`. */
export const choiceStep =
  (name: string): Step =>
  (next) =>
  (node, out) => {
    const key = isObject(node) ? choiceKey(node, name) : undefined;
    if (key !== undefined) {
      visitEach((node as Members)[key], next, out);
    }
  };

function choiceKey(node: Members, name: string): string | undefined {
  if (node[name] !== undefined) {
    return name;
  }
  for (const key in node) {
    if (key.length > name.length && key.startsWith(name) && CHOICE_TYPES.has(key.slice(name.length))) {
      return key;
    }
  }
  return undefined;
}

function visitEach(value: unknown, next: Visit, out: unknown[]): void {
  if (!Array.isArray(value)) {
    if (isPresent(value)) {
      next(value, out);
    }
    return;
  }
  for (const item of value) {
    if (isPresent(item)) {
      next(item, out);
    }
  }
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null;
export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Types that may follow the name of a choice element: https://hl7.org/fhir/R4/datatypes.html#open */
const CHOICE_TYPES = new Set(
  (
    'Base64Binary Boolean Canonical Code Date DateTime Decimal Id Instant Integer Markdown Oid PositiveInt String Time ' +
    'UnsignedInt Uri Url Uuid Address Age Annotation Attachment CodeableConcept Coding ContactPoint Count Distance ' +
    'Duration HumanName Identifier Money Period Quantity Range Ratio Reference SampledData Signature Timing ' +
    'ContactDetail Contributor DataRequirement Expression ParameterDefinition RelatedArtifact TriggerDefinition ' +
    'UsageContext Dosage Meta'
  ).split(' '),
);

/** Names of the choice elements of R4, without their `[x]`: only these are looked for under longer names. */
export const CHOICE_ELEMENTS: ReadonlySet<string> = new Set(
  (
    'abatement additive age allowed amount answer asNeeded author born bounds characteristic chargeItem ' +
    'code collected content created date deceased defaultValue definingSubstance definition detail ' +
    'diagnosis dose doseNumber due duration effective entity event example fastingStatus fixed identified ' +
    'indication instances item legallyBinding location manufacturer maxValue medication minValue ' +
    'minimumVolume module multipleBirth name occurred occurrence offset onset participantEffective ' +
    'pattern performed probability procedure product quantity rate reported scheduled seriesDoses ' +
    'serviced source start statusReason studyEffective subject substance target time timing topic used ' +
    'value when'
  ).split(' '),
);
