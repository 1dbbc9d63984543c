/** Which items of instruments a question is: the codes of its system instrument-item. */
import type { QuestionnaireItem } from '../../src/fhir/types.ts';
import { INSTRUMENT_ITEM } from '../../src/registry/scoring/bind.ts';

export const itemCodesIn = ({ code = [] }: QuestionnaireItem): readonly string[] =>
  code.flatMap(({ system, code: own }) => (system === INSTRUMENT_ITEM && own !== undefined ? [own] : []));
