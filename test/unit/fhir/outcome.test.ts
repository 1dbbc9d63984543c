/** https://hl7.org/fhir/R4/operationoutcome.html */
import {
  badRequest,
  error,
  FhirError,
  forbidden,
  gone,
  issue,
  notFound,
  preconditionFailed,
  RULE_SYSTEM,
  toOutcome,
  unauthorized,
  unprocessable,
} from '../../../src/fhir/outcome.ts';

describe('A FHIR error', () => {
  it.each([
    [badRequest('x'), 400, 'invalid'],
    [unauthorized('x'), 401, 'login'],
    [forbidden('x', 'role'), 403, 'forbidden'],
    [notFound('Patient', 'p'), 404, 'not-found'],
    [gone('Patient', 'p'), 410, 'deleted'],
    [preconditionFailed('x'), 412, 'conflict'],
    [preconditionFailed('x', 'multiple-matches'), 412, 'multiple-matches'],
    [unprocessable(error('business-rule', 'x')), 422, 'business-rule'],
  ])('has the status and the issue code of its kind: %s.', (thrown, status, code) => {
    expect(thrown).toBeInstanceOf(FhirError);
    expect(thrown.status).toBe(status);
    expect(thrown.issues).toEqual([expect.objectContaining({ severity: 'error', code })]);
  });

  it('keeps its cause and headers, and says all its findings in the message.', () => {
    const cause = new Error('database');

    const thrown = new FhirError(422, [error('value', 'first'), error('value', 'second')], {
      cause,
      headers: { 'Retry-After': '1' },
    });

    expect(thrown.message).toBe('first; second');
    expect(thrown.cause).toBe(cause);
    expect(thrown.headers).toEqual({ 'Retry-After': '1' });
  });

  it('carries the rule of a refusal and the challenge of a login.', () => {
    expect(forbidden('x', 'scope').issues[0]?.rule).toBe('scope');
    expect(unauthorized('x', { 'WWW-Authenticate': 'Bearer' }).headers).toEqual({
      'WWW-Authenticate': 'Bearer',
    });
  });

  it('answers the same for what is unknown and what is hidden (CO-04).', () => {
    expect(toOutcome(notFound('Patient', 'p').issues)).toEqual(toOutcome(notFound('Patient', 'p').issues));
    expect(notFound('Patient', 'p').issues[0]).not.toHaveProperty('rule');
  });
});

describe('The OperationOutcome', () => {
  it('names element and rule of each issue, and leaves out what is not known.', () => {
    const outcome = toOutcome([
      error('required', 'Patient.name is missing.', 'Patient.name', 'required'),
      issue('warning', 'informational', 'Be careful.'),
    ]);

    expect(outcome).toEqual({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'error',
          code: 'required',
          details: { coding: [{ system: RULE_SYSTEM, code: 'required' }] },
          diagnostics: 'Patient.name is missing.',
          expression: ['Patient.name'],
        },
        { severity: 'warning', code: 'informational', diagnostics: 'Be careful.' },
      ],
    });
  });
});
