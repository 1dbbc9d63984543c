/** Deletion of a pathway from its page: the same write as any FHIR client's. */
import type { StaffPrincipal } from '../../access/principal.ts';
import { parseJson } from '../../fhir/json.ts';
import { forbidden } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { EpisodeOfCare, Patient, Task } from '../../fhir/types.ts';
import { FORLOPS_ID } from '../../registry/person/register-identifiers.ts';
import type { DeletionModel } from '../models/registration.ts';
import { formNames, patientHead } from './heads.ts';
import { inOrder } from './pathways.ts';
import { callerOf, langOf, type Sources, textsOf } from './sources.ts';

export async function deletionPage(
  sources: Sources,
  principal: StaffPrincipal,
  id: string,
): Promise<DeletionModel> {
  const caller = callerOf(sources, principal, 'delete-pathway-page');
  if (principal.role !== 'LC') {
    throw forbidden('Bare lokal koordinator (LC) kan slette et forløp.', 'role');
  }
  const { repository } = sources;
  const row = await repository.read(caller, { type: 'EpisodeOfCare', id });
  const episode = parseJson(row.content) as unknown as EpisodeOfCare;
  const person = await repository.read(caller, {
    type: 'Patient',
    id: idOfReference(episode.patient, 'Patient') ?? '',
  });
  const tasks = await repository.select(caller, {
    text: `r.episode = $1 and r.type = $2 and r.status = 'completed'`,
    values: [id, typeCode('Task') ?? 0],
  });
  const texts = textsOf(sources, principal.register, langOf(sources));
  const number = episode.identifier?.find(({ system }) => system === FORLOPS_ID)?.value;
  return {
    episode: id,
    patient: patientHead(parseJson(person.content) as unknown as Patient),
    ...(number !== undefined && { pathwayNumber: number }),
    ...(episode.period?.start !== undefined && { start: episode.period.start }),
    locked: inOrder(
      sources,
      tasks.map(({ content }) => parseJson(content) as unknown as Task),
    ).map((task) => formNames(task, texts).short),
  };
}

/** Throws what the write throws: 403, 404, 409 (a form is locked). */
export async function deletePathway(sources: Sources, principal: StaffPrincipal, id: string): Promise<void> {
  await sources.repository.commit(callerOf(sources, principal, 'delete-pathway'), [
    { kind: 'delete', type: 'EpisodeOfCare', id },
  ]);
}
