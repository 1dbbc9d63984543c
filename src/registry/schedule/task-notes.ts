/**
 * Tasks follow the forms; what people write on them is the comment alone. https://hl7.org/fhir/R4/task.html
 */
import { error, type Issue } from '../../fhir/outcome.ts';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { Pending } from '../../repository/operation.ts';
import type { WriteRule } from '../../repository/rules.ts';
import { statementOf } from '../sending/statements.ts';

/** Staff change `Task.note` of a register's Task; what they state about a patient's form is sending/sending-rule.ts's to judge. */
export const taskNotes: WriteRule = {
  name: 'task-notes',
  apply(scope) {
    const issues = scope.principal.kind === 'staff' ? scope.pending().flatMap(changedElements) : [];
    return Promise.resolve(issues);
  },
};

const OWN = new Set(['note', 'meta', 'text']);

function changedElements({
  type,
  effect,
  derived,
  resource,
  previous,
  operation,
}: Pending): readonly Issue[] {
  if (type !== 'Task' || effect !== 'updated' || derived === true || previous?.content == null) {
    return [];
  }
  const before = parseJson(previous.content) as JsonObject;
  const after = resource ?? {};
  if (statementOf(before, after) !== undefined) {
    return [];
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)].filter((name) => !OWN.has(name)));
  const changed = [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return changed.map((name) =>
    error(
      'business-rule',
      `A Task follows its form: only the comment (note) can be changed, not ${name}.`,
      `${operation.at ?? 'Task'}.${name}`,
      'task-note-only',
    ),
  );
}

/** The comment on a Task; empty when there is none. */
export function noteOf(task: JsonObject): string {
  const notes = (task['note'] ?? []) as readonly { readonly text?: string }[];
  return notes[0]?.text ?? '';
}

/** The Task with this comment; without one when the text is empty. */
export function withNote(task: JsonObject, text: string, author: string, at: string): JsonObject {
  const { note: _note, ...rest } = task;
  return text === '' ? rest : { ...rest, note: [{ authorString: author, time: at, text }] };
}

/** The text of a register's Task as it leaves: comments are for those who work here. Tasks that systems send have their own. */
export function withoutComment(text: string): string {
  if (!text.includes('"note"') || !text.includes('"instantiatesCanonical"')) {
    return text;
  }
  const { note: _note, ...rest } = parseJson(text) as JsonObject;
  return stringifyJson(rest);
}
