/**
 * A ViewDefinition that cannot be compiled or carried out: https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html
 */
import { FhirError, error } from '../fhir/outcome.ts';

/** What is wrong; `element` says where in the ViewDefinition: `select[0].column[1].path`. */
export class ViewError extends Error {
  readonly element: string;

  constructor(reason: string, options: ErrorOptions & { readonly element?: string } = {}) {
    super(reason, options);
    this.name = 'ViewError';
    this.element = options.element ?? '';
  }

  /** The same with its place, when it has none yet. */
  at(element: string): ViewError {
    return this.element === '' ? new ViewError(this.message, { cause: this.cause, element }) : this;
  }

  /** As a client sees it: 422. */
  toRefusal(): FhirError {
    const expression = this.element === '' ? 'ViewDefinition' : `ViewDefinition.${this.element}`;
    return new FhirError(422, error('invalid', this.message, expression, 'view-definition'), { cause: this });
  }
}

/** Run `work`; a `ViewError` out of it gets its place. */
export function placed<T>(element: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw cause instanceof ViewError ? cause.at(element) : cause;
  }
}
