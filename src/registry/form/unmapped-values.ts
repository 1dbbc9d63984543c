/**
 * What the register has no code or unit for becomes a task for those who look after its mappings: one for each department, sender,
 * question and value, with the value as it was sent and the forms that wait for it. https://hl7.org/fhir/R4/task.html, ADR 0033
 */
import { createHash } from 'node:crypto';
import { SYSTEM } from '../../access/principal.ts';
import { FhirError } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject, QuestionnaireResponse } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Operation } from '../../repository/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import type { Row } from '../../storage/store.ts';
import type { Answer } from '../../sdc/answer.ts';
import type { Form } from '../../sdc/form-types.ts';
import { originalText, sourceValuesOf } from '../../sdc/source-value.ts';
import { shortText } from '../../sdc/text.ts';
import { buildTree, walk } from '../../sdc/tree.ts';
import type { FormLibrary } from './library.ts';
import { taskIdOf } from './pathway.ts';

/** The job; its payload is `{ response, task }`: ids of a saved QuestionnaireResponse and of the Task of its form. */
export const KEEP_UNMAPPED = 'keep-unmapped';
export const UNMAPPED_CODE = 'https://ryggrad.no/fhir/CodeSystem/task-code';
const KEY = 'https://ryggrad.no/fhir/NamingSystem/unmapped-value';

export interface Unmapped {
  readonly linkId: string;
  readonly question: string;
  readonly questionnaire: string;
  readonly sender: string;
  readonly senderName: string;
  readonly value: Answer;
}

/** Has a saved form anything in it, or had it, that cannot be coded? */
export const mentionsUnmapped = (text: string): boolean => text.includes('"kind","valueCode":"unmapped"');

/** The values of a draft that wait for a code: beside questions that have no answer yet. */
export function unmappedIn(form: Form, response: QuestionnaireResponse): readonly Unmapped[] {
  return [...walk(buildTree(form, response))].flatMap(({ item, source, answers }) =>
    answers.length > 0
      ? []
      : sourceValuesOf(source)
          .filter(({ kind }) => kind === 'unmapped')
          .map(({ value, source: { system = '', display } }) => ({
            linkId: item.linkId,
            question: shortText(item, 'nb'),
            questionnaire: form.canonical,
            sender: system,
            senderName: /^(.*): /.exec(display)?.[1] ?? system,
            value,
          })),
  );
}

export interface UnmappedDeps {
  readonly repository: Repository;
  readonly forms: FormLibrary;
}

const ATTEMPTS = 5;

/** Make or bring up to date the tasks that a saved form's values lead to; again, where another form has done so meanwhile. */
export async function keepUnmapped(deps: UnmappedDeps, payload: unknown): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (await keepOnce(deps, payload)) {
        return;
      }
      if (attempt === ATTEMPTS) {
        throw new Error('Other forms keep making the same tasks; the job is tried again');
      }
    } catch (cause) {
      if (!(cause instanceof FhirError) || cause.status !== 412 || attempt === ATTEMPTS) {
        throw cause;
      }
    }
  }
}

/** False when a task was there already that was not seen. */
async function keepOnce({ repository, forms }: UnmappedDeps, payload: unknown): Promise<boolean> {
  const { response: id, task: given } = payload as { readonly response: string; readonly task?: string };
  const caller = unmappedCaller(repository);
  const [row] = await repository.select(caller, {
    text: 'r.type = $1 and r.id = $2',
    values: [typeCode('QuestionnaireResponse'), id],
  });
  const response = row && (parseJson(row.content) as unknown as QuestionnaireResponse);
  const form = forms.form(response?.questionnaire ?? '');
  const task = given ?? (response && taskIdOf(response as unknown as JsonObject));
  if (row === undefined || response === undefined || form === undefined || task === undefined) {
    return true;
  }
  const found = response.status === 'in-progress' ? unmappedIn(form, response) : [];
  const wanted = new Map(found.map((one) => [idOf(row, one), one]));
  const reference = `Task/${task}`;
  const open = await openUnmapped(repository, caller, row);
  const known = new Map([...open.values()].map((kept) => [keyOfTask(kept), kept]));
  const operations = [
    ...[...wanted].map(([key, one]) => withForm(key, one, reference, row, known.get(key))),
    ...[...known].filter(([key]) => !wanted.has(key)).map(([, kept]) => withoutForm(kept, reference)),
  ].flatMap((operation) => operation ?? []);
  const results = operations.length === 0 ? [] : await repository.commit(caller, operations);
  return results.every(({ effect }) => effect !== 'matched');
}

const keyOfTask = ({ content }: Stored): string =>
  (parseJson(content) as { readonly identifier?: readonly { readonly value?: string }[] }).identifier?.[0]
    ?.value ?? '';

export const unmappedCaller = ({ deps: { clock, newId } }: Repository): Caller => ({
  principal: SYSTEM,
  requestId: newId(clock.now()),
  interaction: KEEP_UNMAPPED,
});

