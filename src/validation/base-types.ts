/**
 * The checks of base types and resources: structure, formats, base bindings, base invariants, references, extensions.
 * Profiles add to them (profile-layer.ts); they never repeat them.
 */
import { isResourceType } from '../fhir/resource-types.ts';
import type { ElementDefinition, JsonValue, StructureDefinition } from '../fhir/types.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { bindingChecks } from './bindings.ts';
import type { Definitions } from './definitions.ts';
import type { ElementNode } from './element-tree.ts';
import { elementTypes } from './element-types.ts';
import type { ExtensionCheckOf } from './extensions.ts';
import { invariantCheck } from './invariants.ts';
import { limitChecks } from './limits.ts';
import { isPrimitive, primitiveCheck } from './primitives.ts';
import { referenceCheck, referenceRules } from './references.ts';
import { bundleRules } from './rules/bundle.ts';
import { containedRules } from './rules/contained.ts';
import { attachmentRules, codingRules, identifierRules } from './rules/data-types.ts';
import { questionnaireRules } from './rules/questionnaire.ts';
import { structureDefinitionRules } from './rules/structure-definition.ts';
import { codeSystemRules, valueSetRules } from './rules/terminology-resources.ts';
import { shown, type Check } from './run.ts';
import { targetTypes } from './target-profiles.ts';
import { checkObject, createShape, type Shape } from './shape.ts';

export interface BaseTypes {
  /** Checks a value of a complex type or resource. */
  checkType(type: string): Check;
}

export interface BaseTypeNeeds {
  readonly definitions: Definitions;
  readonly terminology: Terminology;
  readonly extensionCheckOf: ExtensionCheckOf;
  /** Checks a resource that stands inside another one (contained, Bundle entry, Parameters). */
  readonly nestedResource: Check;
  /** Checks a value against a profile of its type, when the profile is known. */
  readonly profileCheck: (canonical: string) => Check | undefined;
}

const NO_SHAPE: Shape = { members: new Map(), required: [], rules: [], isResource: false };

