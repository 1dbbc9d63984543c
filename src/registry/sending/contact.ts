/**
 * Where the register itself knows that a person can be reached: what staff have written in the pathway's forms (items whose
 * `definition` is Patient.telecom), else the person's own record.
 */
import { parseCanonical } from '../../fhir/canonical.ts';
import type {
  JsonObject,
  Patient,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
} from '../../fhir/types.ts';
import type { FormLibrary } from '../form/library.ts';

const TELECOM = 'http://hl7.org/fhir/StructureDefinition/Patient#Patient.telecom';

export interface Known {
  readonly mobile: string | undefined;
  readonly email: string | undefined;
}

export function knownContact(
  forms: Pick<FormLibrary, 'form'>,
  patient: JsonObject,
  responses: readonly JsonObject[],
): Known {
  const person = patient as unknown as Patient;
  const written = (responses as unknown as readonly QuestionnaireResponse[]).flatMap((response) =>
    writtenIn(forms, response),
  );
  return {
    mobile: written.map(toE164).find((number) => number !== undefined) ?? mobileOf(person),
    email: written.find(isAddress) ?? emailOf(person),
  };
}

function writtenIn({ form }: Pick<FormLibrary, 'form'>, response: QuestionnaireResponse): readonly string[] {
  const canonical = response.questionnaire ?? '';
  const items = parseCanonical(canonical).url === '' ? [] : (form(canonical)?.questionnaire.item ?? []);
  const wanted = new Set(linkIds(items));
  return wanted.size === 0 ? [] : answersOf(response.item ?? [], wanted);
}

const linkIds = (items: readonly QuestionnaireItem[]): readonly string[] =>
  items.flatMap(({ linkId, definition, item = [] }) => [
    ...(definition === TELECOM ? [linkId] : []),
    ...linkIds(item),
  ]);

const answersOf = (
  items: readonly QuestionnaireResponseItem[],
  wanted: ReadonlySet<string>,
): readonly string[] =>
  items.flatMap(({ linkId, answer = [], item = [] }) => [
    ...(wanted.has(linkId ?? '') ? answer.flatMap(({ valueString }) => valueString ?? []) : []),
    ...answersOf(item, wanted),
  ]);

/** The person's mobile number as E.164; undefined when there is none that can be sent to. */
export function mobileOf({ telecom = [] }: Patient): string | undefined {
  const phones = telecom.filter(
    ({ system, use }) => (system === 'phone' || system === 'sms') && use !== 'old',
  );
  const ranked = [...phones.filter(({ system, use }) => system === 'sms' || use === 'mobile'), ...phones];
  return ranked.map(({ value = '' }) => toE164(value)).find((number) => number !== undefined);
}

function emailOf({ telecom = [] }: Patient): string | undefined {
  return telecom.find(({ system, use, value }) => system === 'email' && use !== 'old' && isAddress(value))
    ?.value;
}

const isAddress = (value = ''): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value);

function toE164(value: string): string | undefined {
  const number = value.replaceAll(/[\s()-]/g, '').replace(/^00/, '+');
  if (/^\+[1-9][0-9]{6,14}$/.test(number)) {
    return number;
  }
  return /^[49][0-9]{7}$/.test(number) ? `+47${number}` : undefined;
}
