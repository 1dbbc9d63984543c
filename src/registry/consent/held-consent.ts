/**
 * The consent that holds for a pathway [forløp]. Where a register says so (access/rules.json, `consent`: register), one consent is for
 * all of the person's pathways in it, from whichever module: a Yes holds until it is withdrawn (docs/adr/0024).
 */
import type { AccessRules } from '../../content/register.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { newest } from '../form/national.ts';
import type { WriteScope } from '../../repository/rules.ts';
import { type PersonRow, personRows } from './person-rows.ts';
import { isWithdrawn, provisionOf } from './withdrawal.ts';

/** Does a consent hold in the whole register? */
export const isShared = ({ consent }: Pick<AccessRules, 'consent'>): boolean => consent === 'register';

/**
 * Of the Consents of a pathway and those of the person's other pathways, the one that counts: a withdrawal of the pathway itself,
 * else the newest Yes of either, else the newest of its own, else of the others.
 */
export function heldConsent<T extends object>(own: readonly T[], others: readonly T[]): T | undefined {
  const json = (consents: readonly T[]) => consents as unknown as readonly JsonObject[];
  const pick = (consents: readonly T[]) => newest(json(consents)) as T | undefined;
  if (others.length === 0 || isWithdrawn(json(own))) {
    return pick(own);
  }
  const given = [...others, ...own].filter(
    (consent) => provisionOf(consent as unknown as JsonObject) === 'permit',
  );
  return pick(given) ?? pick(own) ?? pick(others);
}

/** Consents of the person's other pathways in the register; none where a consent is for its pathway alone. */
export async function otherConsents(
  scope: Pick<WriteScope, 'pending' | 'query'>,
  { id, access }: { readonly id: string; readonly access: AccessRules },
  patient: string,
  episode: string,
): Promise<readonly JsonObject[]> {
  if (!isShared(access)) {
    return [];
  }
  const rows = await personRows(scope, { patient, register: id }, ['Consent']);
  return consentsOutside(rows, episode);
}

export const consentsOutside = (rows: readonly PersonRow[], episode: string): readonly JsonObject[] =>
  rows
    .filter(({ type, labels }) => type === 'Consent' && labels.episode !== null && labels.episode !== episode)
    .map(({ resource }) => resource);
