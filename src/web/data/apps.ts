/**
 * Patients that an app may be told about, and the apps that a person has given access to.
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import { FhirError } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Patient } from '../../fhir/types.ts';
import type { Apps } from '../../smart/authorization.ts';
import type { PatientHead } from '../view-models.ts';
import type { AppGrantModel, AppPatientModel } from '../models/apps.ts';
import { patientHead } from './heads.ts';
import { escaped } from './search-value.ts';
import { callerOf, type Sources } from './sources.ts';

const SHOWN = 20;
/** The register's own number, or a national one. */
const NUMBER = /^[0-9][0-9 -]{0,14}$/;

/** The patients whom the person may see, by name or number; all when nothing is asked for. */
export async function choosablePatients(
  sources: Sources,
  principal: StaffPrincipal,
  text: string,
): Promise<Pick<AppPatientModel, 'patients' | 'hasMore'>> {
  const asked = text.trim();
  const query = new URLSearchParams({ _sort: 'family,given', _count: String(SHOWN) });
  if (asked !== '') {
    const isNumber = NUMBER.test(asked);
    query.set(isNumber ? 'identifier' : 'name', escaped(isNumber ? asked.replaceAll(/[ -]/g, '') : asked));
  }
  const caller = callerOf(sources, principal, 'choose-patient');
  const { matches, nextQuery } = await sources.search.search(caller, 'Patient', query, { lenient: false });
  return {
    patients: matches.map(({ content }) => patientHead(parseJson(content) as unknown as Patient)),
    hasMore: nextQuery !== undefined,
  };
}

/** The patient, when the person may see them; undefined otherwise. */
export async function choosablePatient(
  sources: Sources,
  principal: StaffPrincipal,
  id: string,
): Promise<PatientHead | undefined> {
  try {
    const caller = callerOf(sources, principal, 'choose-patient');
    const { content } = await sources.repository.read(caller, { type: 'Patient', id });
    return patientHead(parseJson(content) as unknown as Patient);
  } catch (cause) {
    if (cause instanceof FhirError && cause.status < 500) {
      return undefined;
    }
    throw cause;
  }
}

/** What the person has given, with the patients' names as far as the person may see them now. */
export async function appGrants(
  sources: Sources,
  apps: Apps,
  principal: StaffPrincipal,
  account: string,
): Promise<readonly AppGrantModel[]> {
  const grants = await apps.grantsOf(account);
  return Promise.all(
    grants.map(async ({ id, clientName, created, lastUsed, expiresAt, patient, scopes }) => {
      const head = patient === undefined ? undefined : await choosablePatient(sources, principal, patient);
      return {
        id,
        app: clientName,
        created: created.toISOString(),
        lastUsed: lastUsed.toISOString(),
        expires: expiresAt.toISOString(),
        scopes: scopes.filter((scope) => !['openid', 'fhirUser', 'launch/patient'].includes(scope)),
        ...(head?.name !== undefined && { patient: head.name }),
      };
    }),
  );
}
