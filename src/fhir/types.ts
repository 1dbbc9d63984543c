/**
 * The R4 vocabulary as TypeScript types: https://hl7.org/fhir/R4/resourcelist.html
 * Everything else imports FHIR types from here, so that the source of the types is named once.
 */
export type * from '@medplum/fhirtypes';
import type { OperationOutcomeIssue, ResourceType } from '@medplum/fhirtypes';

/** JSON that has passed the parser and its limits, but nothing else: it may be no resource at all. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export type IssueSeverity = OperationOutcomeIssue['severity'];
export type IssueCode = OperationOutcomeIssue['code'];
export type { ResourceType };
