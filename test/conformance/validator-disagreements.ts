/**
 * Where this validator and HL7's Java validator differ on HL7's cases, each looked at. Names are `case kind`.
 */

/** Errors of the Java validator that are none here, by the reason why. */
export const NOT_REPORTED = {
  'code systems that are not here (SNOMED CT, LOINC, UCUM, ISO): told as "not checked"': [
    'vs-bad-code base',
    'obs-temp-code2 base',
    'uuid-extension base',
    'string-with-coding-async-qr base',
    'vs-bad-ecl base',
    'vs-bad-props base',
    'q-ca-implicit base',
    'uk-msg base',
  ],
  'texts of codes are advice here: a warning': [
    'patient-translated-codes base',
    'mr-covid-m2 base',
    'sdoh-type-slice base',
    'sdoh-type-slice profile',
    'cvx base',
    'bundle-id-5 base',
    'ips-nz-pj base',
    'q-ca-explicit base',
    'q-ca-implicit-ca base',
    'q-ca-explicit-ca base',
    'params-edqm-en base',
    'params-edqm-cs base',
    'choice-async-qr base',
    'choice-gender-coding-async-qr base',
    'open-choice-gender-coding-async-qr base',
  ],
  'a code that the edition here of its system does not have is advice (a warning); required bindings refuse':
    ['contract-binding-test base', 'cs-filter-bad base', 'supplement-1a base'],
  'extensions that are not known are kept, and told as information': [
    'q-bp base',
    'pat-dob-ext base',
    'target-ref-profile-empty base',
    'pat-example-extensions base',
    'nested-questionnaire-nested-valueset base',
    'profile-patient-op1 base',
    'patient-with-turvakielto base',
    'questionnaireResponse-enableWhenEx-test-fail base',
  ],
  'profiles that R4 names for vital signs are applied when they are asked for': [
    'obs-temp-bad base',
    'observation-ucum base',
    'obs-vs-1 base',
    'PulseOxBundle_25Oct2022 base',
  ],
  'features later than R4, or of one publisher (obligations, additional bindings, languages of a narrative)':
    [
      'profile-patient-op2 base',
      'profile-patient-op3 base',
      'patient-value-present-bad profile',
      'patient-value-alternative-bad profile',
      'additional-bindings-observation-2 profile',
      'xhtml-ctrl-source1 profile',
      'xhtml-ctrl-no-lang-bad profile',
      'xhtml-ctrl-two-lang-bad profile',
      'xhtml-ctrl-twob-lang-bad profile',
      'xhtml-ctrl-twob-lang-good2 profile',
    ],
  'rules of publishing and of that tool (example addresses, links in narratives, HTML in markdown)': [
    'dr-example-org base',
    'message base',
    'bad-markdown-no-html base',
    'xml-bad-entities-json base',
    'ab-list-slicing base',
    'cs-narrative-status-pub base',
    'reference-invalid-resource-type-qr base',
  ],
  'logic of measures (CQL, MeasureReport against Measure)': [
    'mr-m-simple-nossystem base',
    'mr-m-cql-library base',
    'mr-single-good base',
    'mr-single-bad-2 base',
    'mr-single-not-subj-list base',
    'measure-report-ihe base',
  ],
  'what is wrong stands in another resource, or the rule comes from the caller of that tool': [
    'patient-circle1-bad-linked1 profile',
    'patient-circle1-bad-source1 profile',
    'patient-circle2-bad-linked profile',
    'patient-circle2-bad-source1 profile',
    'patient-ig-bad base',
    'parameters-reference-bad base',
    'bundle-bad-by-param base',
    'qr-bad-ref2 base',
    'patient-auto-profile base',
  ],
  'not a fault by the specification: a date and a moment on that date are not comparable; a relative reference is not looked up by id among urn:uuid entries; an extension may stand for a code':
    ['encounter-period base', 'bad-bundle-reference-type-4 base', 'allergy base'],
  'not done': [
    'document-bad-no-sections profile', // profiles of an element inside another definition (elementdefinition-profile-element)
    'document-bad-bad-sections profile',
    'member-of-CC-bad profile', // memberOf() in an invariant
    'supplement-1 base', // a supplement named as the system of a code
    'supplement-1b base',
    'bundle-conformsto base', // conformsTo() as a discriminator
    'obs-value-min-g profile', // limits in another unit
    'obs-value-max-g profile',
    'toplevel-minvalueduration-fail profile', // limits relative to today
    'toplevel-maxvalueduration-fail profile',
    'obs-mz base', // StructureDefinitions: a misspelt choice, a discriminator that is no element, the url of a derived extension
    'StructureDefinition-Slice23 base',
    'ext-derived base',
    'cm base', // codes of a ConceptMap against its value sets
    'vs-filter-property-bad base', // values of filters on properties
    'vs-filter-property-bad2 base',
  ],
} as const;

/** Errors here that are none for the Java validator, each with the reason why they stand. */
export const ONLY_HERE: Readonly<Record<string, string>> = {
  'type-ref-unchecked profile':
    'The reference names a Group where the profile asks for Patient or Location; the case turns that check off.',
  'parameters-profiled-resource-multiple profile':
    'The profile changes an element that its base does not have: it cannot be used here.',
  'test-input-params-example1 base':
    'A modifier extension that is not known may change the meaning: refused.',
  'contained-resource-bad-id-ignore base':
    'The id is too long and nothing refers to the resource; the case turns that check off.',
  'bundle-resolve-deep base': 'resolve() in an invariant of a Bundle does not see what an entry contains.',
  'obs-max-decimal profile': 'The value is above the maximum that the profile sets.',
};
