/**
 * Templates of extraction, compiled once: https://hl7.org/fhir/uv/sdc/extraction.html#template-based-extraction
 */
import { isObject } from './answer.ts';
import { compileFragment, rewrite } from './expression.ts';
import { EXT, extensionOf, extensionsOf, extensionValue } from './extensions.ts';
import { expressionSource } from './naming.ts';
import type { Base, FormExpression } from './expression.ts';
import type { Fragment, PathCompiler, Scope } from './fragment.ts';
import type { Extensible } from './extensions.ts';
import type { FaultList } from './naming.ts';
import type { Expression, Questionnaire, QuestionnaireItem, Resource } from '../fhir/types.ts';

/** Something that gives JSON values when it is filled, none if there is nothing to say. */
export interface TemplatePart {
  /** Whether an expression decides it. */
  readonly isDynamic: boolean;
  fill(scope: Scope): readonly unknown[];
}

export interface Template {
  readonly id: string;
  readonly part: TemplatePart;
}

interface Place {
  readonly base: Base;
  readonly names: ReadonlyMap<string, Fragment>;
  readonly depth: number;
}

/** The templates that an element (the Questionnaire or an item) names; faults are reported at `linkId`. */
export function compileTemplates(
  element: Questionnaire | QuestionnaireItem,
  place: Pick<Place, 'base' | 'names'>,
  questionnaire: Questionnaire,
  {
    compilePath,
    faults,
    linkId,
  }: { compilePath: PathCompiler; faults: FaultList; linkId: string | undefined },
): readonly Template[] {
  return extensionsOf(element, EXT.templateExtract).flatMap((extension) => {
    const reference = extensionOf(extension, 'template')?.valueReference?.reference ?? '';
    const resource = questionnaire.contained?.find(({ id }) => reference === `#${id}`);
    if (resource === undefined) {
      faults.add('template', `the template ${reference} is not contained in the Questionnaire`, linkId);
      return [];
    }
    if (extension.extension?.some(({ url }) => url !== 'template') === true) {
      faults.add('template-part', 'only `template` is supported in templateExtract', linkId);
    }
    const { id: _id, ...body } = resource as Resource & Readonly<Record<string, unknown>>;
    const part = faults.collect(linkId, () => compilePart(body, { ...place, depth: 0 }, compilePath));
    return part === undefined ? [] : [{ id: reference.slice(1), part }];
  });
}

function compilePart(value: unknown, place: Place, compilePath: PathCompiler): TemplatePart {
  if (Array.isArray(value)) {
    return arrayPart(value.map((entry) => compilePart(entry, place, compilePath)));
  }
  return isObject(value) ? objectPart(value, place, compilePath) : fixedPart(value);
}

const fixedPart = (value: unknown): TemplatePart => ({ isDynamic: false, fill: () => [value] });

/** A part that is one array value, of all that its entries give. */
function arrayPart(parts: readonly TemplatePart[]): TemplatePart {
  return {
    isDynamic: parts.some(({ isDynamic }) => isDynamic),
    fill: (scope) => {
      const values = parts.flatMap((part) => part.fill(scope));
      return values.length === 0 ? [] : [values];
    },
  };
}

function objectPart(
  value: Readonly<Record<string, unknown>>,
  place: Place,
  compilePath: PathCompiler,
): TemplatePart {
  const direct = expressionSource(extensionOf(value as Extensible, EXT.templateValue));
  const context = extensionOf(value as Extensible, EXT.templateContext);
  if (context !== undefined) {
    return contextPart(value, context, place, compilePath);
  }
  return direct === undefined
    ? membersPart(value, place, compilePath)
    : valuePart(compileAt(direct, place, compilePath));
}

function valuePart(expression: FormExpression): TemplatePart {
  return { isDynamic: true, fill: (scope) => expression.evaluate(scope).map(withoutWeights) };
}

