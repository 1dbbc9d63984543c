/**
 * Words that a form suggests for a text, beside what may be typed: an x-fhir-query for the resources, and a FHIRPath for the
 * words of each. The list is no part of the answer: an answer stays readable when its word is suggested no longer.
 */
import type { Resource } from '../fhir/types.ts';
import { EXT, extensionOf } from './extensions.ts';
import type { Form } from './form-types.ts';
import { fillQuery, type QueryOptions } from './populate-query.ts';

/** The words by linkId, each once, in the order of the Norwegian alphabet. */
export async function suggestionsOf(
  form: Form,
  options: QueryOptions,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const found = await Promise.all(
    [...form.byLinkId.values()].map(async ({ linkId, source }) => {
      const extension = extensionOf(source, EXT.suggestions);
      const query = extensionOf(extension, 'query')?.valueExpression?.expression;
      const words = extensionOf(extension, 'words')?.valueExpression?.expression;
      const filled = query === undefined ? undefined : fillQuery(form, query, options.launch);
      return words === undefined || filled === undefined
        ? []
        : [[linkId, wordsOf(form, words, await options.fetch(filled))] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}

function wordsOf(form: Form, expression: string, resources: readonly Resource[]): readonly string[] {
  const evaluate = form.compileOptions.compilePath(expression);
  const words = resources.flatMap((resource) =>
    evaluate(resource as unknown as Record<string, never>, {}).map(String),
  );
  return [...new Set(words)].toSorted((a, b) => a.localeCompare(b, 'nb'));
}
