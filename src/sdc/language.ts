/** The languages of forms; bokmål is the base text. https://hl7.org/fhir/R4/languages.html */
export type Language = 'nb' | 'nn' | 'en';
