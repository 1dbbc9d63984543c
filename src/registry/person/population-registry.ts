/**
 * The port to the population registry [Folkeregisteret]: who has a national number, and what has become of them. What answers it
 * is chosen where everything is put together.
 */

/** Where somebody lives, as the registry has it. */
export interface RegisteredAddress {
  readonly lines: readonly string[];
  readonly postalCode?: string;
  readonly city?: string;
  /** Four digits. */
  readonly municipality?: string;
  /** Six digits: the part of Oslo, Bergen, Stavanger or Trondheim. */
  readonly urbanDistrict?: string;
}

export interface RegisteredPerson {
  /** The number that is in use. */
  readonly number: string;
  /** Numbers that the person had before, or has beside it. */
  readonly otherNumbers: readonly string[];
  readonly given: string;
  readonly family: string;
  /** FHIR date. */
  readonly birthDate?: string;
  readonly gender?: 'female' | 'male';
  /** FHIR date. */
  readonly deceased?: string;
  /** Undefined where it is not known, and where it is nobody's business. */
  readonly address?: RegisteredAddress;
  /** The address is confidential [adressesperre]: none may be kept. */
  readonly isProtected: boolean;
}

export interface PopulationRegistry {
  /** Undefined for a number that the registry does not have, or does not give out. Throws when it cannot be asked now. */
  find(nationalNumber: string): Promise<RegisteredPerson | undefined>;
  /** By the number that was asked for; those that it does not have are left out. Throws when it cannot be asked now. */
  findMany(nationalNumbers: readonly string[]): Promise<ReadonlyMap<string, RegisteredPerson>>;
}

/** Knows nobody: names are typed. */
export const noPopulationRegistry: PopulationRegistry = {
  find: () => Promise.resolve(undefined),
  findMany: () => Promise.resolve(new Map()),
};
