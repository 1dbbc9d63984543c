/**
 * What a profile adds to its base type, compiled: cardinality, fixed values and patterns, bindings, invariants, allowed
 * types and targets, slices. Elements that a profile leaves as they are cost nothing.
 * https://hl7.org/fhir/R4/profiling.html
 */
import type { ElementDefinition, JsonObject, StructureDefinition } from '../fhir/types.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { bindingChecks } from './bindings.ts';
import { CORE, type Definitions } from './definitions.ts';
import { belongsTo } from './discriminators.ts';
import type { ElementNode } from './element-tree.ts';
import { choiceStem, elementTypes, type ElementType } from './element-types.ts';
import { invariantCheck } from './invariants.ts';
import { itemsFinder, type Item, type ItemsOf } from './items.ts';
import { limitChecks } from './limits.ts';
import { wantedValueCheck } from './pattern.ts';
import { isPrimitive } from './primitives.ts';
import { referenceCheck } from './references.ts';
import { targetProfileCheck, targetTypes } from './target-profiles.ts';
import { errorsOf, fail, isObject, type Check, type Run } from './run.ts';
import { discriminatorsOf, slicingCheck, type GroupCheck } from './slicing.ts';

export interface LayerNeeds {
  readonly definitions: Definitions;
  readonly terminology: Terminology;
  readonly profileCheck: (canonical: string) => Check | undefined;
}

type ItemCheck = (item: Item, run: Run) => void;

/** The check of a value against a profile of its type, beyond what the type itself asks. */
export function profileLayer(definition: StructureDefinition, needs: LayerNeeds): Check {
  const tree = needs.definitions.tree(definition);
  const basePath = definition.kind === 'resource' ? undefined : definition.type;
  const rules = newConstraints(
    tree.definition,
    needs.definitions.get(definition.type ?? '')?.snapshot?.element?.[0],
  );
  const checks = rules.flatMap((constraint) => invariantCheck(constraint, basePath) ?? []);
  const wanted = wantedValueCheck(tree.definition);
  const members = membersLayer(tree, needs);
  return (value, at, run) => {
    wanted?.(value, at, run);
    for (const check of checks) {
      check(value, at, run);
    }
    if (isObject(value)) {
      members?.(value, at, run);
    }
  };
}

type ObjectCheck = (value: JsonObject, at: string, run: Run) => void;

function membersLayer(node: ElementNode, needs: LayerNeeds): ObjectCheck | undefined {
  const members = node.children.flatMap((child) => {
    const check = elementLayer(child, needs);
    const name = choiceStem(child.name) ?? child.name;
    return check === undefined ? [] : [{ check, point: `.${name}`, find: itemsFinder(child) as ItemsOf }];
  });
  if (members.length === 0) {
    return undefined;
  }
  return (value, at, run) => {
    for (const { find, check, point } of members) {
      check(find(value, at), at + point, run);
    }
  };
}

type Discriminators = ReturnType<typeof discriminatorsOf>;

/** Everything a profile asks of one element, or of one slice of it (sliced again by the same discriminators); undefined when it asks nothing new. */
function elementLayer(
  node: ElementNode,
  needs: LayerNeeds,
  inherited?: Discriminators,
): GroupCheck | undefined {
  const base =
    node.definition.base?.path === undefined
      ? undefined
      : needs.definitions.baseElement(node.definition.base.path);
  const groups = [...countChecks(node.definition, base), ...sliceGroups(node, needs, inherited)];
  const each = itemChecks(node, base, needs);
  if (groups.length === 0 && each.length === 0) {
    return undefined;
  }
  return (items, at, run) => {
    for (const check of groups) {
      check(items, at, run);
    }
    for (const item of items) {
      for (const check of each) {
        check(item, run);
      }
    }
  };
}

