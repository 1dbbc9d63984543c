/**
 * The port to the population registry [Folkeregisteret]: who has a national number. What answers it is chosen where everything
 * is put together.
 */
export interface RegisteredPerson {
  readonly given: string;
  readonly family: string;
  /** FHIR date. */
  readonly birthDate?: string;
}

export interface PopulationRegistry {
  /** Undefined for a number that the registry does not have, or that it does not give out. */
  find(nationalNumber: string): Promise<RegisteredPerson | undefined>;
}

/** Knows nobody: names are typed. */
export const noPopulationRegistry: PopulationRegistry = { find: () => Promise.resolve(undefined) };
