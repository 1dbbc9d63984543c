/**
 * `npm run bench -- forms`: what one answer costs in a form, as the browser has it to do: calculate, lay out, check. The form is
 * filled in from top to bottom, every question that is shown, one answer after the other. Milliseconds: the middle, the
 * slowest of twenty, the slowest.
 */
import { listConcepts } from '../src/content/concepts.ts';
import { loadContent } from '../src/content/load.ts';
import { compilePath } from '../src/fhir/path.ts';
import type { QuestionnaireResponse } from '../src/fhir/types.ts';
import type { Answer } from '../src/sdc/answer.ts';
import { recalculate } from '../src/sdc/calculate.ts';
import type { FormContext } from '../src/sdc/expression.ts';
import { compileForm } from '../src/sdc/form.ts';
import type { Form, FormItem } from '../src/sdc/form-types.ts';
import { writeAnswers } from '../src/sdc/rewrite-response.ts';
import type { FormNode } from '../src/sdc/tree.ts';
import { validateResponse } from '../src/sdc/validate-response.ts';
import { viewForm } from '../src/sdc/visibility.ts';

const LARGEST = 6;
const ROUNDS = 3;

const content = await loadContent([new URL('..', import.meta.url).pathname]);
const context: FormContext = {
  now: new Date('2026-03-06T12:00:00+01:00'),
  launch: {
    patient: { resourceType: 'Patient', id: 'kari', birthDate: '1985-03-15' },
    episode: { resourceType: 'EpisodeOfCare', id: 'pathway' },
  },
};
const forms = content.questionnaires
  .all()
  .map((questionnaire) =>
    compileForm(questionnaire, {
      compilePath,
      resolveValueSet: (canonical) => listConcepts(content, canonical),
    }),
  )
  .toSorted((a, b) => questionsIn(b) - questionsIn(a))
  .slice(0, LARGEST);

print('', ['questions', 'answered', 'p50', 'p95', 'slowest'], 'of which calculate, lay out, check (p50)');
for (const form of forms) {
  fill(form); // the engine's own warming up
  const steps = Array.from({ length: ROUNDS }, () => fill(form)).flat();
  const whole = steps.map(({ calculate, layOut, check }) => calculate + layOut + check);
  const parts = (['calculate', 'layOut', 'check'] as const).map((part) =>
    at(
      steps.map((step) => step[part]),
      0.5,
    ),
  );
  print(
    form.questionnaire.id ?? '',
    [
      questionsIn(form),
      steps.length / ROUNDS,
      ...[at(whole, 0.5), at(whole, 0.95), at(whole, 1)].map((value) => value.toFixed(1)),
    ],
    parts.map((value) => value.toFixed(1)).join(', '),
  );
}

interface Step {
  readonly calculate: number;
  readonly layOut: number;
  readonly check: number;
}

/** Answer what is asked and not answered yet, first to last, until nothing is. */
function fill(form: Form): readonly Step[] {
  let response: QuestionnaireResponse = {
    resourceType: 'QuestionnaireResponse',
    questionnaire: form.canonical,
    status: 'in-progress',
    subject: { reference: 'Patient/kari' },
  };
  const steps: Step[] = [];
  const done = new Set<string>();
  for (let view = viewForm(form, response, context); ;) {
    const next = [...view.byPath.values()].find(
      (node) => !done.has(node.path) && node.answers.length === 0 && isAsked(node) && view.isVisible(node),
    );
    if (next === undefined) {
      return steps;
    }
    done.add(next.path);
    const answered = writeAnswers(response, view.roots, new Map([[next.path, [answerTo(next.item)]]]));
    const begun = performance.now();
    response = recalculate(form, answered, context);
    const calculated = performance.now();
    view = viewForm(form, response, context);
    const laidOut = performance.now();
    validateResponse(form, response, 'final', context);
    const checked = performance.now();
    steps.push({ calculate: calculated - begun, layOut: laidOut - calculated, check: checked - laidOut });
  }
}

function isAsked({ item }: FormNode): boolean {
  return item.type !== 'group' && item.type !== 'display' && !item.isReadOnly;
}

function answerTo({ type, options }: FormItem): Answer {
  const option = options?.list.find(({ isSystemOnly }) => !isSystemOnly)?.coding;
  const answers: Readonly<Record<string, Answer>> = {
    choice: { valueCoding: option ?? { code: 'x' } },
    'open-choice': { valueCoding: option ?? { code: 'x' } },
    boolean: { valueBoolean: true },
    integer: { valueInteger: 1 },
    decimal: { valueDecimal: 1 },
    date: { valueDate: '2026-03-05' },
    dateTime: { valueDateTime: '2026-03-05T10:00:00+01:00' },
    quantity: { valueQuantity: { value: 1 } },
  };
  return answers[type] ?? { valueString: 'Tekst' };
}

function questionsIn({ byLinkId }: Form): number {
  return [...byLinkId.values()].filter(({ type }) => type !== 'group' && type !== 'display').length;
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function print(name: string, cells: readonly (string | number)[], end: string): void {
  console.log([name.padEnd(28), ...cells.map((cell) => String(cell).padStart(10)), `   ${end}`].join(''));
}
