/**
 * What becomes of a value that a source has for a question: the rule `adoption` of the item, of the nearest group around it, of the
 * Questionnaire, or of the register. Section 5.1 of docs/sdc-dialect.md.
 */
import { EXT, extensionOf, type Extensible } from './extensions.ts';

export const ADOPTIONS = ['taken', 'to-confirm', 'suggest'] as const;
/** `taken` as it is; `to-confirm` before the form is locked; `suggest`: shown beside the question, filled in by choice. */
export type Adoption = (typeof ADOPTIONS)[number];

/** Where nobody has said anything: no value is locked unseen. */
export const SAFEST: Adoption = 'to-confirm';

/** The rule that an element states; undefined when it states none. */
export function adoptionOf(element: Extensible | undefined): Adoption | undefined {
  const code = extensionOf(element, EXT.adoption)?.valueCode;
  return ADOPTIONS.find((rule) => rule === code);
}
