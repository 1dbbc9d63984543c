/**
 * Steps of a path: members, choices, places, types. https://hl7.org/fhirpath/N1/#path-selection
 */
import type { Scope } from './compiler.ts';
import { type Element, elementOf, isType, kindOf, UNKNOWN } from './model.ts';
import { isPrimitive, walkFrom, walkOn } from './several.ts';
import { EMPTY, isName, jsonOf, type Node, type Several, type Value } from './value.ts';
import { ViewError } from './view-error.ts';

/** Types whose members depend on what stands there. */
const OPEN = new Set([UNKNOWN, 'Resource', 'DomainResource']);

/** A member of each value. An element that R4 does not have is empty, with a warning. */
export function member(value: Value, name: string, { binder, warn }: Scope): Value {
  if (!isName(name)) {
    throw new ViewError(`"${name.slice(0, 60)}" is no name of an element.`);
  }
  if (value.form === 'scalar') {
    return EMPTY;
  }
  const element = elementOf(value.type, name);
  if (element === undefined && !OPEN.has(value.type)) {
    warn(`${value.type} has no element "${name}"${hint(value.type, name)}.`);
    return EMPTY;
  }
  if (element?.isChoice === true) {
    return { ...value, choice: { name, types: element.types } };
  }
  const { type, repeats, steps } = stepTo(element, name);
  if (value.form === 'several') {
    return walkOn(value, steps, type, binder);
  }
  return repeats ? walkFrom(value, steps, type) : { ...value, type, path: [...value.path, name] };
}

/** `valueQuantity` is JSON's name; a path says `value.ofType(Quantity)`. */
function hint(type: string, name: string): string {
  const [, stem = '', suffix = ''] = /^([a-z][A-Za-z]*?)([A-Z][A-Za-z]*)$/.exec(name) ?? [];
  return elementOf(type, stem)?.isChoice === true ? `; write ${stem}.ofType(${suffix})` : '';
}

function stepTo(element: Element | undefined, name: string) {
  const type = element?.types[0] ?? UNKNOWN;
  const repeats = element?.repeats ?? true;
  // an array of primitives holds null where only an extension stands
  const filter = repeats && isPrimitive(type) ? ' ? (@ != null)' : '';
  return { type, repeats, steps: repeats ? `."${name}"[*]${filter}` : `."${name}"` };
}

const memberName = (choice: string, type: string): string =>
  `${choice}${type.charAt(0).toUpperCase()}${type.slice(1)}`;

/** A choice of no fixed type as what stands there, whatever it is. */
export function settled(value: Value, { binder }: Scope): Value {
  if (value.form === 'scalar' || value.choice === undefined) {
    return value;
  }
  const { choice } = value;
  const names = choice.types.map((type) => memberName(choice.name, type));
  if (value.form === 'several') {
    const keys = names.map((name) => `@."key" == "${name}"`).join(' || ');
    return walkOn(value, `.keyvalue() ? (${keys})."value"`, UNKNOWN, binder);
  }
  const { choice: _, ...node } = value;
  const alternatives = names.map((name) => jsonOf({ ...node, path: [...node.path, name] }));
  return { form: 'node', type: UNKNOWN, root: `coalesce(${alternatives.join(', ')})`, path: [] };
}

/** Values of a type: https://hl7.org/fhirpath/N1/#oftypetype-type-specifier-collection */
export function ofType(value: Value, type: string, scope: Scope): Value {
  if (!isType(type)) {
    throw new ViewError(`"${type.slice(0, 60)}" is no type of R4.`);
  }
  if (value.form === 'scalar') {
    return isSame(value.type, type) ? value : EMPTY;
  }
  if (value.choice !== undefined) {
    return ofChoice(value, value.choice.types, value.choice.name, type, scope);
  }
  if (value.type === type || value.type === UNKNOWN) {
    return { ...value, type };
  }
  return OPEN.has(value.type) ? resourcesOf(value, type, scope) : EMPTY;
}

/** FHIRPath's own types begin with a capital: `String` is `string`. */
const isSame = (own: string, asked: string): boolean => own === asked || own === asked.toLowerCase();

function ofChoice(
  value: Node | Several,
  types: readonly string[],
  choice: string,
  type: string,
  { binder, warn }: Scope,
): Value {
  if (!types.includes(type)) {
    warn(`${choice}[x] is never a ${type} there; it is ${types.slice(0, 12).join(', ')}.`);
    return EMPTY;
  }
  const name = memberName(choice, type);
  if (value.form === 'several') {
    return walkOn(value, `."${name}"`, type, binder);
  }
  const { choice: _, ...node } = value;
  return { ...node, type, path: [...node.path, name] };
}

function resourcesOf(value: Node | Several, type: string, { binder }: Scope): Value {
  const steps = ` ? (@."resourceType" == "${type}")`;
  return value.form === 'several' ? walkOn(value, steps, type, binder) : walkFrom(value, steps, type);
}

/** Extensions of a value; those of a primitive stand beside it, under its name with an underscore. */
export function extensionsOf(value: Value, scope: Scope): Value {
  if (value.form === 'node' && isPrimitive(value.type)) {
    const name = value.path.at(-1);
    if (typeof name !== 'string' || kindOf(value.type) === 'unknown') {
      throw new ViewError('Extensions of a repeating primitive are not supported in views.');
    }
    const beside: Node = { ...value, type: 'Element', path: [...value.path.slice(0, -1), `_${name}`] };
    return member(beside, 'extension', scope);
  }
  if (value.form === 'several' && isPrimitive(value.type)) {
    throw new ViewError('Extensions of a repeating primitive are not supported in views.');
  }
  return member(value, 'extension', scope);
}
