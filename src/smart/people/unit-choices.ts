/**
 * The units as an applicant finds them: region, organisation, clinic, department.
 */
import type { Unit } from '../../registry/unit/unit-tree.ts';

/** An organisation [HF] with its departments, in groups by clinic. */
export interface OrganisationChoice {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly clinics: readonly ClinicChoice[];
}

export interface ClinicChoice {
  readonly name: string;
  readonly departments: readonly { readonly id: string; readonly name: string }[];
}

/** Organisations in the order of their region and name: the second level of the tree, with the leaves below each. */
export function organisationChoices(units: readonly Unit[]): readonly OrganisationChoice[] {
  const childrenOf = (id: string): readonly Unit[] =>
    units.filter(({ partOf }) => partOf === id).sort(byName);
  const known = new Set(units.map(({ id }) => id));
  const regions = units.filter(({ partOf }) => partOf === undefined || !known.has(partOf)).sort(byName);
  return regions.flatMap((region) =>
    childrenOf(region.id).map((organisation) => ({
      id: organisation.id,
      name: organisation.name,
      region: region.name,
      clinics: clinicsOf(organisation, childrenOf),
    })),
  );
}

/** Leaves grouped by what they lie in; an organisation without anything below is its own department. */
function clinicsOf(organisation: Unit, childrenOf: (id: string) => readonly Unit[]): readonly ClinicChoice[] {
  const groups = (parent: Unit): readonly ClinicChoice[] => {
    const children = childrenOf(parent.id);
    const leaves = children.filter(({ id }) => childrenOf(id).length === 0);
    const inner = children.filter(({ id }) => childrenOf(id).length > 0);
    return [
      ...(leaves.length > 0
        ? [{ name: parent.name, departments: leaves.map(({ id, name }) => ({ id, name })) }]
        : []),
      ...inner.flatMap(groups),
    ];
  };
  const found = groups(organisation);
  return found.length > 0
    ? found
    : [{ name: organisation.name, departments: [{ id: organisation.id, name: organisation.name }] }];
}

const byName = (one: Unit, other: Unit): number => one.name.localeCompare(other.name, 'nb');
