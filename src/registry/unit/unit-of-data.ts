/**
 * The unit that data name: where it was done, or whose the practitioner is who did it, else where the contact was.
 * resolve-units.ts has made references of organisation numbers and RESH ids before.
 */
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, Reference } from '../../fhir/types.ts';
import type { WriteScope } from '../../repository/rules.ts';

/** Elements that may name a unit, or a practitioner's role in one, in this order. */
const NAMING = [
  'serviceProvider',
  'performer',
  'managingOrganization',
  'recorder',
  'asserter',
  'informationSource',
];
const WITHIN = ['onBehalfOf', 'actor'];

export interface NamedUnit {
  /** Organization id; undefined when none is named that is known here. */
  readonly unit: string | undefined;
  /** A number is given that nobody here knows. */
  readonly isUnknown: boolean;
}

/** The unit of a resource, as it stands in the write. */
export async function unitOfData(scope: Pick<WriteScope, 'get'>, resource: JsonObject): Promise<NamedUnit> {
  const named = NAMING.flatMap((name) => referencesIn(resource[name]));
  const unit = named.map((one) => idOfReference(one, 'Organization')).find((id) => id !== undefined);
  if (unit !== undefined) {
    return { unit, isUnknown: false };
  }
  const ofRole = await unitOfRole(scope, named);
  return {
    unit: ofRole ?? (await unitOfContact(scope, resource)),
    isUnknown: named.some(({ reference, identifier }) => reference === undefined && identifier !== undefined),
  };
}

/** References in an element that is one, a list of them, or a list of who did what. */
function referencesIn(value: unknown): readonly Reference[] {
  if (Array.isArray(value)) {
    return value.flatMap(referencesIn);
  }
  if (value === null || typeof value !== 'object') {
    return [];
  }
  const within = WITHIN.flatMap((name) => referencesIn((value as JsonObject)[name]));
  return within.length > 0 ? within : [value as Reference];
}

async function unitOfRole(
  scope: Pick<WriteScope, 'get'>,
  named: readonly Reference[],
): Promise<string | undefined> {
  const id = named.map((one) => idOfReference(one, 'PractitionerRole')).find((one) => one !== undefined);
  const role = id === undefined ? undefined : await scope.get({ type: 'PractitionerRole', id });
  return idOfReference(role?.['organization'] as Reference | undefined, 'Organization');
}

async function unitOfContact(
  scope: Pick<WriteScope, 'get'>,
  resource: JsonObject,
): Promise<string | undefined> {
  const reference = (resource['encounter'] ?? resource['context']) as Reference | undefined;
  const id = idOfReference(reference, 'Encounter');
  const encounter = id === undefined ? undefined : await scope.get({ type: 'Encounter', id });
  return idOfReference(encounter?.['serviceProvider'] as Reference | undefined, 'Organization');
}
