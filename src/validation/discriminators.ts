/**
 * Discriminators: https://hl7.org/fhir/R4/profiling.html#discriminator
 * Compiled from a slice's own elements: what its fixed values, patterns, required bindings, types and profiles ask for at
 * the discriminator's path.
 */
import type { ElementDefinitionSlicingDiscriminator, JsonObject, JsonValue } from '../fhir/types.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { isInValueSet } from './bindings.ts';
import type { Definitions } from './definitions.ts';
import type { ElementNode } from './element-tree.ts';
import { elementTypes } from './element-types.ts';
import { itemsFinder, type Item } from './items.ts';
import { wantedValue } from './pattern.ts';
import { targetAtHand, targetTypeOf } from './references.ts';
import { meets, targetTypes } from './target-profiles.ts';
import { errorsOf, isObject, stringOf, type Check, type Run } from './run.ts';
import type { Belongs } from './slicing.ts';

export interface DiscriminatorNeeds {
  readonly definitions: Definitions;
  readonly terminology: Terminology;
  readonly profileCheck: (canonical: string) => Check | undefined;
}

/** A value belongs to the slice when it meets every discriminator that the slice says something about; undefined when it says nothing that can be told here. */
export function belongsTo(
  slice: ElementNode,
  discriminators: readonly ElementDefinitionSlicingDiscriminator[],
  needs: DiscriminatorNeeds,
): Belongs | undefined {
  const tests = discriminators.flatMap(({ type = 'value', path = '$this' }) => {
    const test = matcher(slice, stepsOf(path), END[type] ?? END.value, needs);
    return test === undefined ? [] : [test];
  });
  return tests.length === 0 ? undefined : (item, run) => tests.every((test) => test(item, run));
}

/** `code.coding`, `$this`, `extension('http://x').value`, `value.ofType(Quantity)`, `resolve()` → steps. */
function stepsOf(path: string): readonly string[] {
  const steps = path.match(/[A-Za-z]+\('[^']*'\)|[A-Za-z]+\([A-Za-z]*\)|[A-Za-z0-9[\]]+/g) ?? [];
  return steps.filter((step) => step !== 'this');
}

type Test = (item: Item, run: Run) => boolean;
/** What the slice asks of the value at the end of the path; undefined when it asks nothing. */
type End = (node: ElementNode, needs: DiscriminatorNeeds) => Test | undefined;

function matcher(
  node: ElementNode,
  steps: readonly string[],
  end: End,
  needs: DiscriminatorNeeds,
): Test | undefined {
  const [step, ...rest] = steps;
  if (step === undefined || (step.startsWith('resolve(') && rest.length === 0)) {
    return end === endOfExists ? undefined : end(node, needs);
  }
  if (step.startsWith('resolve(')) {
    return resolvedMatcher(node, rest, end, needs);
  }
  if (step.startsWith('ofType(')) {
    const type = step.slice(7, -1);
    const inner = matcher(node, rest, end, needs);
    return (item, run) => item.type === type && (inner === undefined || inner(item, run));
  }
  if (step === 'url' && node.name.toLowerCase().endsWith('extension')) {
    return urlTest(node) ?? memberMatcher(node, step, rest, end, needs);
  }
  return wantedMatcher(node, steps) ?? memberMatcher(node, step, rest, end, needs);
}

/** What the reference leads to, where it is at hand, by the elements of the first target profile. */
function resolvedMatcher(
  node: ElementNode,
  steps: readonly string[],
  end: End,
  needs: DiscriminatorNeeds,
): Test | undefined {
  const [profile] = elementTypes(node.definition).flatMap(({ targetProfiles }) => targetProfiles);
  const definition = profile === undefined ? undefined : needs.definitions.get(profile);
  const test = definition && matcher(needs.definitions.tree(definition), steps, end, needs);
  return (
    test &&
    (({ value, at }, run) => {
      const target = isObject(value) ? targetAtHand(value, run) : undefined;
      return target !== undefined && test({ value: target, at, type: String(target['resourceType']) }, run);
    })
  );
}

/** Extension slices are told by the url of the extension's definition. */
function urlTest(node: ElementNode): Test | undefined {
  const profile = elementTypes(node.definition)[0]?.profiles[0];
  const url = profile?.split('|', 1)[0];
  return url === undefined ? undefined : ({ value }) => isObject(value) && value['url'] === url;
}

/** A fixed value or pattern above the path's end decides by its part below. */
function wantedMatcher(node: ElementNode, steps: readonly string[]): Test | undefined {
  const wanted = wantedValue(node.definition);
  if (wanted === undefined || !hasPath(wanted.value, steps)) {
    return undefined;
  }
  return ({ value }) => wanted.matches(value);
}

function hasPath(value: JsonValue | undefined, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) {
    return value !== undefined;
  }
  const values = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  return values.some((item) => isObject(item) && hasPath(item[step], rest));
}

