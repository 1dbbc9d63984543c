/**
 * Where the browser finds the form in the page: names shared by the page and the client bundle.
 */
export const ROOT_ID = 'skjema';
export const DATA_ID = 'skjema-data';
/** Prefix of generated ids; the same on both sides, or hydration would change them. */
export const ID_PREFIX = 's';