/** Compile base types, each on its first use. */
export function createBaseTypes(needs: BaseTypeNeeds): BaseTypes {
  const { definitions, terminology } = needs;
  const shapes = new Map<string, Shape>();
  const backbones = new Map<string, Shape>();

  const shapeOf = (type: string): Shape => {
    const known = shapes.get(type);
    if (known !== undefined) {
      return known;
    }
    const definition = definitions.get(type);
    const shape = definition === undefined ? NO_SHAPE : shapeOfType(definition);
    shapes.set(type, shape);
    return shape;
  };

  const checkType = (type: string): Check => {
    let shape: Shape | undefined;
    return (value, at, run) => {
      shape ??= shapeOf(type);
      checkObject(shape, value, at, run);
    };
  };

  const shapeOfType = (definition: StructureDefinition): Shape => {
    const tree = definitions.tree(definition);
    const type = definition.type ?? '';
    const rules = [
      ...rulesOf(tree.definition, definition.kind === 'resource' ? undefined : type),
      ...(definition.kind === 'resource' ? [containedRules] : []),
      ...(TYPE_RULES[type]?.(needs) ?? []),
    ];
    return shapeOfNode(tree, rules, type);
  };

  const shapeOfNode = (node: ElementNode, rules: readonly Check[], type: string): Shape => {
    const path = node.definition.path ?? '';
    const shape = createShape(
      node,
      rules,
      (definition) =>
        definition.contentReference === undefined ? elementTypes(definition).map(({ code }) => code) : [''],
      (child, childType) =>
        inOrder([mainCheck(child, childType, path, type), ...elementChecks(child, childType)]),
      companionCheck,
    );
    backbones.set(path, shape);
    return shape;
  };

  /** What the value is: a primitive, a nested resource, an inline element, a recursion, or an object of a named type. */
  const mainCheck = (
    node: ElementNode,
    type: string,
    containerPath: string,
    containerType: string,
  ): Check => {
    const { contentReference } = node.definition;
    if (contentReference !== undefined) {
      return recursion(contentReference.slice(contentReference.indexOf('#') + 1));
    }
    if (isPrimitive(type)) {
      return primitiveCheck(type);
    }
    if (type === 'Resource') {
      return needs.nestedResource;
    }
    if (type === 'Extension') {
      const isModifier = node.name === 'modifierExtension';
      return inOrder([checkType(type), needs.extensionCheckOf({ containerPath, containerType, isModifier })]);
    }
    return node.children.length > 0 ? inline(node, type) : checkType(type);
  };

  const inline = (node: ElementNode, type: string): Check => {
    let shape: Shape | undefined;
    return (value, at, run) => {
      shape ??= shapeOfNode(node, [], type);
      checkObject(shape, value, at, run);
    };
  };

  const recursion = (path: string): Check => {
    let shape: Shape | undefined;
    return (value, at, run) => {
      shape ??= backbones.get(path) ?? shapeOfPath(path);
      checkObject(shape, value, at, run);
    };
  };

  const shapeOfPath = (path: string): Shape => {
    const [type = '', ...names] = path.split('.');
    const definition = definitions.get(type);
    let node = definition && definitions.tree(definition);
    for (const name of names) {
      node = node?.children.find((child) => child.name === name);
    }
    return node === undefined ? NO_SHAPE : shapeOfNode(node, [], 'BackboneElement');
  };

  /** What the element adds to its type: invariants, bindings, reference targets, limits, profiles of its type. */
  const elementChecks = (node: ElementNode, type: string): readonly Check[] => {
    const { definition } = node;
    const elementType = elementTypes(definition).find(({ code }) => code === type);
    const basePath = node.children.length > 0 || isPrimitive(type) ? definition.path : type;
    return [
      ...rulesOf(definition, basePath?.replace('[x]', '')),
      ...bindingChecks(type, definition.binding, terminology),
      ...limitChecks(definition),
      ...(type === 'Reference'
        ? [referenceCheck(targetTypes(elementType?.targetProfiles ?? [], definitions))]
        : []),
      ...(elementType?.profiles ?? []).flatMap((profile) => needs.profileCheck(profile) ?? []),
    ];
  };

  const companionCheck = ({ definition }: ElementNode, containerType: string): Check => {
    const extension = checkType('Extension');
    const context = needs.extensionCheckOf({
      containerPath: definition.path ?? '',
      containerType,
      isModifier: false,
    });
    const shape = createShape(
      definitions.tree(definitions.get('Element') as StructureDefinition),
      [],
      (child) => elementTypes(child).map(({ code }) => code),
      (_child, type) => (type === 'Extension' ? inOrder([extension, context]) : primitiveCheck(type)),
      () => () => undefined,
    );
    return (value, at, run) => checkObject(shape, value, at, run);
  };

  return { checkType };
}

function rulesOf({ constraint = [] }: ElementDefinition, basePath: string | undefined): readonly Check[] {
  return constraint
    .filter(({ key }) => key !== 'ext-1' || basePath === 'Extension')
    .flatMap((c) => invariantCheck(c, basePath) ?? []);
}

/** Rules that no definition states, for values of a type wherever they stand. */
const TYPE_RULES: Readonly<Record<string, (needs: BaseTypeNeeds) => readonly Check[]>> = {
  Reference: () => [referenceRules],
  Identifier: () => [identifierRules],
  Attachment: () => [attachmentRules],
  Coding: ({ terminology }) => [codingRules(terminology)],
  Bundle: () => [bundleRules],
  Questionnaire: () => [questionnaireRules],
  CodeSystem: () => [codeSystemRules],
  ValueSet: ({ terminology }) => [valueSetRules(terminology)],
  StructureDefinition: ({ definitions }) => [structureDefinitionRules(definitions)],
};

/** Several checks as one. */
function inOrder(checks: readonly Check[]): Check {
  const [first, second, ...others] = checks;
  if (first === undefined) {
    return () => undefined;
  }
  if (second === undefined) {
    return first;
  }
  if (others.length === 0) {
    return (value, at, run) => {
      first(value, at, run);
      second(value, at, run);
    };
  }
  return (value, at, run) => {
    for (const check of checks) {
      check(value, at, run);
    }
  };
}

/** The type that a resource says it is, or the fault with it. */
export function resourceTypeFault(type: JsonValue | undefined): string | undefined {
  if (typeof type !== 'string') {
    return 'A resource must say its `resourceType`.';
  }
  return isResourceType(type) ? undefined : `"${shown(type)}" is no FHIR R4 resource type.`;
}