/** Some value of the member meets what its definition asks, and each required slice of it is met by some value. */
function memberMatcher(
  node: ElementNode,
  step: string,
  rest: readonly string[],
  end: End,
  needs: DiscriminatorNeeds,
): Test | undefined {
  const child = childOf(node, step, needs);
  if (child === undefined) {
    return undefined;
  }
  if (end === endOfExists && rest.length === 0) {
    return existence(child);
  }
  const url = /^extension\('(.*)'\)$/.exec(step)?.[1];
  const required = child.slices.filter(({ definition }) => (definition.min ?? 0) > 0);
  const tests = [child, ...required].flatMap((candidate) => matcher(candidate, rest, end, needs) ?? []);
  const find = itemsFinder(child);
  if (tests.length === 0) {
    return undefined;
  }
  return ({ value, at }, run) => {
    const items = isObject(value)
      ? find(value, at).filter((item) => url === undefined || urlOf(item) === url)
      : [];
    return tests.every((test) => items.some((item) => test(item, run)));
  };
}

const urlOf = ({ value }: Item): string | undefined => (isObject(value) ? stringOf(value['url']) : undefined);

function existence({ definition }: ElementNode & object): Test | undefined {
  const find = itemsFinder({ definition, name: lastPart(definition.path ?? ''), children: [], slices: [] });
  if (definition.max === '0') {
    return ({ value, at }) => isObject(value) && find(value, at).length === 0;
  }
  return (definition.min ?? 0) > 0
    ? ({ value, at }) => isObject(value) && find(value, at).length > 0
    : undefined;
}

const lastPart = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** The member's definition in the slice; else in the profile or type that the slice names. */
function childOf(
  node: ElementNode,
  step: string,
  { definitions }: DiscriminatorNeeds,
): ElementNode | undefined {
  const extensionUrl = /^extension\('(.*)'\)$/.exec(step)?.[1];
  const name = extensionUrl === undefined ? step : 'extension';
  const own = node.children.find((child) => child.name === name || child.name === `${name}[x]`);
  if (extensionUrl !== undefined) {
    return (
      own?.slices.find(
        (slice) => elementTypes(slice.definition)[0]?.profiles.includes(extensionUrl) === true,
      ) ?? own
    );
  }
  const [type] = elementTypes(node.definition);
  const definition =
    own === undefined && type !== undefined ? definitions.get(type.profiles[0] ?? type.code) : undefined;
  return (
    own ??
    (definition && childOf({ ...definitions.tree(definition) }, step, { definitions } as DiscriminatorNeeds))
  );
}

const endOfValue: End = (node, needs) => {
  const wanted = wantedValue(node.definition);
  if (wanted !== undefined) {
    return ({ value }) => wanted.matches(value);
  }
  const bound = boundTest(node, needs);
  const parts = node.children.flatMap((child) => {
    const isAsked = (child.definition.min ?? 0) > 0 || wantedValue(child.definition) !== undefined;
    return isAsked ? (memberMatcher(node, child.name.replace('[x]', ''), [], endOfValue, needs) ?? []) : [];
  });
  const tests = bound === undefined ? parts : [bound, ...parts];
  return tests.length === 0 ? undefined : (item, run) => tests.every((test) => test(item, run));
};

/** A required binding tells the slice by membership of its value set. */
function boundTest({ definition }: ElementNode, { terminology }: DiscriminatorNeeds): Test | undefined {
  const { binding, sliceName } = definition;
  const valueSet = binding?.strength === 'required' && sliceName !== undefined ? binding.valueSet : undefined;
  return valueSet === undefined
    ? undefined
    : ({ value, type }) => isInValueSet(type, valueSet, terminology)(value);
}

const endOfType: End = ({ definition }, { definitions }) => {
  const types = elementTypes(definition);
  const codes = new Set(types.map(({ code }) => code));
  const targets = new Set(types.flatMap(({ targetProfiles }) => targetTypes(targetProfiles, definitions)));
  return ({ value, type }, run) => {
    if (!codes.has(type) && !codes.has('Resource')) {
      return false;
    }
    const target = type === 'Reference' && isObject(value) ? targetTypeOf(value, run) : undefined;
    return target === undefined || targets.size === 0 || targets.has(target);
  };
};

const endOfProfile: End = ({ definition }, { definitions, profileCheck }) => {
  const types = elementTypes(definition);
  const profiles = types.flatMap((type) => type.profiles);
  const targets = new Set(types.flatMap(({ targetProfiles }) => targetTypes(targetProfiles, definitions)));
  const checks = profiles.flatMap((profile) => profileCheck(profile) ?? []);
  if (checks.length === 0 && targets.size === 0) {
    return undefined;
  }
  const targetProfiles = types.flatMap((type) => type.targetProfiles);
  const meetsTarget = (target: JsonObject, at: string, run: Run): boolean =>
    targetProfiles.some((profile) => {
      const check = profileCheck(profile);
      return check !== undefined && meets(target, check, at, run);
    });
  return ({ value, at, type }, run) => {
    if (type === 'Reference' && targets.size > 0) {
      const target = isObject(value) ? targetAtHand(value, run) : undefined;
      return target === undefined
        ? isObject(value) && targets.has(targetTypeOf(value, run) ?? '')
        : meetsTarget(target, at, run);
    }
    return checks.some((check) => errorsOf(run, (aside) => check(value, at, aside)).length === 0);
  };
};

/** Only to be recognised by `memberMatcher`, where existence is decided. */
const endOfExists: End = () => undefined;

const END: Readonly<Record<string, End>> & { readonly value: End } = {
  value: endOfValue,
  pattern: endOfValue,
  exists: endOfExists,
  type: endOfType,
  profile: endOfProfile,
};
