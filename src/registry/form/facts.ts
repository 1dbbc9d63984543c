/**
 * What a locked form states: what its templates make of the answers, and the scores of the instruments that it asks.
 * https://hl7.org/fhir/uv/sdc/extraction.html, ADR 0023
 */
import type { QuestionnaireResponse } from '../../fhir/types.ts';
import { extract, type ExtractedResource, type ExtractOptions } from '../../sdc/extract.ts';
import type { Form } from '../../sdc/form-types.ts';
import type { Binding } from '../scoring/bind.ts';
import { scoreForm } from '../scoring/score-form.ts';

/** A form with the instruments that it asks. */
export interface ScoredForm {
  readonly form: Form;
  readonly bindings: readonly Binding[];
}

/**
 * Everything, the scores last; the same answers in the same places have the same key. Throws what the FHIRPath engine
 * throws when a template does not suit the data.
 */
export function factsOf(
  { form, bindings }: ScoredForm,
  response: QuestionnaireResponse,
  options: ExtractOptions,
): readonly ExtractedResource[] {
  const extracted = extract(form, response, options);
  return bindings.length === 0 ? extracted : [...extracted, ...scoreForm(form, bindings, response, options)];
}
