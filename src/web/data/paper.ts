/** Forms on paper: one of a pathway with its answers, one that its patient is to answer, or one of the register without. */
import type { StaffPrincipal } from '../../access/principal.ts';
import { FhirError, error, notFound } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { EpisodeOfCare, JsonObject, Patient, Task } from '../../fhir/types.ts';
import { conditionOf } from '../../registry/dump/code-book.ts';
import { isLocked } from '../../registry/form/lock.ts';
import { openForm } from '../../registry/form/open-form.ts';
import { FORLOPS_ID } from '../../registry/person/register-identifiers.ts';
import { packsFor } from '../../registry/sending/content-packs.ts';
import { stateCode } from '../../registry/sending/statements.ts';
import { withWording } from '../../registry/sending/wording.ts';
import { questionnaireOf } from '../../registry/schedule/tasks.ts';
import { auditRead } from '../../repository/audit.ts';
import type { Answer } from '../../sdc/answer.ts';
import { chartViewsOf } from '../../sdc/body-chart.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import { compileForm } from '../../sdc/form.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';
import type { Language } from '../../sdc/language.ts';
import { answerText, itemText, localised, nodeText, optionText } from '../../sdc/text.ts';
import type { FormNode } from '../../sdc/tree.ts';
import { type FormView, viewForm } from '../../sdc/visibility.ts';
import type { PaperField, PaperModel, PaperPart } from '../models/paper.ts';
import { formsOf } from './files.ts';
import { formNames, namesOfForm, patientHead } from './heads.ts';
import { callerOf, langOf, type Sources, textsOf } from './sources.ts';

/** A form of a pathway with what is answered. Throws 404. */
export async function filledPaper(
  sources: Sources,
  principal: StaffPrincipal,
  taskId: string,
): Promise<PaperModel> {
  const lang = langOf(sources);
  const opened = await openForm(sources, callerOf(sources, principal, 'print-form'), taskId);
  const { form, response, patient, episode, task, savedAt } = opened;
  const now = sources.repository.deps.clock.now();
  const view = viewForm(form, response, { now, launch: { patient, episode } });
  const texts = textsOf(sources, principal.register, lang);
  const number = (episode as unknown as EpisodeOfCare).identifier?.find(
    ({ system }) => system === FORLOPS_ID,
  );
  const names = formNames(task as unknown as Task, texts);
  return {
    ...names,
    version: form.questionnaire.version ?? '',
    register: texts?.title ?? principal.register,
    patient: patientHead(patient as unknown as Patient),
    ...(number?.value !== undefined && { pathwayNumber: number.value }),
    state: isLocked(response.status) ? 'locked' : 'draft',
    ...(savedAt !== undefined && { savedAt }),
    back: `/skjema/${taskId}`,
    parts: answered(view, view.roots, lang),
  };
}

/** What is seen on the screen, in its order; rows by number. */
const answered = (view: FormView, nodes: readonly FormNode[], lang: Language): readonly PaperPart[] =>
  nodes.filter((node) => view.isVisible(node)).map((node) => answeredPart(view, node, lang));

function answeredPart(view: FormView, node: FormNode, lang: Language): PaperPart {
  const { item, path, answers } = node;
  if (item.type === 'group') {
    const title = node.row === undefined ? itemText(item, lang) : nodeText(node, lang);
    return { kind: 'group', key: path, title, parts: answered(view, node.children, lang) };
  }
  if (item.type === 'display') {
    return { kind: 'text', key: path, text: itemText(item, lang) };
  }
  const field = {
    kind: 'answers',
    answers: answers.map((answer) => answerText(item, answer, lang)),
  } as const;
  return {
    kind: 'question',
    key: path,
    text: itemText(item, lang),
    condition: '',
    field,
    ...chartOf(item, answers),
  };
}

/** The picture of a question that has one. */
function chartOf(item: FormItem, answers: readonly Answer[]): Pick<PaperQuestion, 'chart'> {
  const views = chartViewsOf(item);
  const chosen = new Set(answers.map(({ valueCoding }) => valueCoding?.code ?? ''));
  return views.length === 0 ? {} : { chart: { views, chosen } };
}

type PaperQuestion = Extract<PaperPart, { kind: 'question' }>;

/** A form of the register without answers. Throws 404; 422 when its wording is licensed and not installed. */
export async function emptyPaper(
  sources: Sources,
  principal: StaffPrincipal,
  questionnaire: string,
): Promise<PaperModel> {
  const lang = langOf(sources);
  const caller = callerOf(sources, principal, 'empty-form');
  await auditRead(sources.repository.deps, caller, { status: 200, query: `empty form ${questionnaire}` });
  const found = formsOf(sources, principal.register).find((one) => one.questionnaire.id === questionnaire);
  if (found === undefined) {
    throw notFound('Questionnaire', questionnaire);
  }
  const form = inItsWords(sources, found);
  const texts = textsOf(sources, principal.register, lang);
  return {
    title: localised(form.questionnaire, 'title', lang),
    short: namesOfForm(form.canonical, form.questionnaire.title, texts).short,
    version: form.questionnaire.version ?? '',
    register: texts?.title ?? principal.register,
    back: '/filarkiv',
    parts: empty(form, form.items, lang),
  };
}

