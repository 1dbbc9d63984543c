/** What is found while a message is read: faults that refuse it, all of them together, and what is only told. */
import { error, FhirError, issue, type Issue } from '../../fhir/outcome.ts';

export class Findings {
  private readonly faults: Issue[] = [];
  private readonly told: Issue[] = [];

  /** Several results of one order have its faults once. */
  refuse(code: Issue['code'], text: string, at: string, rule: string): void {
    if (!this.faults.some((one) => one.expression === at && one.rule === rule)) {
      this.faults.push(error(code, text, at, rule));
    }
  }

  note(text: string, at: string, rule: string): void {
    this.told.push(issue('information', 'informational', text, at, rule));
  }

  get notes(): readonly Issue[] {
    return this.told;
  }

  /** Throws 422 with every fault. */
  throwFaults(): void {
    if (this.faults.length > 0) {
      throw new FhirError(422, this.faults);
    }
  }
}
