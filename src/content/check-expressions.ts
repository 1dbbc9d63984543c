/**
 * Every FHIRPath expression of the content compiles: https://hl7.org/fhir/R4/fhirpath.html
 */
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { Artefact } from './artefact.ts';
import type { ContentProblem } from './problem.ts';
import { findMembers, type Visited } from './walk.ts';

/** Throws when the text is no FHIRPath. */
export type CompileExpression = (expression: string) => unknown;

/** An expression in a file that is no artefact (`access/rules.json`), or in one. */
export interface PlacedExpression {
  readonly file: string;
  readonly element: string;
  readonly expression: string;
}

/** The expressions of the artefacts, wherever they stand. */
export function expressionsOf({ file, type, json }: Artefact): readonly PlacedExpression[] {
  const found = finders[type] ?? anyExpression;
  return findMembers(json, (visited) => placed(found(visited), file, visited), MADE_BY_TOOLS);
}

const placed = (
  expressions: readonly string[],
  file: string,
  visited: Visited,
): readonly PlacedExpression[] =>
  expressions.length === 0
    ? NOWHERE
    : expressions.map((expression) => ({ file, element: visited.path, expression }));

const NOWHERE: readonly PlacedExpression[] = [];
const MADE_BY_TOOLS: ReadonlySet<string> = new Set(['snapshot']);

/** Compile them all; one problem for each that does not. */
export function checkExpressions(
  expressions: readonly PlacedExpression[],
  compile: CompileExpression,
): readonly ContentProblem[] {
  return expressions.flatMap(({ file, element, expression }) => {
    try {
      compile(expression);
      return [];
    } catch (cause) {
      return [{ file, element, reason: cause instanceof Error ? cause.message : String(cause) }];
    }
  });
}

type Finder = (visited: Visited) => readonly string[];

const NOTHING: readonly string[] = [];
const VIEW_MEMBERS = new Set(['path', 'forEach', 'forEachOrNull']);

const finders: Readonly<Record<string, Finder>> = {
  ViewDefinition: ({ name, value }) => (VIEW_MEMBERS.has(name) ? texts(value) : NOTHING),
  SearchParameter: (visited) =>
    visited.name === 'expression' && visited.path === 'expression' ? texts(visited.value) : NOTHING,
  StructureDefinition: (visited) =>
    visited.name === 'expression' && /constraint\[\d+\]\.expression$/.test(visited.path)
      ? texts(visited.value)
      : NOTHING,
};

const TEMPLATE = /sdc-questionnaire-templateExtract(?:Context|Value)$/;

/** Expression data types, template extensions and questionnaire constraints. */
function anyExpression({ name, value, parent }: Visited): readonly string[] {
  if (name === 'expression' && typeof value === 'string') {
    return ofLanguage(value, parent['language']);
  }
  if (name !== 'valueString') {
    return NOTHING;
  }
  const url = typeof parent['url'] === 'string' ? parent['url'] : '';
  return TEMPLATE.test(url) || url === 'expression' ? texts(value) : [];
}

function ofLanguage(expression: string, language: JsonObject[string] | undefined): readonly string[] {
  if (language === 'text/fhirpath') {
    return [expression];
  }
  return language === 'application/x-fhir-query'
    ? [...expression.matchAll(/\{\{(.*?)\}\}/g)].map(([, embedded = '']) => embedded)
    : [];
}

const texts = (value: JsonValue): readonly string[] => (typeof value === 'string' ? [value] : []);
