/** The pages beside the work list, met: data from the repository. */
import type { PopulationRegistry } from '../registry/person/population-registry.ts';
import { dayInOslo } from '../sdc/expression.ts';
import { deletePathway, deletionPage } from '../web/data/deletion.ts';
import { deliveredCsv, deliveredModel } from '../web/data/delivered.ts';
import { startPathway } from '../web/data/launch.ts';
import { modulesToStart, requireStartable } from '../web/data/modules.ts';
import { searchPatients } from '../web/data/patient-search.ts';
import { findPerson, registerPerson } from '../web/data/registration.ts';
import type { Sources } from '../web/data/sources.ts';
import type { RegistrationPages } from '../web/registration-deps.ts';

export const registrationPages = (
  sources: Sources,
  population: PopulationRegistry,
  onFailure: (cause: unknown) => void,
): RegistrationPages => ({
  today: () => dayInOslo(sources.repository.deps.clock.now()),
  deletion: (principal, episode) => deletionPage(sources, principal, episode),
  deletePathway: (principal, episode) => deletePathway(sources, principal, episode),
  find: (principal, asked) => findPerson(sources, population, principal, asked, onFailure),
  register: (principal, person) => registerPerson(sources, principal, person),
  requireStartable: ({ register }) => requireStartable(sources, register),
  modules: ({ register }) => modulesToStart(sources, register),
  start: (principal, patient, module) => startPathway(sources, principal, { id: patient, module }),
  search: (principal, query) => searchPatients(sources, principal, query),
  delivered: (principal, query) => deliveredModel(sources, principal, query),
  deliveredCsv: (principal, query) => deliveredCsv(sources, principal, query),
});
