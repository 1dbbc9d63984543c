/**
 * Rules for values of a data type, wherever they stand: https://hl7.org/fhir/R4/datatypes.html
 */
import { hasMark } from '../../fhir/direct-identifiers.ts';
import { checkIdentifier } from '../../fhir/identifiers.ts';
import type { JsonValue } from '../../fhir/types.ts';
import type { Terminology } from '../../terminology/terminology.ts';
import { fail, inform, isObject, shown, warn, type Check, type Run } from '../run.ts';

/** National numbers have right check digits; a URI as identifier is a whole URI. */
export const identifierRules: Check = (value, at, run) => {
  if (!isObject(value) || typeof value['system'] !== 'string' || typeof value['value'] !== 'string') {
    return;
  }
  if (hasMark(value['value'])) {
    return; // it was checked when it came
  }
  const fault = checkIdentifier(value['system'], value['value']);
  if (fault !== undefined) {
    fail(run, 'value', fault.rule, `${at}.value`, fault.message);
  }
  if (value['system'] === 'urn:ietf:rfc:3986' && !/^[A-Za-z][A-Za-z0-9+.-]*:/.test(value['value'])) {
    fail(
      run,
      'value',
      'identifier-uri',
      `${at}.value`,
      'With the system urn:ietf:rfc:3986 the value is a whole URI, with its scheme (urn:oid:…, https://…).',
    );
  }
};

/** https://hl7.org/fhir/R4/datatypes.html#Attachment — `size` is that of the data. */
export const attachmentRules: Check = (value, at, run) => {
  if (!isObject(value) || typeof value['data'] !== 'string' || typeof value['size'] !== 'number') {
    return;
  }
  const bytes = bytesIn(value['data']);
  if (bytes !== value['size']) {
    fail(
      run,
      'value',
      'attachment-size',
      `${at}.size`,
      `The size is said to be ${value['size']} bytes, but the data has ${bytes}.`,
    );
  }
};

/** The length of what base64 stands for. */
export function bytesIn(base64: string): number {
  const compact = base64.replaceAll(/\s/g, '');
  const padding = /={0,2}$/.exec(compact)?.[0].length ?? 0;
  return (compact.length * 3) / 4 - padding;
}

/** A code that its system does not have, a text that is not its own; and, once a system, that it cannot be checked here. */
export function codingRules(terminology: Terminology): Check {
  return (value, at, run) => {
    if (!isObject(value) || typeof value['system'] !== 'string') {
      return;
    }
    const { system, code, display } = value as { system: string; code?: JsonValue; display?: JsonValue };
    if (!system.includes(':')) {
      fail(run, 'value', 'absolute-system', `${at}.system`, 'The system of a code must be an absolute URI.');
    } else if (typeof code === 'string') {
      codeRules(system, code, display, at, terminology, run);
    }
  };
}

/** The sender's edition of a system may be newer than the one here: an unknown code is advice; required bindings refuse. */
function codeRules(
  system: string,
  code: string,
  display: JsonValue | undefined,
  at: string,
  terminology: Terminology,
  run: Run,
): void {
  const answer = terminology.exists(system, code);
  if (answer === 'no') {
    warn(
      run,
      'code-invalid',
      'unknown-code',
      `${at}.code`,
      `The system ${shown(system)} has no code "${shown(code)}".`,
    );
  } else if (answer === 'unknown') {
    unchecked(system, at, run);
    const coding = typeof display === 'string' ? { system, code, display } : { system, code };
    run.deferred.push({ expression: at, codings: [coding] });
  } else if (typeof display === 'string') {
    displayRule(terminology.lookup(system, code)?.display, display, at, run);
  }
}

function unchecked(system: string, at: string, run: Run): void {
  if (!run.unchecked.has(system)) {
    run.unchecked.add(system);
    const text = /\/ValueSet\//.test(system)
      ? `${shown(system)} names a value set; the system of a code is a code system.`
      : `The code system ${shown(system)} is not here; its codes in this resource were not checked.`;
    inform(run, 'not-supported', 'code-not-checked', `${at}.system`, text);
  }
}

const plain = (text: string): string => text.trim().replaceAll(/\s+/g, ' ').toLowerCase();

function displayRule(known: string | undefined, display: string, at: string, run: Run): void {
  if (known !== undefined && known !== display && plain(known) !== plain(display)) {
    warn(
      run,
      'value',
      'display',
      `${at}.display`,
      `The code system gives this code the text "${shown(known)}".`,
    );
  }
}
