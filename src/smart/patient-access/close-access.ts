/**
 * A form that does not wait any more shuts every way in to it, in the transaction that ends it: sent in, locked by staff, consent
 * withdrawn, data deleted (PA-05). Text messages about it that have not left yet are not sent.
 */
import { cancelSql } from '../../adapters/message/cancel.ts';
import { parseJson } from '../../fhir/json.ts';
import { error, type Issue } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { discardedOf, receivedOf, stateCode } from '../../registry/sending/statements.ts';
import type { Pending } from '../../repository/operation.ts';
import type { WriteRule, WriteScope } from '../../repository/rules.ts';
import { madeSinceSql, revokeSql } from './accesses.ts';
import { isWaiting } from './standing.ts';

/** After the register's rules: they say what becomes of the forms. */
export const closeAccess: WriteRule = {
  name: 'close-patient-access',
  async apply(scope) {
    const tasks = scope
      .pending()
      .filter(hasEnded)
      .map(({ id }) => id);
    if (tasks.length > 0) {
      const closed = await scope.query<{ task: string }>(revokeSql(tasks, scope.now));
      if (closed.length > 0) {
        await scope.query(
          cancelSql(
            closed.map(({ task }) => `Task/${task}`),
            scope.now,
          ),
        );
      }
    }
    return refuseAfterNewCode(scope);
  },
};

/** What was discarded does not come back when the patient has got a new way in since: they may be answering now (docs/adr/0026). */
async function refuseAfterNewCode(scope: WriteScope): Promise<readonly Issue[]> {
  const back = scope.pending().filter(isBroughtBack);
  const since = back.map((entry) => ({ task: entry.id, at: discardedOf(before(entry))?.at ?? scope.now }));
  const made = since.length === 0 ? [] : await scope.query<{ task: string }>(madeSinceSql(since));
  return back
    .filter(({ id }) => made.some(({ task }) => task === id))
    .map(({ operation }) =>
      error(
        'business-rule',
        'The patient has got a new code or link for the form since it was discarded.',
        operation.at ?? 'Task',
        'form-sent-anew',
      ),
    );
}

const before = ({ previous }: Pending): JsonObject => parseJson(previous?.content ?? '{}') as JsonObject;

const isBroughtBack = (entry: Pending): boolean =>
  entry.type === 'Task' &&
  entry.effect === 'updated' &&
  receivedOf(entry.resource ?? {}) === 'submitted' &&
  discardedOf(before(entry)) !== undefined;

const hasEnded = ({ type, effect, resource = {}, previous }: Pending): boolean =>
  type === 'Task' &&
  (effect === 'deleted' ||
    (effect === 'updated' &&
      (!isWaiting(resource['status']) ||
        (isShut(resource) && !isShut(parseJson(previous?.content ?? '{}') as JsonObject)))));

/** It is not to be answered any more: sent in and waiting for staff, stopped by somebody, or without consent. */
function isShut(task: JsonObject): boolean {
  const state = stateCode(task);
  return state === 'stopped' || state === 'not-ready' || receivedOf(task) !== undefined;
}
