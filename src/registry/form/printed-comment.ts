/** Which form's comment is shown in a printed work list: the register says so on the form. */
import type { Form } from '../../sdc/form-types.ts';

const COMMENT_PRINTED = 'https://ryggrad.no/fhir/StructureDefinition/comment-printed';

export const isPrinted = ({ questionnaire }: Pick<Form, 'questionnaire'>): boolean =>
  questionnaire.extension?.some(
    ({ url, valueBoolean }) => url === COMMENT_PRINTED && valueBoolean === true,
  ) === true;
