/** A text as a value of a search parameter: https://hl7.org/fhir/R4/search.html#escaping */
export const escaped = (value: string): string => value.replaceAll(/[\\,|$]/g, (sign) => `\\${sign}`);
