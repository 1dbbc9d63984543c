/** What the pages beside the work list need; every function authorises for itself and throws FhirError. */
import type { StaffPrincipal } from '../access/principal.ts';
import type { DeliveredModel, DeliveredQuery } from './models/delivered.ts';
import type { ModuleChoice } from './models/modules.ts';
import type {
  AskedPerson,
  DeletionModel,
  FoundPerson,
  NewPerson,
  SearchHits,
  SearchQuery,
} from './models/registration.ts';

export interface RegistrationPages {
  /** Day in Oslo. */
  today(): string;
  /** The pathway that is to be deleted. Throws 403 for others than local coordinators, 404. */
  deletion(principal: StaffPrincipal, episode: string): Promise<DeletionModel>;
  /** Throws 403, 404, 409 when a form is locked. */
  deletePathway(principal: StaffPrincipal, episode: string): Promise<void>;
  /** Throws 422 where nobody registers by hand. */
  requireStartable(principal: StaffPrincipal): void;
  /** Somebody by number, here or in the population registry. */
  find(principal: StaffPrincipal, asked: AskedPerson): Promise<FoundPerson>;
  /** A new person with a pathway; the task id of its first form. Throws 409, 422. */
  register(principal: StaffPrincipal, person: NewPerson): Promise<string>;
  /** A new pathway of somebody who is here; the task id of its first form. */
  start(principal: StaffPrincipal, patient: string, module: string | undefined): Promise<string>;
  /** What a new pathway may be of; none where the register is one whole. */
  modules(principal: StaffPrincipal): readonly ModuleChoice[];
  /** Persons of the own department. Throws 403 for national coordinators. */
  search(principal: StaffPrincipal, query: SearchQuery): Promise<SearchHits>;
  /** Throws 403 for others than local coordinators. */
  delivered(principal: StaffPrincipal, query: DeliveredQuery): Promise<DeliveredModel>;
  /** All rows of the search as a file. */
  deliveredCsv(principal: StaffPrincipal, query: DeliveredQuery): Promise<string>;
}
