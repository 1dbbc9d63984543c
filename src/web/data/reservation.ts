/** Reservation against a register from its pages: the same writes as any FHIR client's. */
import { reservationUnit } from '../../access/filter.ts';
import type { StaffPrincipal } from '../../access/principal.ts';
import { parseJson } from '../../fhir/json.ts';
import { systemOfNumber } from '../../fhir/identifiers.ts';
import { forbidden, notFound } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { Consent, JsonObject, Patient } from '../../fhir/types.ts';
import { RESERVED, runsByReservation } from '../../registry/consent/reserved.ts';
import { MISSING_CONSENT } from '../../registry/consent/withdrawal.ts';
import type { Operation } from '../../repository/operation.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import type { ReservationLetter, ReservationLine, ReservationModel } from '../view-models.ts';
import { patientHead } from './heads.ts';
import { callerOf, langOf, type Sources, textsOf } from './sources.ts';

/** Whoever reserves: somebody that the coordinator sees, or a national number. */
export type WhoReserves = { readonly patient: string } | { readonly number: string };

const FULL_URL = 'urn:uuid:0d7f3f0e-6f0b-4f0a-8a55-1f6f2c6f3b9e';

/** Does the reader look after reservations? A national coordinator of a register that runs by them does. */
export const hasReservations = (sources: Sources, { role, register }: StaffPrincipal): boolean =>
  role === 'SC' &&
  runsByReservation(registerOf(sources, register)?.access, sources.repository.deps.clock.now());

const registerOf = ({ registry }: Sources, id: string) =>
  registry.content.registers.find((register) => register.id === id);

function requireReservations(sources: Sources, principal: StaffPrincipal): void {
  if (!hasReservations(sources, principal)) {
    throw forbidden(
      'Reservasjon registreres av registerleder (SC), i registre med reservasjonsrett.',
      'role',
    );
  }
}

/** The page to state one on, with those that are stated. Throws 403, 404. */
export async function reservationPage(
  sources: Sources,
  principal: StaffPrincipal,
  patient: string | undefined,
): Promise<ReservationModel> {
  requireReservations(sources, principal);
  const caller = callerOf(sources, principal, 'reservations');
  const { repository } = sources;
  const today = dayInOslo(repository.deps.clock.now());
  if (patient !== undefined) {
    const row = await repository.read(caller, { type: 'Patient', id: patient });
    return { today, patient: patientHead(parseJson(row.content) as unknown as Patient), lines: [] };
  }
  const rows = await repository.select(caller, {
    text: 'r.type = any($1::smallint[]) and r.unit = $2',
    values: [[typeCode('Consent'), typeCode('Patient')], reservationUnit(principal.register)],
  });
  return { today, lines: linesOf(rows.map(({ content }) => parseJson(content) as JsonObject)) };
}

function linesOf(resources: readonly JsonObject[]): readonly ReservationLine[] {
  const patients = resources.filter(({ resourceType }) => resourceType === 'Patient');
  const consents = resources.filter(({ resourceType }) => resourceType === 'Consent');
  return consents.map((resource) => {
    const { id = '', patient, dateTime } = resource as unknown as Consent;
    const person = patients.find((one) => one['id'] === idOfReference(patient, 'Patient'));
    const number = patientHead(person as unknown as Patient | undefined).nationalId;
    return { id, day: dateTime ?? '', ...(number !== undefined && { nationalId: number }) };
  });
}

/** State it; answers the letter that confirms it. Throws what the write throws: 403, 404, 422. */
export async function reserve(
  sources: Sources,
  principal: StaffPrincipal,
  who: WhoReserves,
  day: string,
): Promise<ReservationLetter> {
  requireReservations(sources, principal);
  const caller = callerOf(sources, principal, 'reserve');
  const { repository } = sources;
  const person =
    'patient' in who
      ? patientHead(
          parseJson(
            (await repository.read(caller, { type: 'Patient', id: who.patient })).content,
          ) as unknown as Patient,
        )
      : undefined;
  const url = registerOf(sources, principal.register)?.manifest.url ?? '';
  const operations: readonly Operation[] =
    'patient' in who
      ? [stated(`Patient/${who.patient}`, day, url)]
      : [named(who.number), stated(FULL_URL, day, url)];
  await repository.commit(caller, operations);
  const register = textsOf(sources, principal.register, langOf(sources))?.title ?? principal.register;
  const nationalId = person?.nationalId ?? ('number' in who ? who.number : undefined);
  return {
    register,
    day,
    madeOn: dayInOslo(repository.deps.clock.now()),
    ...(person?.name !== undefined && { name: person.name }),
    ...(nationalId !== undefined && { nationalId }),
  };
}

const named = (number: string): Operation => ({
  kind: 'create',
  type: 'Patient',
  matchPerson: true,
  fullUrl: FULL_URL,
  resource: {
    resourceType: 'Patient',
    identifier: [{ system: systemOfNumber(number) ?? null, value: number }],
  },
});

const stated = (reference: string, day: string, register: string): Operation => ({
  kind: 'create',
  type: 'Consent',
  resource: {
    resourceType: 'Consent',
    extension: [{ url: MISSING_CONSENT, valueCodeableConcept: { coding: [RESERVED] } }],
    status: 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference },
    dateTime: day,
    policy: [{ uri: register }],
    provision: { type: 'deny' },
  },
});

/** One that is stated, to be taken back. Throws 403, 404. */
export async function statedReservation(
  sources: Sources,
  principal: StaffPrincipal,
  id: string,
): Promise<ReservationLine> {
  const { lines } = await reservationPage(sources, principal, undefined);
  const found = lines.find((line) => line.id === id);
  if (found === undefined) {
    throw notFound('Consent', id);
  }
  return found;
}

/** Take it back: the person may be registered again. Throws 403, 404. */
export async function takeBackReservation(
  sources: Sources,
  principal: StaffPrincipal,
  id: string,
): Promise<void> {
  requireReservations(sources, principal);
  await sources.repository.commit(callerOf(sources, principal, 'take-back-reservation'), [
    { kind: 'delete', type: 'Consent', id },
  ]);
}
