/**
 * The criteria of a search as a condition on `r`, for those who select rows in their own statements (bulk export).
 * Chains are looked up in the given session, with the caller's rights.
 */
import { rowFilter } from '../access/filter.ts';
import { readsPseudonymised } from '../access/redact.ts';
import type { ParameterTable } from '../search/parameters.ts';
import { parseSearch } from '../search/parse.ts';
import { planSearch } from '../search/plan.ts';
import { printCondition } from '../search/print-condition.ts';
import { resolveLinks } from '../search/link.ts';
import { join, raw, toSql } from '../search/sql.ts';
import type { Sql, StoreSession } from '../storage/store.ts';
import type { Caller } from './audit.ts';
import type { Repository } from './repository.ts';
import { otherTypes, refuseRevealing } from './search.ts';

/** Throws FhirError: 400 for what is not understood or would reveal what is hidden, 403. */
export async function searchCondition(
  { repository, parameters }: { readonly repository: Repository; readonly parameters: ParameterTable },
  caller: Caller,
  type: string,
  query: string,
  session: Pick<StoreSession, 'query'> = repository.readAs(caller.principal),
): Promise<Sql> {
  const { clock, fhirBase } = repository.deps;
  const tree = parseSearch(type, new URLSearchParams(query), parameters, { baseUrl: fhirBase });
  for (const other of otherTypes(tree)) {
    await repository.authorise(caller, 'search', { type: other });
  }
  if (readsPseudonymised(caller.principal)) {
    refuseRevealing(tree);
  }
  const context = {
    parameters,
    filter: rowFilter(caller.principal),
    now: clock.now(),
    baseUrl: fhirBase,
    session: { ...repository.readAs(caller.principal), query: session.query },
  };
  const plain = await resolveLinks(tree.criteria, tree.types, context);
  const { conditions, driver } = planSearch(tree, plain, parameters);
  const all = [...(driver === undefined ? [] : [driver]), ...conditions];
  const printed = all.map((condition) => printCondition(condition, context));
  return toSql(printed.length === 0 ? raw('true') : join([raw('('), join(printed, ' and '), raw(')')], ''));
}
