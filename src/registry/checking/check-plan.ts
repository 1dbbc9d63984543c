/** Forms of the schedule that can never open because they wait for a form or a question that is not there. */
import { parseCanonical } from '../../fhir/canonical.ts';
import type { Form } from '../../sdc/form-types.ts';
import type { Schedule } from '../schedule/plan.ts';

export interface PlanFinding {
  /** Id of the action. */
  readonly action: string;
  readonly text: string;
}

const FORM_NAMED = /https?:\/\/[^'"|\s]+\/Questionnaire\/[A-Za-z0-9.-]+/g;
const QUESTION_NAMED = /linkId\s*=\s*'([^']+)'/g;

/** What the conditions of the schedule name that the register does not have. */
export function checkPlan({ forms }: Schedule, known: readonly Form[]): readonly PlanFinding[] {
  const urls = new Set(forms.map(({ questionnaire }) => parseCanonical(questionnaire).url));
  return forms.flatMap(({ id, conditions }) =>
    conditions.flatMap((condition) => {
      const named = [...condition.matchAll(FORM_NAMED)].map(([url]) => url);
      const strangers = named.filter((url) => !urls.has(url));
      const asked = known.filter(
        ({ questionnaire: { url = '' } }) => named.length === 0 || named.includes(url),
      );
      const unknown = [...condition.matchAll(QUESTION_NAMED)]
        .map(([, linkId = '']) => linkId)
        .filter((linkId) => !asked.some(({ byLinkId }) => byLinkId.has(linkId)));
      return [
        ...strangers.map((url) => ({
          action: id,
          text: `The condition waits for ${url}, which is no form of this schedule: it can never open.`,
        })),
        ...(strangers.length > 0 ? [] : [...new Set(unknown)]).map((linkId) => ({
          action: id,
          text: `The condition reads the answer to "${linkId}", a question that the form does not have: it can never open.`,
        })),
      ];
    }),
  );
}