type Stored = Row & { readonly content: string };

/** The tasks that are open, of one department or of all, by id. */
export async function openUnmapped(
  repository: Repository,
  caller: Caller,
  of?: Pick<Row, 'labels'>,
): Promise<ReadonlyMap<string, Stored>> {
  const rows = await repository.select(caller, {
    text: `r.type = $1 and r.status = 'requested' and r.episode is null and r.content like $2
      and ($3::text is null or r.reg = $3) and ($4::text is null or r.unit = $4)`,
    values: [typeCode('Task'), `%${KEY}%`, of?.labels.register ?? null, of?.labels.unit ?? null],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** The same department, sender, question and value have the same task. */
function idOf({ labels }: Row, { questionnaire, linkId, sender, value }: Unmapped): string {
  const key = [labels.register, labels.unit, questionnaire.split('|')[0], linkId, sender, keyOf(value)];
  return `u-${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 40)}`;
}

/** A code is the same whatever it is called. */
const keyOf = ({ valueCoding, ...value }: Answer): string =>
  JSON.stringify(valueCoding === undefined ? value : [valueCoding.system ?? '', valueCoding.code ?? '']);

const MOST_FORMS = 500;
const input = (code: string, value: JsonObject): JsonObject => ({ type: { text: code }, ...value });

function withForm(
  id: string,
  one: Unmapped,
  reference: string,
  { labels }: Row,
  known: Stored | undefined,
): Operation | undefined {
  if (known !== undefined) {
    const task = parseJson(known.content) as JsonObject;
    const inputs = (task['input'] ?? []) as readonly JsonObject[];
    return isNamed(inputs, reference) || inputs.length >= MOST_FORMS
      ? undefined
      : changed(known, task, [...inputs, input('form', { valueReference: { reference } })]);
  }
  const { extension: _extension, ...value } = one.value;
  return {
    kind: 'create',
    type: 'Task',
    ifNoneExist: `identifier=${KEY}|${id}&status=requested`,
    labels: { ...labels, episode: null, national: false },
    resource: {
      resourceType: 'Task',
      identifier: [{ system: KEY, value: id }],
      status: 'requested',
      intent: 'order',
      code: { coding: [{ system: UNMAPPED_CODE, code: 'unmapped-value', display: 'Kan ikke kodes' }] },
      description: originalText(one.value),
      requester: { display: one.senderName, identifier: { value: one.sender } },
      input: [
        input('value', value as unknown as JsonObject),
        input('questionnaire', { valueCanonical: one.questionnaire }),
        input('linkId', { valueString: one.linkId }),
        input('question', { valueString: one.question }),
        input('form', { valueReference: { reference } }),
      ],
    },
  };
}

/** The form does not wait any more; a task without forms stays until its mapping is mended. */
function withoutForm(known: Stored, reference: string): Operation | undefined {
  const task = parseJson(known.content) as JsonObject;
  const inputs = (task['input'] ?? []) as readonly JsonObject[];
  return isNamed(inputs, reference)
    ? changed(
        known,
        task,
        inputs.filter((one) => !isNamed([one], reference)),
      )
    : undefined;
}

const isNamed = (inputs: readonly JsonObject[], reference: string): boolean =>
  inputs.some(
    ({ valueReference }) => (valueReference as JsonObject | undefined)?.['reference'] === reference,
  );

const changed = (
  { id, versionId, labels }: Stored,
  task: JsonObject,
  inputs: readonly JsonObject[],
): Operation => ({
  kind: 'update',
  type: 'Task',
  id,
  labels,
  resource: { ...task, input: [...inputs] },
  ifMatch: String(versionId),
});

/** A task as pages and the mending read it. */
export interface UnmappedTask extends Unmapped {
  readonly id: string;
  readonly since: string;
  /** Ids of the Tasks of the forms that wait. */
  readonly forms: readonly string[];
}

export function readUnmapped({ id, content, lastUpdated }: Stored): UnmappedTask {
  const task = parseJson(content) as JsonObject;
  const inputs = (task['input'] ?? []) as readonly (JsonObject & {
    readonly type: { readonly text: string };
  })[];
  const part = (name: string): JsonObject => inputs.find(({ type }) => type.text === name) ?? {};
  const { type: _type, ...value } = part('value');
  const { display = '', identifier } = task['requester'] as {
    readonly display?: string;
    readonly identifier?: { readonly value?: string };
  };
  return {
    id,
    since: lastUpdated,
    linkId: String(part('linkId')['valueString']),
    question: String(part('question')['valueString']),
    questionnaire: String(part('questionnaire')['valueCanonical']),
    sender: identifier?.value ?? '',
    senderName: display,
    value: value as unknown as Answer,
    forms: inputs
      .filter(({ type }) => type.text === 'form')
      .map(({ valueReference }) => String((valueReference as JsonObject)['reference']).replace('Task/', '')),
  };
}