/**
 * An empty form for the patient of a pathway who is not reached otherwise. What is scanned leads whoever types it in to the very
 * form. Throws 404; 409 when it does not wait for the patient; 422 when its wording is licensed and not installed.
 */
export async function patientPaper(
  sources: Sources,
  principal: StaffPrincipal,
  taskId: string,
  publicUrl: string,
): Promise<PaperModel> {
  const lang = langOf(sources);
  const caller = callerOf(sources, principal, 'paper-form');
  const read = async <T>(type: string, id: string): Promise<T> =>
    parseJson((await sources.repository.read(caller, { type, id })).content) as T;
  const task = await read<Task>('Task', taskId);
  const form = sources.forms.form(questionnaireOf(task as unknown as JsonObject) ?? '');
  if (
    form === undefined ||
    task.status !== 'ready' ||
    !SENDABLE.has(stateCode(task as unknown as JsonObject))
  ) {
    throw new FhirError(
      409,
      error('business-rule', 'Skjemaet venter ikke på svar fra pasienten.', 'Task.status', 'paper-form'),
    );
  }
  const worded = inItsWords(sources, form);
  const episode = await read<EpisodeOfCare>(
    'EpisodeOfCare',
    idOfReference(task.basedOn?.[0], 'EpisodeOfCare') ?? '',
  );
  const patient = await read<Patient>('Patient', idOfReference(task.for, 'Patient') ?? '');
  const number = episode.identifier?.find(({ system }) => system === FORLOPS_ID)?.value;
  const texts = textsOf(sources, principal.register, lang);
  const { id, name } = patientHead(patient);
  return {
    ...formNames(task, texts),
    version: worded.questionnaire.version ?? '',
    register: texts?.title ?? principal.register,
    patient: { id, ...(name !== undefined && { name }) }, // it goes by post
    ...(number !== undefined && { pathwayNumber: number }),
    scan: { address: `${publicUrl}/skjema/${taskId}`, number: taskId },
    back: `/pasientregistreringer/${episode.id ?? ''}`,
    parts: empty(worded, worded.items, lang),
  };
}

/** What the plan wants before it is sent is there, and nobody has stopped it. */
const SENDABLE: ReadonlySet<unknown> = new Set(['available', 'ordered', 'sent', 'reminded', 'not-reachable']);

/** An instrument is put on paper in the words of its licence, or not at all. */
function inItsWords({ registry, repository }: Sources, form: Form): Form {
  const scored = registry.forms.scored(form);
  const packs = packsFor(registry.packs, scored, dayInOslo(repository.deps.clock.now()));
  if (packs === undefined) {
    throw new FhirError(
      422,
      error(
        'business-rule',
        'The wording of the form is licensed, and no content pack with all of it is installed and valid today.',
        'Questionnaire',
        'content-pack',
      ),
    );
  }
  return packs.length === 0 ? form : compileForm(withWording(scored, packs), form.compileOptions);
}

/** What people answer: nothing that the system fills in, and nothing hidden. */
const isAsked = (item: FormItem): boolean =>
  !item.isHidden &&
  !(item.isReadOnly && item.type !== 'group') &&
  !(item.calculation !== undefined && item.calculationMode === 'fixed');

const empty = (form: Form, items: readonly FormItem[], lang: Language): readonly PaperPart[] =>
  items.filter(isAsked).flatMap((item) => emptyPart(form, item, lang));

function emptyPart(form: Form, item: FormItem, lang: Language): readonly PaperPart[] {
  const { linkId: key } = item;
  const text = itemText(item, lang);
  if (item.type === 'group') {
    const parts = empty(form, item.children, lang);
    return parts.length === 0 ? [] : [{ kind: 'group', key, title: text, parts }];
  }
  if (item.type === 'display') {
    return [{ kind: 'text', key, text }];
  }
  return [
    {
      kind: 'question',
      key,
      text,
      condition: ownConditionOf(form, item, lang),
      field: fieldOf(item, lang),
      ...chartOf(item, []),
    },
    ...empty(form, item.children, lang),
  ];
}

/** In words; an expression is for machines, and paper leaves it out. */
const ownConditionOf = (form: Form, item: FormItem, lang: Language): string =>
  conditionOf(
    form,
    { ...item, parent: undefined, enableExpression: undefined, source: { ...item.source, extension: [] } },
    lang,
  );

const MOST_BOXES = 40;

function fieldOf(item: FormItem, lang: Language): PaperField {
  const options = (item.options?.list ?? []).filter(({ isSystemOnly }) => !isSystemOnly);
  if (item.type === 'boolean') {
    const [yes, no] = [true, false].map((value) => answerText(item, { valueBoolean: value }, lang));
    return { kind: 'boxes', options: [yes ?? '', no ?? ''], isMany: false, isOpen: false };
  }
  if (options.length > 0 && options.length <= MOST_BOXES) {
    return {
      kind: 'boxes',
      options: options.map((option) => optionText(option, lang)),
      isMany: item.isRepeating,
      isOpen: item.type === 'open-choice',
    };
  }
  const unit = item.unit?.display ?? item.unit?.code ?? '';
  const dates: Readonly<Record<string, string>> = {
    date: 'dd.mm.åååå',
    dateTime: 'dd.mm.åååå tt:mm',
    time: 'tt:mm',
  };
  return { kind: 'lines', lines: item.type === 'text' ? 3 : 1, hint: dates[item.type] ?? unit };
}
