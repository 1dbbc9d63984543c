/** Builds dist/ unless it is up to date. Throws when the sources do not compile. */
export function buildIfStale(): Promise<void>;
