/** https://hl7.org/fhir/R4/datatypes.html#id */
import { FhirError, error } from '../fhir/outcome.ts';

/** Throws 400 when the text can be no id; asked before a database is, which takes no U+0000. */
export function requireId(type: string, id: string): void {
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) {
    const shown = id.slice(0, 80).replaceAll(/\p{Cc}/gu, '\uFFFD');
    throw new FhirError(400, error('value', `"${shown}" is not a FHIR id.`, `${type}.id`, 'id-format'));
  }
}
