/**
 * The shape of R4's types, as far as formats and patches need it: names in order, lists, choices, attributes.
 * https://hl7.org/fhir/R4/elementdefinition.html
 */
import { isResourceType } from './resource-types.ts';
import type { ElementDefinition, StructureDefinition } from './types.ts';

/** One member of a type, by the name that it has in instances (`valueQuantity`, not `value[x]`). */
export interface Member {
  readonly name: string;
  /** The name of the element in its definition without `[x]`: `value` for `valueQuantity`. */
  readonly stem: string;
  readonly isList: boolean;
  readonly isChoice: boolean;
  /** Written as an attribute in XML: `Element.id`, `Extension.url`. */
  readonly isAttribute: boolean;
  /** FHIR type: `code`, `Quantity`, `Resource`, `xhtml`; `BackboneElement` or `Element` for inline ones. */
  readonly type: string;
  /** Place among the members. */
  readonly order: number;
  /** What stands inside; for a primitive, its id and extensions. Evaluated late: types refer to themselves. */
  shape(): Shape;
}

export interface Shape {
  /** Type name, or the path of an inline element: `Patient.contact`. */
  readonly name: string;
  readonly isResource: boolean;
  readonly isPrimitive: boolean;
  /** In the order of the definition. */
  readonly members: readonly Member[];
  readonly byName: ReadonlyMap<string, Member>;
}

export interface Shapes {
  /** The shape of a type by name; undefined when R4 has no such type. */
  get(type: string): Shape | undefined;
}

/** Read shapes out of definitions on first use. `find` gives a base type by name, with its snapshot. */
export function createShapes(find: (type: string) => StructureDefinition | undefined): Shapes {
  const known = new Map<string, Shape | undefined>();
  const get = (type: string): Shape | undefined => {
    if (!known.has(type)) {
      const definition = /^[A-Za-z0-9]+$/.test(type) ? find(type) : undefined;
      known.set(type, definition?.snapshot === undefined ? undefined : readShape(definition, required));
    }
    return known.get(type);
  };
  const required = (type: string): Shape => {
    const shape = get(type);
    if (shape === undefined) {
      throw new Error(`R4 has no type ${type}`);
    }
    return shape;
  };
  return { get };
}

function readShape(definition: StructureDefinition, get: (type: string) => Shape): Shape {
  const elements = definition.snapshot?.element ?? [];
  const children = new Map<string, ElementDefinition[]>();
  for (const element of elements) {
    const path = element.path ?? '';
    const parent = path.slice(0, Math.max(path.lastIndexOf('.'), 0));
    children.set(parent, [...(children.get(parent) ?? []), element]);
  }
  const inline = new Map<string, Shape>();
  const at = (path: string): Shape => {
    const shape = inline.get(path) ?? build(path);
    inline.set(path, shape);
    return shape;
  };
  const isPrimitive = definition.kind === 'primitive-type';
  const build = (path: string): Shape => {
    const isRoot = path === definition.type;
    const own = (children.get(path) ?? []).filter(
      (element) => !(isPrimitive && element.path === `${path}.value`),
    );
    const members = own
      .flatMap((element) => membersOf(element, { at, get, children }))
      .map((member, order) => ({ ...member, order }));
    return {
      name: path,
      isResource: isRoot && definition.kind === 'resource',
      isPrimitive: isRoot && isPrimitive,
      members,
      byName: new Map(members.map((member) => [member.name, member])),
    };
  };
  return at(definition.type ?? '');
}

interface Sources {
  readonly at: (path: string) => Shape;
  readonly get: (type: string) => Shape;
  readonly children: ReadonlyMap<string, readonly ElementDefinition[]>;
}

function membersOf(element: ElementDefinition, sources: Sources): readonly Omit<Member, 'order'>[] {
  const path = element.path ?? '';
  const last = path.slice(path.lastIndexOf('.') + 1);
  const isChoice = last.endsWith('[x]');
  const stem = isChoice ? last.slice(0, -3) : last;
  const common = {
    stem,
    isChoice,
    isList: element.max !== '1' && element.max !== '0',
    isAttribute: element.representation?.includes('xmlAttr') === true,
  };
  const { contentReference } = element;
  if (contentReference !== undefined) {
    const target = contentReference.slice(contentReference.indexOf('#') + 1);
    return [{ ...common, name: stem, type: 'BackboneElement', shape: () => sources.at(target) }];
  }
  return (element.type ?? []).map(({ code = '' }) => {
    const type = plainType(code, path);
    const isInline = sources.children.has(path);
    return {
      ...common,
      name: isChoice ? `${stem}${type.charAt(0).toUpperCase()}${type.slice(1)}` : stem,
      type,
      shape: () => (isInline ? sources.at(path) : sources.get(type)),
    };
  });
}

/**
 * Ids and the urls of extensions have types of FHIRPath's own in the definitions; `Bundle.entry.response.outcome` is any
 * resource in R4, whatever a copy of the definitions says.
 */
function plainType(code: string, path: string): string {
  if (isResourceType(code)) {
    return 'Resource';
  }
  if (!code.startsWith('http://hl7.org/fhirpath/System.')) {
    return code;
  }
  return path === 'Extension.url' ? 'uri' : 'string';
}
