/**
 * Errors as vocabulary: https://hl7.org/fhir/R4/operationoutcome.html
 * Code throws `FhirError`; one place (rest/errors.ts) turns it into a response.
 */
import type { IssueCode, IssueSeverity, OperationOutcome } from './types.ts';

/** One finding, in words a sender understands: what element, which rule, what to do. */
export interface Issue {
  readonly severity: NonNullable<IssueSeverity>;
  readonly code: NonNullable<IssueCode>;
  /** Human text. Never a national identity number or an answer. */
  readonly diagnostics: string;
  /** FHIRPath of the element with indexes, e.g. `Patient.identifier[0].value`. */
  readonly expression?: string;
  /** The rule's stable key (invariant key, `required`, `cardinality`, `fnr-check-digit` …); goes to `issue.details`. */
  readonly rule?: string;
}

export const RULE_SYSTEM = 'https://ryggrad.no/fhir/CodeSystem/rule';

/** An error that a client may see: HTTP status and issues. `cause` is for the log alone. */
export class FhirError extends Error {
  readonly status: number;
  readonly issues: readonly Issue[];
  /** Extra response headers, e.g. `WWW-Authenticate` or `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    issues: Issue | readonly Issue[],
    options: { cause?: unknown; headers?: Readonly<Record<string, string>> } = {},
  ) {
    const list = Array.isArray(issues) ? (issues as readonly Issue[]) : [issues as Issue];
    super(list.map((issue) => issue.diagnostics).join('; '), { cause: options.cause });
    this.name = 'FhirError';
    this.status = status;
    this.issues = list;
    this.headers = options.headers ?? {};
  }
}

/** `error('required', 'Patient.name', 'x is missing', 'required')` → one Issue of severity error. */
export function error(code: Issue['code'], diagnostics: string, expression?: string, rule?: string): Issue {
  return issue('error', code, diagnostics, expression, rule);
}

export function issue(
  severity: Issue['severity'],
  code: Issue['code'],
  diagnostics: string,
  expression?: string,
  rule?: string,
): Issue {
  return {
    severity,
    code,
    diagnostics,
    ...(expression !== undefined && expression.trim() !== '' && { expression }), // a parameter may have no name
    ...(rule !== undefined && { rule }),
  };
}

/** 400: the request itself is malformed (JSON, parameters, headers). */
export const badRequest = (diagnostics: string, expression?: string, rule?: string): FhirError =>
  new FhirError(400, error('invalid', diagnostics, expression, rule));

/** 401: no token, or one that is not valid here. */
export const unauthorized = (diagnostics: string, headers: Record<string, string> = {}): FhirError =>
  new FhirError(401, error('login', diagnostics), { headers });

/** 403: known caller, not allowed; `reason` is the access rule's code. */
export const forbidden = (
  diagnostics: string,
  reason: string,
  headers: Record<string, string> = {},
): FhirError => new FhirError(403, error('forbidden', diagnostics, undefined, reason), { headers });

/** 404: unknown, or hidden from this caller (the two answers are identical). */
export const notFound = (type: string, id: string): FhirError =>
  new FhirError(404, error('not-found', `${type}/${id} is not known here.`));

/** 410: it was here and was deleted. */
export const gone = (type: string, id: string): FhirError =>
  new FhirError(410, error('deleted', `${type}/${id} has been deleted.`));

/** 412: a condition (If-Match, If-None-Exist, conditional url) does not hold. */
export const preconditionFailed = (diagnostics: string, code: Issue['code'] = 'conflict'): FhirError =>
  new FhirError(412, error(code, diagnostics));

/** 422: well-formed, but breaks a FHIR, profile or register rule. */
export const unprocessable = (issues: Issue | readonly Issue[]): FhirError => new FhirError(422, issues);

/** A message may quote what was sent; what no FHIR string may hold is shown as U+FFFD. */
export const printable = (text: string): string =>
  text.toWellFormed().replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd');

/** Issues → OperationOutcome resource. */
export function toOutcome(issues: readonly Issue[]): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: issues.map(({ severity, code, diagnostics, expression, rule }) => ({
      severity,
      code,
      ...(rule !== undefined && { details: { coding: [{ system: RULE_SYSTEM, code: rule }] } }),
      diagnostics: printable(diagnostics),
      ...(expression !== undefined && { expression: [printable(expression)] }),
    })),
  };
}
