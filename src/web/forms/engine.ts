/**
 * A form model made ready to work with: compiled, with ids on its rows and calculations done. The same on server and browser.
 */
import type { QuestionnaireResponse } from '../../fhir/types.ts';
import { recalculate } from '../../sdc/calculate.ts';
import type { FormContext } from '../../sdc/expression.ts';
import type { PathCompiler } from '../../sdc/fragment.ts';
import { compileForm } from '../../sdc/form.ts';
import type { Form } from '../../sdc/form-types.ts';
import { viewForm, type FormView } from '../../sdc/visibility.ts';
import type { FormModel } from '../view-models.ts';
import { applyEvent, type FormEvent, type FormState } from './form-state.ts';
import { withStandIns } from './nodes.ts';
import { withRowIds } from './response-tree.ts';

type Source = Pick<
  FormModel,
  'questionnaire' | 'adoption' | 'valueSets' | 'launch' | 'now' | 'response' | 'texts'
>;

export interface Engine {
  readonly form: Form;
  readonly context: FormContext;
  /** The state that the page starts in. */
  readonly initial: FormState;
  /** The state after an event, calculations done. */
  readonly apply: (state: FormState, event: FormEvent) => FormState;
  /** The response laid beside the form, as it is drawn. */
  readonly view: (response: QuestionnaireResponse) => FormView;
}

/** Compile and settle. Throws what `compileForm` throws for a broken form. */
export function createEngine(model: Source, compilePath: PathCompiler): Engine {
  const form = compileForm(model.questionnaire, {
    compilePath,
    resolveValueSet: (canonical) => model.valueSets[canonical],
    adoption: model.adoption,
  });
  const context: FormContext = { now: new Date(model.now), launch: model.launch };
  const settle = (response: QuestionnaireResponse): QuestionnaireResponse =>
    recalculate(form, response, context);
  return {
    form,
    context,
    initial: { response: settle(withRowIds(model.response, form)), texts: model.texts },
    apply(state, event) {
      const next = applyEvent(state, event, form);
      return next.response === state.response ? next : { ...next, response: settle(next.response) };
    },
    view: (response) => viewForm(form, withStandIns(response, form), context),
  };
}

/** Whether a form has expressions, so that the browser must fetch the FHIRPath engine for it. */
export const needsPaths = ({ questionnaire }: Pick<FormModel, 'questionnaire'>): boolean =>
  /text\/fhirpath|questionnaire-constraint|targetConstraint/.test(JSON.stringify(questionnaire));
