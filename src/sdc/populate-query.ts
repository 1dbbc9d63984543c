/**
 * Variables that are fetched: https://hl7.org/fhir/uv/sdc/expressions.html#x-fhir-query-enhancements
 */
import type { Form } from './form-types.ts';
import type { Resource } from '../fhir/types.ts';

export interface QueryOptions {
  readonly launch: Readonly<Record<string, Resource>>;
  readonly fetch: (query: string) => Promise<readonly Resource[]>;
}

/** The resources of every query variable by name; none where a part of the query has no value. */
export async function fetchVariables(
  form: Form,
  { launch, fetch }: QueryOptions,
): Promise<Readonly<Record<string, readonly Resource[]>>> {
  const fetched = await Promise.all(
    form.queries.map(async ({ name, query }) => {
      const filled = fillQuery(form, query, launch);
      return [name, filled === undefined ? [] : await fetch(filled)] as const;
    }),
  );
  return Object.fromEntries(fetched);
}

const PART = /\{\{(.*?)\}\}/g;

/** The query with its `{{…}}` evaluated and URI-encoded; undefined when one has no value: half a query would find other people's data. */
export function fillQuery(form: Form, query: string, launch: QueryOptions['launch']): string | undefined {
  const parts = [...query.matchAll(PART)].map((match) => partValue(form, match[1] ?? '', launch));
  if (parts.some((part) => part === undefined)) {
    return undefined;
  }
  let next = 0;
  return query.replace(PART, () => encodeURIComponent(parts[next++] ?? ''));
}

function partValue(form: Form, expression: string, launch: QueryOptions['launch']): string | undefined {
  const known = Object.fromEntries(form.launchNames.map((name) => [name, launch[name] ?? []]));
  const values = form.compileOptions.compilePath(expression)({}, known);
  return values.length === 0 ? undefined : values.map(String).join(',');
}
