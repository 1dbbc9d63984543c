/**
 * Systems that go by several names in Norway: https://www.helsedirektoratet.no/digitalisering-og-e-helse
 * The first is what is emitted; the others are understood. National code lists are named by OID in instances, and by a
 * CodeSystem address in HL7 Norway's package.
 */
const NATIONAL = 'urn:oid:2.16.578.1.12.4.1.1.';

const ALIASES: Readonly<Record<string, string>> = {
  'http://hl7.org/fhir/sid/icd-10-no': `${NATIONAL}7110`,
  [`${NATIONAL}7180`]: 'http://www.whocc.no/atc',
  'urn:oid:2.16.840.1.113883.6.73': 'http://www.whocc.no/atc',
  [`${NATIONAL}7170`]: 'http://hl7.org/fhir/sid/icpc-2',
  'https://register.geonorge.no/subregister/sosi-kodelister/kartverket/kommunenummer-alle': `${NATIONAL}3402`,
  'urn:oid:2.16.840.1.113883.6.96': 'http://snomed.info/sct',
  'urn:oid:2.16.840.1.113883.6.1': 'http://loinc.org',
};

const NATIONAL_ADDRESS =
  /^(?:(?:urn:oid:)?2\.16\.578\.1\.12\.4\.1\.1\.|https?:\/\/(?:helsedir|ehelse)\.no\/fhir\/CodeSystem\/no-kodeverk-)(\d{4})$/;

/** One name for a system, whichever of its names is given. */
export function systemName(url: string): string {
  const number = NATIONAL_ADDRESS.exec(url)?.[1];
  const name = number === undefined ? url : `${NATIONAL}${number}`;
  return ALIASES[name] ?? name;
}
