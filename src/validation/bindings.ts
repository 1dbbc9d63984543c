/**
 * Codes against value sets: https://hl7.org/fhir/R4/terminologies.html#strength
 * A set that cannot be decided here (SNOMED CT, LOINC, languages, media types …) is passed over, never guessed.
 */
import type { ElementDefinition, JsonValue } from '../fhir/types.ts';
import type { Answer, Terminology } from '../terminology/terminology.ts';
import { fail, inform, isObject, listOf, shown, stringOf, warn, type Check, type Run } from './run.ts';

type Binding = NonNullable<ElementDefinition['binding']>;
type Contains = (system: string | undefined, code: string) => Answer;

const MAX_VALUE_SET = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';

/** The checks of an element's binding for a value of that type; none for types that carry no code. */
export function bindingChecks(
  type: string,
  binding: Binding | undefined,
  terminology: Terminology,
): readonly Check[] {
  const answerOf = ANSWERS[type];
  if (binding?.valueSet === undefined || answerOf === undefined || binding.strength === 'example') {
    return [];
  }
  const limit = binding.extension?.find(({ url }) => url === MAX_VALUE_SET)?.valueCanonical;
  const { strength = 'preferred', valueSet } = binding;
  return [
    boundCheck(answerOf, valueSet, strength, terminology, strength === 'required' ? 'no' : 'unknown'),
    ...(limit === undefined ? [] : [boundCheck(answerOf, limit, 'required', terminology, 'unknown')]),
  ];
}

/** Whether a value of that type is in a value set; a set named by the oid of a code system is that system. */
export function isInValueSet(
  type: string,
  valueSet: string,
  terminology: Terminology,
): (value: JsonValue) => boolean {
  const contains: Contains = (system, code) => {
    const answer = terminology.contains(valueSet, system, code);
    return answer === 'unknown' && system === valueSet ? 'yes' : answer;
  };
  return (value) => ANSWERS[type]?.(value, contains, 'no') === 'yes';
}

function boundCheck(
  answerOf: AnswerOf,
  valueSet: string,
  strength: keyof typeof REPORTS,
  terminology: Terminology,
  withoutCode: Answer,
): Check {
  const contains: Contains = (system, code) => terminology.contains(valueSet, system, code);
  return (value, at, run) => {
    const answer = answerOf(value, contains, withoutCode);
    if (answer === 'no') {
      REPORTS[strength](run, at, shownCode(value), valueSet);
    }
    const codings = answer === 'unknown' ? codingsIn(value) : [];
    if (codings.length > 0) {
      run.deferred.push({ expression: at, codings, valueSet, strength });
    }
  };
}

/** Codings with system and code, for the loaded systems to decide. */
function codingsIn(value: JsonValue): readonly { readonly system: string; readonly code: string }[] {
  return isObject(value)
    ? listOf(value['coding'] ?? value).flatMap((coding) =>
        isObject(coding) && typeof coding['system'] === 'string' && typeof coding['code'] === 'string'
          ? [{ system: coding['system'], code: coding['code'] }]
          : [],
      )
    : [];
}

/** Whether the value is in the set; `unknown` when that cannot be said; `withoutCode` for text without a code. */
type AnswerOf = (value: JsonValue, contains: Contains, withoutCode: Answer) => Answer;

const ofCode: AnswerOf = (value, contains) =>
  typeof value === 'string' ? contains(undefined, value) : 'unknown';

const ofCoding: AnswerOf = (value, contains, withoutCode) => {
  if (!isObject(value)) {
    return 'unknown';
  }
  const code = stringOf(value['code']);
  if (code === undefined) {
    return value['_code'] === undefined ? withoutCode : 'unknown';
  }
  return contains(stringOf(value['system']) ?? '', code);
};

/** One coding in the set is enough. */
const ofConcept: AnswerOf = (value, contains, withoutCode) => {
  if (!isObject(value)) {
    return 'unknown';
  }
  const codings = listOf(value['coding']);
  if (codings.length === 0) {
    return value['extension'] === undefined ? withoutCode : 'unknown';
  }
  const answers = codings.map((coding) => ofCoding(coding, contains, withoutCode));
  if (answers.includes('yes')) {
    return 'yes';
  }
  return answers.includes('unknown') ? 'unknown' : 'no';
};

const ofQuantity: AnswerOf = (value, contains) => ofCoding(value, contains, 'unknown');

const ANSWERS: Readonly<Record<string, AnswerOf>> = {
  code: ofCode,
  string: ofCode,
  uri: ofCode,
  Coding: ofCoding,
  CodeableConcept: ofConcept,
  Quantity: ofQuantity,
  Age: ofQuantity,
  Duration: ofQuantity,
};

type Report = (run: Run, at: string, code: string, valueSet: string) => void;

const REPORTS = {
  required: (run, at, code, valueSet) =>
    fail(
      run,
      'code-invalid',
      'required-binding',
      at,
      `${code} is not in the value set ${valueSet}, which is required here.`,
    ),
  extensible: (run, at, code, valueSet) =>
    warn(
      run,
      'code-invalid',
      'extensible-binding',
      at,
      `${code} is not in the value set ${valueSet}; use a code from it unless none fits.`,
    ),
  preferred: (run, at, code, valueSet) =>
    inform(
      run,
      'code-invalid',
      'preferred-binding',
      at,
      `${code} is not in the preferred value set ${valueSet}.`,
    ),
} as const satisfies Record<string, Report>;

function shownCode(value: JsonValue): string {
  if (typeof value === 'string') {
    return `The code "${shown(value)}"`;
  }
  const codings = isObject(value) ? listOf(value['coding'] ?? value) : [];
  const codes = codings.flatMap((coding) =>
    isObject(coding) && typeof coding['code'] === 'string'
      ? [`"${shown(coding['code'])}" (${shown(stringOf(coding['system']) ?? 'no system')})`]
      : [],
  );
  return codes.length === 0 ? 'A value without a code' : `The code ${codes.join(', ')}`;
}
