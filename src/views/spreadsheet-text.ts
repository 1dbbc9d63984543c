/**
 * Texts that a spreadsheet would calculate: https://owasp.org/www-community/attacks/CSV_Injection, ASVS 5.0 1.2.10
 */
const CALCULATED = /^(?:\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n\0])/;

/** The text with an apostrophe in front where a spreadsheet, also one of the Far East, would take it for a formula. */
export const spreadsheetText = (text: string): string => (CALCULATED.test(text) ? `'${text}` : text);
