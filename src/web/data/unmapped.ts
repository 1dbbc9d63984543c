/** Values that cannot be coded: of the department for its coordinator, of the whole register, without forms, for the national one. */
import type { StaffPrincipal } from '../../access/principal.ts';
import { forbidden } from '../../fhir/outcome.ts';
import { openUnmapped, readUnmapped, unmappedCaller } from '../../registry/form/unmapped-values.ts';
import { originalText } from '../../sdc/source-value.ts';
import type { UnmappedLine, UnmappedModel } from '../models/unmapped.ts';
import { callerOf, type Sources } from './sources.ts';

/** Throws 403 for others than coordinators. */
export async function unmappedPage(sources: Sources, principal: StaffPrincipal): Promise<UnmappedModel> {
  const { role, register } = principal;
  if (role === 'LU') {
    throw forbidden('Verdier som ikke kan kodes, er for koordinatorer (LC, SC).', 'role');
  }
  const { repository } = sources;
  const isNational = role === 'SC';
  // Codes are of no person: the national coordinator sees them, and not in which forms they stand.
  const caller = isNational ? unmappedCaller(repository) : callerOf(sources, principal, 'unmapped-values');
  const of = { labels: { register, unit: null, episode: null, national: false } };
  const rows = await openUnmapped(repository, caller, of);
  const lines = [...rows.values()]
    .map(readUnmapped)
    .map(({ id, value, question, sender, senderName, since, forms }): UnmappedLine => ({
      id,
      value: originalText(value),
      ...systemOf(value.valueCoding?.system ?? value.valueQuantity?.code),
      question,
      sender: senderName === '' ? sender : senderName,
      since,
      count: forms.length,
      forms: isNational ? [] : forms,
    }));
  return { lines: lines.toSorted((a, b) => b.count - a.count || a.value.localeCompare(b.value, 'nb')) };
}

const systemOf = (system: string | undefined): { readonly system?: string } =>
  system === undefined ? {} : { system };
