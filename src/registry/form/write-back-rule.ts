/**
 * A form locked in a launch leaves something in the EHR that launched it, where that is agreed: a job, put into the queue by the
 * transaction that locks the form, so that it is neither lost nor done for what is not stored (docs/adr/0031).
 */
import { idOfReference } from '../../fhir/reference.ts';
import type { Reference } from '../../fhir/types.ts';
import { type Pending, storesVersion } from '../../repository/operation.ts';
import type { WriteRule } from '../../repository/rules.ts';
import { isLocked } from './lock.ts';

/** Job: `WriteBackJob`. */
export const WRITE_BACK = 'ehr-write-back';

export interface WriteBackJob {
  /** QuestionnaireResponse id. */
  readonly response: string;
  /** `CarriedLaunch.id` of the launch. */
  readonly launch: string;
}

export const writeBackRule: WriteRule = {
  name: 'ehr-write-back',
  apply(scope) {
    const { principal } = scope;
    const carried = principal.kind === 'staff' ? principal.carries : undefined;
    const patient = carried?.patient;
    if (carried !== undefined && patient !== undefined) {
      const forms = scope.pending().filter((entry) => isLockedFormOf(patient, entry));
      for (const { id } of forms) {
        const job: WriteBackJob = { response: id, launch: carried.id };
        scope.enqueue(WRITE_BACK, job, { jobKey: `${WRITE_BACK}:${id}` });
      }
    }
    return Promise.resolve([]);
  },
};

/** What was typed about one person never goes into another's record, whatever the launch was about. */
function isLockedFormOf(patient: string, { type, effect, derived, resource }: Pending): boolean {
  return (
    type === 'QuestionnaireResponse' &&
    storesVersion(effect) &&
    derived !== true &&
    isLocked(resource?.['status'] as string | undefined) &&
    idOfReference(resource?.['subject'] as Reference | undefined, 'Patient') === patient
  );
}