function countChecks(
  { min = 0, max = '*', sliceName }: ElementDefinition,
  base: ElementDefinition | undefined,
): readonly GroupCheck[] {
  const what = sliceName === undefined ? 'The profile' : `The profile, for "${sliceName}",`;
  const checks: GroupCheck[] = [];
  if (min > (base?.min ?? 0) || (sliceName !== undefined && min > 0)) {
    checks.push((items, at, run) => {
      if (items.length < min) {
        fail(
          run,
          'required',
          'cardinality',
          at,
          `${what} asks for at least ${min} here; there ${counted(items.length)}.`,
        );
      }
    });
  }
  if (max !== '*' && max !== base?.max) {
    checks.push((items, at, run) => {
      if (items.length > Number(max)) {
        fail(
          run,
          'structure',
          'cardinality',
          at,
          `${what} allows at most ${max} here; there ${counted(items.length)}.`,
        );
      }
    });
  }
  return checks;
}

const counted = (count: number): string => (count === 1 ? 'is 1' : `are ${count}`);

function sliceGroups(
  node: ElementNode,
  needs: LayerNeeds,
  inherited: Discriminators | undefined,
): readonly GroupCheck[] {
  if (node.slices.length === 0) {
    return [];
  }
  const own = node.definition.slicing?.discriminator ?? [];
  const discriminators = own.length === 0 && inherited !== undefined ? inherited : discriminatorsOf(node);
  const slices = node.slices.map((slice) => ({
    node: slice,
    belongs: belongsTo(slice, discriminators, needs),
    check: elementLayer(slice, needs, discriminators) ?? (() => undefined),
  }));
  return [slicingCheck(node, slices)];
}

function itemChecks(
  node: ElementNode,
  base: ElementDefinition | undefined,
  needs: LayerNeeds,
): readonly ItemCheck[] {
  const { definition } = node;
  const members = membersLayer(node, needs);
  const wanted = wantedValueCheck(definition);
  const limits = isNewLimit(definition, base) ? limitChecks(definition) : [];
  return [
    ...typeChecks(definition, base, needs),
    ...(wanted === undefined ? [] : [present(wanted)]),
    ...limits.map(present),
    ...bindings(definition, base, needs.terminology),
    ...newConstraints(definition, base).map((constraint) => typedInvariant(definition, constraint)),
    ...(members === undefined
      ? []
      : [
          ({ value, at }: Item, run: Run): void =>
            isObject(value) ? members(value, at, within(value, at, run)) : undefined,
        ]),
  ];
}

/** Below a nested resource, `%resource` and references are that resource's. */
function within(value: JsonObject, at: string, run: Run): Run {
  if (typeof value['resourceType'] !== 'string' || at === run.resourceAt) {
    return run;
  }
  const isContained = /\.contained\[[0-9]+\]$/.test(at);
  return {
    ...run,
    resource: value,
    resourceAt: at,
    root: isContained ? run.root : value,
    outer: isContained ? run.outer : run,
  };
}

/** A check of values that are there (a primitive with extensions only has none). */
const present =
  (check: Check): ItemCheck =>
  ({ value, at }, run) =>
    value === null ? undefined : check(value, at, run);

const isNewLimit = (definition: ElementDefinition, base: ElementDefinition | undefined): boolean =>
  definition.maxLength !== base?.maxLength ||
  Object.keys(definition).some((key) => /^(?:min|max)Value[A-Z]|^extension$/.test(key));

function bindings(
  { binding }: ElementDefinition,
  base: ElementDefinition | undefined,
  terminology: Terminology,
): readonly ItemCheck[] {
  const isInherited =
    binding?.strength === base?.binding?.strength &&
    unversioned(binding?.valueSet) === unversioned(base?.binding?.valueSet);
  if (binding === undefined || isInherited) {
    return [];
  }
  const byType = new Map<string, readonly Check[]>();
  return [
    ({ value, at, type }, run) => {
      const checks = byType.get(type) ?? bindingChecks(type, binding, terminology);
      byType.set(type, checks);
      checks.forEach((check) => (value === null ? undefined : check(value, at, run)));
    },
  ];
}

const unversioned = (canonical: string | undefined): string | undefined => canonical?.split('|', 1)[0];

type Constraint = NonNullable<ElementDefinition['constraint']>[number];

