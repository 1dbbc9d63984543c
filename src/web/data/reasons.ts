/** Reasons that people choose from when they stop, close or discard a form: a value set, in the reader's language. */
import { listConcepts } from '../../content/concepts.ts';
import type { CodeableConcept } from '../../fhir/types.ts';
import { localised } from '../../sdc/text.ts';
import type { Choice } from '../models/patient-forms.ts';
import { langOf, type Sources } from './sources.ts';

export function choices({ registry, ...sources }: Sources, valueSet: string | undefined): readonly Choice[] {
  const concepts = valueSet === undefined ? [] : (listConcepts(registry.content, valueSet) ?? []);
  const lang = langOf(sources);
  return concepts.map(({ code, display, source }) => ({
    code,
    text: localised(source, 'display', lang) || display,
  }));
}

/** The concept with that code; undefined when there is none, which the rule refuses. */
export function reasonOf(
  { registry }: Sources,
  valueSet: string | undefined,
  code: string,
): CodeableConcept | undefined {
  const concepts = valueSet === undefined ? [] : (listConcepts(registry.content, valueSet) ?? []);
  const found = concepts.find((concept) => concept.code === code);
  return found && { coding: [{ system: found.system, code: found.code, display: found.display }] };
}
