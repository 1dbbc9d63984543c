/**
 * A form that does not wait any more shuts every way in to it, in the transaction that ends it: sent in, locked by staff, consent
 * withdrawn, data deleted (PA-05). Text messages about it that have not left yet are not sent.
 */
import { cancelSql } from '../../adapters/message/cancel.ts';
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { receivedOf, stateCode } from '../../registry/sending/statements.ts';
import type { Pending } from '../../repository/operation.ts';
import type { WriteRule } from '../../repository/rules.ts';
import { revokeSql } from './accesses.ts';
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
    return [];
  },
};

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
