/** Patient search [Pasientsøk]: persons of the own department, by name or number. */
import type { StaffPrincipal } from '../../access/principal.ts';
import { systemOfNumber } from '../../fhir/identifiers.ts';
import { parseJson } from '../../fhir/json.ts';
import { forbidden } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { EpisodeOfCare, Patient } from '../../fhir/types.ts';
import { FORLOPS_ID, otherNumberSystem, PASIENT_ID } from '../../registry/person/register-identifiers.ts';
import type { SearchHits, SearchQuery } from '../models/registration.ts';
import { patientHead } from './heads.ts';
import { escaped } from './search-value.ts';
import { startable } from './modules.ts';
import { callerOf, type Sources } from './sources.ts';

/** As many are shown; of more, that there are more. */
export const MOST_HITS = 20;
/** Words of a name that are looked for: each is a condition of its own. */
const MOST_WORDS = 8;
const NOBODY: Found = { patients: [], hasMore: false };

export async function searchPatients(
  sources: Sources,
  principal: StaffPrincipal,
  { field, text }: SearchQuery,
): Promise<SearchHits> {
  const [unit] = principal.units;
  if (principal.role === 'SC' || unit === undefined) {
    throw forbidden('Pasientsøk er for lokale brukere i en avdeling.', 'role');
  }
  const found =
    field === 'forlopsid'
      ? await ofPathway(sources, principal, text)
      : await ofPatients(
          sources,
          principal,
          field === 'tekst' ? byText(text, unit) : byNumber(PASIENT_ID, text),
        );
  return { ...found, mayRegister: startable(sources, principal.register).length > 0 };
}

type Found = Omit<SearchHits, 'mayRegister'>;

const byNumber = (system: string, number: string): URLSearchParams =>
  new URLSearchParams({ identifier: `${system}|${escaped(number)}` });

/** A national number, another number that the department has written down, or words that the name begins with. */
function byText(text: string, unit: string): URLSearchParams {
  const digits = text.replaceAll(/[ .-]/g, '');
  const system = systemOfNumber(digits);
  if (system !== undefined) {
    return byNumber(system, digits);
  }
  if (/\d/.test(text)) {
    return byNumber(otherNumberSystem(unit), text);
  }
  return new URLSearchParams(
    text
      .split(/\s+/)
      .slice(0, MOST_WORDS)
      .map((word) => ['name', escaped(word)]),
  );
}

async function ofPatients(
  sources: Sources,
  principal: StaffPrincipal,
  query: URLSearchParams,
): Promise<Found> {
  query.set('_sort', 'family,given');
  query.set('_count', String(MOST_HITS));
  const caller = callerOf(sources, principal, 'patient-search');
  const { matches, nextQuery } = await sources.search.search(caller, 'Patient', query, { lenient: false });
  return {
    patients: matches.map(({ content }) => patientHead(parseJson(content) as unknown as Patient)),
    hasMore: nextQuery !== undefined,
  };
}

async function ofPathway(sources: Sources, principal: StaffPrincipal, number: string): Promise<Found> {
  const caller = callerOf(sources, principal, 'patient-search');
  const query = byNumber(FORLOPS_ID, number);
  const { matches } = await sources.search.search(caller, 'EpisodeOfCare', query, { lenient: false });
  const ids = matches.map(({ content }) =>
    idOfReference((parseJson(content) as unknown as EpisodeOfCare).patient, 'Patient'),
  );
  if (ids.length === 0) {
    return NOBODY;
  }
  const rows = await sources.repository.select(caller, {
    text: 'r.type = $1 and r.id = any($2)',
    values: [typeCode('Patient') ?? 0, ids],
  });
  return {
    patients: rows.map(({ content }) => patientHead(parseJson(content) as unknown as Patient)),
    hasMore: false,
  };
}
