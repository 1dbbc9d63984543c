/**
 * Checks of the schedules: a register has one PlanDefinition for each of its modules, and what a pathway or a referral is of says
 * which one it follows. https://hl7.org/fhir/R4/plandefinition.html
 */
import type { JsonObject } from '../fhir/types.ts';
import type { Artefact } from './artefact.ts';
import type { ContentProblem } from './problem.ts';
import type { RegisterSource } from './register-source.ts';

type Finding = Omit<ContentProblem, 'file'>;

/** What is wrong with each of a register's schedules by itself. */
export function checkPlans({ folder, artefacts }: RegisterSource): readonly ContentProblem[] {
  const plans = artefacts.filter(isPlan);
  return plans.length === 0
    ? [
        {
          file: `${folder}/schedule`,
          element: '',
          reason: 'A register has at least one PlanDefinition: one for each of its modules.',
        },
      ]
    : plans.flatMap(({ file, json }) => findings(json).map((finding) => ({ file, ...finding })));
}

const isPlan = ({ type }: Artefact): boolean => type === 'PlanDefinition';

function findings(plan: JsonObject): readonly Finding[] {
  const actions = list(plan['action']);
  const ids = actions.map((action) => action['id']);
  const opensFor = list(plan['extension']).findIndex(({ url }) => url === OPENS_FOR);
  const code = list(plan['extension'])[opensFor]?.['valueCode'];
  return [
    ...(Array.isArray(plan['topic'])
      ? []
      : [{ element: 'topic', reason: 'The plan must name the type of its pathways in topic.' }]),
    ...(opensFor === -1 || code === 'person' || code === 'referral'
      ? []
      : [{ element: `extension[${opensFor}].valueCode`, reason: 'Must be person or referral.' }]),
    ...actions.flatMap((action, index) =>
      typeof action['id'] === 'string' && ids.indexOf(action['id']) === index
        ? []
        : [{ element: `action[${index}].id`, reason: 'Every action needs an id of its own.' }],
    ),
  ];
}

const OPENS_FOR = 'https://ryggrad.no/fhir/StructureDefinition/pathway-opens-for';

/** A code that a plan takes pathways or referrals by. */
interface Mark {
  readonly register: string;
  readonly plan: Artefact;
  readonly element: string;
  readonly code: string;
  /** By what it is told from other plans' codes. */
  readonly key: string;
}

/**
 * Where several schedules are here, none may take what another takes: the type of its pathways is its own, in its register also
 * without the code system, as pages have it in their addresses; and so are, in its register, the codes of what opens them.
 */
export function checkModules(registers: readonly RegisterSource[]): readonly ContentProblem[] {
  const plans = registers.flatMap(({ id, artefacts }) =>
    artefacts.filter(isPlan).map((plan) => ({ register: id, plan })),
  );
  return [
    ...plans.filter(isOneOfSeveral(plans)).flatMap(untyped),
    ...taken(plans.flatMap(typeMarks), 'types pathways by'),
    ...taken(plans.flatMap(openingMarks), 'opens pathways by'),
  ];
}

interface Placed {
  readonly register: string;
  readonly plan: Artefact;
}

const isOneOfSeveral =
  (plans: readonly Placed[]) =>
  ({ register }: Placed): boolean =>
    plans.filter((other) => other.register === register).length > 1;

/** One of several modules cannot be told from the others by a text. */
function untyped({ plan }: Placed): readonly ContentProblem[] {
  return !Array.isArray(plan.json['topic']) || codings(list(plan.json['topic'])).length > 0
    ? []
    : [
        {
          file: plan.file,
          element: 'topic',
          reason: 'A register with several plans needs a coded topic in each: the type of its pathways.',
        },
      ];
}

function typeMarks({ register, plan }: Placed): readonly Mark[] {
  const marks = codings(list(plan.json['topic'])).flatMap(({ system, code }) => [
    { code: `${system}|${code}`, key: `${system}|${code}` },
    { code, key: `${register} ${code}` },
  ]);
  return marks.map((mark) => ({ register, plan, element: 'topic', ...mark }));
}

function openingMarks({ register, plan }: Placed): readonly Mark[] {
  return list(plan.json['action']).flatMap((action, index) =>
    (action['definitionCanonical'] === undefined ? list(action['trigger']) : []) // a form's own triggers fill it in
      .flatMap((trigger) => list(trigger['data']))
      .flatMap((data) =>
        codesOf(data).map((code) => ({ code, key: `${register} ${String(data['type'])} ${code}` })),
      )
      .map((mark) => ({ register, plan, element: `action[${index}].trigger`, ...mark })),
  );
}

const codesOf = (data: JsonObject): readonly string[] =>
  list(data['codeFilter'])
    .filter(({ path }) => path === 'code')
    .flatMap((filter) => list(filter['code']).flatMap(coded))
    .map(({ system, code }) => `${system}|${code}`);

/** One problem for each plan that takes what an earlier one takes. */
function taken(marks: readonly Mark[], does: string): readonly ContentProblem[] {
  const found = marks.flatMap(({ plan, element, code, key }, index) => {
    const first = marks.slice(0, index).find((other) => other.key === key && other.plan !== plan);
    return first === undefined
      ? []
      : [{ file: plan.file, element, reason: `${code} is taken: ${first.plan.file} ${does} it too.` }];
  });
  return found.filter(
    ({ file, element }, index) =>
      found.findIndex((other) => other.file === file && other.element === element) === index,
  );
}

const list = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly JsonObject[]) : [];

const codings = (concepts: readonly JsonObject[]) =>
  concepts.flatMap(({ coding }) => list(coding)).flatMap(coded);

const coded = ({ system, code }: JsonObject): readonly { system: string; code: string }[] =>
  typeof code === 'string' ? [{ system: typeof system === 'string' ? system : '', code }] : [];