function newConstraints(
  { constraint = [] }: ElementDefinition,
  base: ElementDefinition | undefined,
): readonly Constraint[] {
  const known = new Set((base?.constraint ?? []).map(({ key }) => key));
  return constraint.filter(
    ({ key = '', source }) => !known.has(key) && !isCoreType(source) && !INHERITED.has(key),
  );
}

/** Keys that every element or resource carries from the base specification. */
const INHERITED = new Set(['ele-1', 'ext-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'dom-6']);

/** Base types have names in capitals or of primitives and no hyphen; core profiles are in lower case. */
const isCoreType = (source: string | undefined): boolean =>
  source !== undefined &&
  source.startsWith(CORE) &&
  /^[A-Z][A-Za-z]+(?:\||$)/.test(source.slice(CORE.length));

function typedInvariant({ base, path = '' }: ElementDefinition, constraint: Constraint): ItemCheck {
  const byType = new Map<string, Check | undefined>();
  return ({ value, at, type }, run) => {
    if (value === null) {
      return;
    }
    if (!byType.has(type)) {
      const isInline = isPrimitive(type) || type === 'BackboneElement' || type === 'Element';
      byType.set(type, invariantCheck(constraint, isInline ? (base?.path ?? path).replace('[x]', '') : type));
    }
    byType.get(type)?.(value, at, run);
  };
}

/** Allowed types, profiles on them and reference targets, where they differ from the base element's. */
function typeChecks(
  definition: ElementDefinition,
  base: ElementDefinition | undefined,
  needs: LayerNeeds,
): readonly ItemCheck[] {
  const types = elementTypes(definition);
  const baseTypes = base === undefined ? [] : elementTypes(base);
  const checks: ItemCheck[] = [];
  if (definition.path?.endsWith('[x]') === true && types.length < baseTypes.length) {
    checks.push(allowedTypes(types));
  }
  for (const type of types) {
    const inherited = baseTypes.find(({ code }) => code === type.code);
    if (type.code === 'Reference' && !isSameList(type.targetProfiles, inherited?.targetProfiles ?? [])) {
      const check = inBoth(
        referenceTargets(targetTypes(type.targetProfiles, needs.definitions)),
        targetProfileCheck(type.targetProfiles, needs),
      );
      checks.push((item, run) => (item.type === 'Reference' ? check(item.value, item.at, run) : undefined));
    }
    if (type.code !== 'Extension' && !isSameList(type.profiles, inherited?.profiles ?? [])) {
      checks.push(profiledType(type, needs));
    }
  }
  return checks;
}

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => unversioned(item) === unversioned(b[index]));

function allowedTypes(types: readonly ElementType[]): ItemCheck {
  const codes = new Set(types.map(({ code }) => code));
  return ({ type, at }, run) => {
    if (!codes.has(type)) {
      fail(run, 'structure', 'type', at, `The profile allows ${[...codes].join(' or ')} here, not ${type}.`);
    }
  };
}

const inBoth =
  (first: Check, second: Check): Check =>
  (value, at, run) => {
    first(value, at, run);
    second(value, at, run);
  };

/** Reports wrong targets only: the base walk has collected the reference. */
function referenceTargets(types: readonly string[]): Check {
  const check = referenceCheck(types);
  return (value, at, run) => {
    run.issues.push(...errorsOf(run, (aside) => check(value, at, aside)));
  };
}

/** With several profiles one of them is enough; profiles that are not known here cannot be held against the value. */
function profiledType({ code, profiles }: ElementType, { profileCheck }: LayerNeeds): ItemCheck {
  let checks: readonly (Check | undefined)[] | undefined;
  return ({ value, at, type }, run) => {
    if (type !== code && code !== 'Resource') {
      return;
    }
    checks ??= profiles.map((profile) => profileCheck(profile));
    const known = checks.filter((check) => check !== undefined);
    if (known.length < checks.length || known.length === 0) {
      return;
    }
    const faults = known.map((check) => errorsOf(run, (aside) => check(value, at, aside)));
    if (faults.every(({ length }) => length > 0)) {
      run.issues.push(...(faults[0] ?? []));
    }
  };
}
