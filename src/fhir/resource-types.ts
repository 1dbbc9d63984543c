/**
 * The concrete R4 resource types and their database codes: https://hl7.org/fhir/R4/valueset-resource-types.html
 * A code is stored in every row: the list is append-only and never reordered.
 */
const NAMES =
  'Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse ' +
  'AuditEvent Basic Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan ' +
  'CareTeam CatalogEntry ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression ' +
  'CodeSystem Communication CommunicationRequest CompartmentDefinition Composition ConceptMap Condition ' +
  'Consent Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue ' +
  'Device DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement DiagnosticReport ' +
  'DocumentManifest DocumentReference EffectEvidenceSynthesis Encounter Endpoint EnrollmentRequest ' +
  'EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable ExampleScenario ' +
  'ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse ' +
  'HealthcareService ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation ' +
  'ImplementationGuide InsurancePlan Invoice Library Linkage List Location Measure MeasureReport Media ' +
  'Medication MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest ' +
  'MedicationStatement MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication ' +
  'MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction ' +
  'MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical ' +
  'MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence NamingSystem ' +
  'NutritionOrder Observation ObservationDefinition OperationDefinition OperationOutcome Organization ' +
  'OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation Person PlanDefinition ' +
  'Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse RelatedPerson ' +
  'RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject ' +
  'RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen ' +
  'SpecimenDefinition StructureDefinition StructureMap Subscription SubscriptionStatus Substance ' +
  'SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation ' +
  'SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task ' +
  'TerminologyCapabilities TestReport TestScript ValueSet VerificationResult VisionPrescription';

const NUMBERED: readonly string[] = NAMES.split(' ');

/** The resource types of R4. SubscriptionStatus came with R4B: it has a number here, and is no type. */
export const RESOURCE_TYPES: readonly string[] = NUMBERED.filter((name) => name !== 'SubscriptionStatus');

const CODES = new Map(
  NUMBERED.map((name, index) => [name, index + 1] as const).filter(([name]) => RESOURCE_TYPES.includes(name)),
);

/** Database code of a resource type; undefined when R4 has no such type. */
export const typeCode = (name: string): number | undefined => CODES.get(name);

/** Resource type of a database code. */
export const typeName = (code: number): string => {
  const name = NUMBERED[code - 1];
  if (name === undefined) {
    throw new Error(`No resource type has the database code ${code}`);
  }
  return name;
};

export const isResourceType = (name: string): boolean => CODES.has(name);