/** One copy of the element per result, each filled from there. */
function contextPart(
  value: Readonly<Record<string, unknown>>,
  context: NonNullable<ReturnType<typeof extensionOf>>,
  place: Place,
  compilePath: PathCompiler,
): TemplatePart {
  const source = expressionSource(context) ?? '{}';
  const all = rewrite(source, place.base, place.names);
  const results = compileFragment(source, all, compilePath);
  const index = `c${place.depth}`;
  const one: Fragment = { ...all, text: `${all.text}.skip(%${index}).take(1)`, isPassing: true };
  const name = (extensionValue(context) as Expression | undefined)?.name;
  const inner: Place = {
    base: {
      start: one.text,
      context: place.base.context,
      holders: [...all.holders],
      uses: all.uses ?? new Map(),
    },
    names: name === undefined ? place.names : new Map([...place.names, [name, one]]),
    depth: place.depth + 1,
  };
  const part = objectPart(withoutExtension(value, EXT.templateContext), inner, compilePath);
  return {
    isDynamic: true,
    fill: (scope) =>
      results
        .evaluate(scope)
        .flatMap((_, at) => part.fill({ ...scope, variables: { ...scope.variables, [index]: at } })),
  };
}

/** An object; left out when it has dynamic members and none of them gave anything. */
function membersPart(
  value: Readonly<Record<string, unknown>>,
  place: Place,
  compilePath: PathCompiler,
): TemplatePart {
  const members = Object.entries(value).map(([key, entry]) => member(key, entry, place, compilePath));
  const isDynamic = members.some(({ part }) => part.isDynamic);
  return {
    isDynamic,
    fill: (scope) => {
      const filled = members.map(({ key, isList, part }) => ({
        key,
        isList,
        part,
        values: part.fill(scope),
      }));
      if (isDynamic && !filled.some(({ part, values }) => part.isDynamic && values.length > 0)) {
        return [];
      }
      const present = filled.filter(({ values }) => values.length > 0);
      return [
        Object.fromEntries(present.map(({ key, isList, values }) => [key, isList ? values : values[0]])),
      ];
    },
  };
}

interface Member {
  readonly key: string;
  /** The values are the entries of a list (a primitive that repeats). */
  readonly isList: boolean;
  readonly part: TemplatePart;
}

/** A member of an object; `_x` with an expression becomes `x`. */
function member(key: string, entry: unknown, place: Place, compilePath: PathCompiler): Member {
  const sources = key.startsWith('_') ? [entry].flat().map(primitiveSource) : [];
  if (sources.every((source) => source === undefined)) {
    return { key, isList: false, part: compilePart(entry, place, compilePath) };
  }
  const parts = sources.map((source) => valuePart(compileAt(source ?? '{}', place, compilePath)));
  return {
    key: key.slice(1),
    isList: Array.isArray(entry),
    part: { isDynamic: true, fill: (scope) => parts.flatMap((part) => part.fill(scope)) },
  };
}

const primitiveSource = (entry: unknown): string | undefined =>
  isObject(entry) ? expressionSource(extensionOf(entry as Extensible, EXT.templateValue)) : undefined;

const compileAt = (source: string, { base, names }: Place, compilePath: PathCompiler): FormExpression =>
  compileFragment(source, rewrite(source, base, names), compilePath);

function withoutExtension(
  value: Readonly<Record<string, unknown>>,
  url: string,
): Readonly<Record<string, unknown>> {
  const { extension, ...rest } = value;
  const kept = (extension as { url?: string }[]).filter((entry) => entry.url !== url);
  return kept.length === 0 ? rest : { ...rest, extension: kept };
}

/** The evaluation copy puts weights on codings; they are no part of what was answered. */
function withoutWeights(value: unknown): unknown {
  if (!isObject(value) || !('extension' in value)) {
    return value;
  }
  return extensionOf(value as Extensible, EXT.ordinalValue) === undefined
    ? value
    : withoutExtension(value, EXT.ordinalValue);
}
