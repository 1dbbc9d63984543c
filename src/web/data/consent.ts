/** Withdrawal of a consent from its page: the same write as any FHIR client's. */
import type { StaffPrincipal } from '../../access/principal.ts';
import { parseJson } from '../../fhir/json.ts';
import { forbidden } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { Consent, JsonObject, Patient } from '../../fhir/types.ts';
import { asWithdrawn } from '../../registry/consent/withdrawal.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import type { ConsentModel } from '../view-models.ts';
import { patientHead } from './heads.ts';
import { callerOf, type Sources } from './sources.ts';

/** The consent and its person, for the coordinator who may withdraw it. Throws 403 for others, 404. */
export async function consentPage(
  sources: Sources,
  principal: StaffPrincipal,
  id: string,
): Promise<ConsentModel> {
  const caller = callerOf(sources, principal, 'consent-page');
  if (principal.role !== 'SC') {
    throw forbidden('Bare registerleder (SC) kan trekke tilbake et samtykke.', 'role');
  }
  const { repository } = sources;
  const row = await repository.read(caller, { type: 'Consent', id });
  const consent = parseJson(row.content) as unknown as Consent;
  const patient = await repository.read(caller, {
    type: 'Patient',
    id: idOfReference(consent.patient, 'Patient') ?? '',
  });
  return {
    id,
    patient: patientHead(parseJson(patient.content) as unknown as Patient),
    today: dayInOslo(repository.deps.clock.now()),
    ...(consent.dateTime !== undefined && { given: consent.dateTime }),
  };
}

/** State the withdrawal on a day. Throws what the write throws: 403, 404, 422 (the day, or nothing is given). */
export async function withdrawConsent(
  sources: Sources,
  principal: StaffPrincipal,
  id: string,
  day: string,
): Promise<void> {
  const caller = callerOf(sources, principal, 'withdraw-consent');
  const row = await sources.repository.read(caller, { type: 'Consent', id });
  const resource = asWithdrawn(parseJson(row.content) as JsonObject, day);
  await sources.repository.commit(caller, [
    { kind: 'update', type: 'Consent', id, resource, ifMatch: String(row.versionId) },
  ]);
}
