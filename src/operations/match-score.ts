/**
 * How sure it is that two records are about one person: https://hl7.org/fhir/R4/patient-operation-match.html
 *
 * An equal national identity number is certain (1). A different one of the same kind is somebody else, whatever else is
 * equal. Without one, evidence is added up, and is never certain (at most 0.95):
 *
 * | evidence                                                            | weight |
 * |---------------------------------------------------------------------|--------|
 * | birth date equal                                                    | 0.40   |
 * | … day and month exchanged, or one digit other                       | 0.15   |
 * | … only the year known, and equal                                    | 0.15   |
 * | family name equal (å = a = aa, ø = o = oe, æ = ae; case, accents, hyphens apart) | 0.25 |
 * | … one letter other, or one part of a double name                    | 0.15   |
 * | first given name equal                                              | 0.20   |
 * | … another given name equal, one letter other, or an initial         | 0.10   |
 * | gender equal                                                        | 0.10   |
 * | … other (both known)                                                | -0.10  |
 * | birth date other than all this                                      | -0.30  |
 *
 * 0.80 and more is probable, 0.50 and more possible; less is not answered.
 */
import type { HumanName, Identifier, Patient } from '../fhir/types.ts';
import { NATIONAL_SYSTEMS } from '../fhir/identifiers.ts';
import { normaliseText } from '../search/text.ts';

export type MatchGrade = 'certain' | 'probable' | 'possible' | 'certainly-not';

export interface Score {
  readonly score: number;
  readonly grade: MatchGrade;
}

const MOST_WITHOUT_NUMBER = 0.95;
const PROBABLE = 0.8;
const POSSIBLE = 0.5;
const NO: Score = { score: 0, grade: 'certainly-not' };

/** The candidate beside what is sought. */
export function scoreOf(sought: Patient, candidate: Patient): Score {
  const number = sameNumber(sought.identifier ?? [], candidate.identifier ?? []);
  if (number !== undefined) {
    return number ? { score: 1, grade: 'certain' } : NO;
  }
  const sum =
    birthDateWeight(sought.birthDate, candidate.birthDate) +
    nameWeight(sought.name ?? [], candidate.name ?? []) +
    genderWeight(sought.gender, candidate.gender);
  const score = Math.round(Math.min(Math.max(sum, 0), MOST_WITHOUT_NUMBER) * 100) / 100;
  return { score, grade: gradeOf(score) };
}

function gradeOf(score: number): MatchGrade {
  if (score >= PROBABLE) {
    return 'probable';
  }
  return score >= POSSIBLE ? 'possible' : 'certainly-not';
}

/** True: one is equal. False: both have one of the same kind, and none is equal. Undefined: nothing to compare. */
function sameNumber(a: readonly Identifier[], b: readonly Identifier[]): boolean | undefined {
  const compared = NATIONAL_SYSTEMS.flatMap((system) => {
    const [left, right] = [a, b].map((list) => list.filter((identifier) => identifier.system === system));
    return left === undefined || right === undefined || left.length === 0 || right.length === 0
      ? []
      : [left.some(({ value }) => right.some((other) => other.value === value))];
  });
  return compared.length === 0 ? undefined : compared.includes(true);
}

function birthDateWeight(sought: string | undefined, found: string | undefined): number {
  if (sought === undefined || found === undefined) {
    return 0;
  }
  if (sought === found) {
    return sought.length === 10 ? 0.4 : 0.15;
  }
  if (sought.length < 10 || found.length < 10) {
    return sought.slice(0, 4) === found.slice(0, 4) ? 0.15 : -0.3;
  }
  const [year, month, day] = sought.split('-');
  return found === `${year ?? ''}-${day ?? ''}-${month ?? ''}` || differences(sought, found) === 1
    ? 0.15
    : -0.3;
}

const differences = (a: string, b: string): number =>
  [...a].filter((digit, index) => digit !== b[index]).length;

const nameWeight = (sought: readonly HumanName[], found: readonly HumanName[]): number =>
  Math.max(0, ...sought.flatMap((a) => found.map((b) => familyWeight(a, b) + givenWeight(a, b))));

function familyWeight(a: HumanName, b: HumanName): number {
  const [left, right] = [partsOf([a.family ?? '']), partsOf([b.family ?? ''])];
  if (left.length === 0 || right.length === 0) {
    return 0;
  }
  const [x, y] = [left.join(' '), right.join(' ')];
  if (x === y) {
    return 0.25;
  }
  return isNearlySame(x, y) || left.some((part) => right.includes(part)) ? 0.15 : 0;
}

function givenWeight(a: HumanName, b: HumanName): number {
  const [left, right] = [partsOf(a.given ?? []), partsOf(b.given ?? [])];
  const [x, y] = [left[0], right[0]];
  if (x === undefined || y === undefined) {
    return 0;
  }
  if (x === y) {
    return 0.2;
  }
  const isInitial = (x.length === 1 || y.length === 1) && x[0] === y[0];
  return isInitial || isNearlySame(x, y) || left.some((part) => part.length > 1 && right.includes(part))
    ? 0.1
    : 0;
}

/** The words of names as they are compared: `Aase-Marie` and `Åse Marie` are the same two. */
const partsOf = (names: readonly string[]): readonly string[] =>
  names.flatMap((name) => spelled(name).split(' ')).filter((part) => part !== '');

/** Norwegian letters and what is written for them, all as one: aa, å and a; oe, ø and o; ae and æ. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/æ/g, 'ae'],
  [/oe|ø/g, 'o'],
  [/aa|[åÿ]/g, 'a'],
];

const spelled = (name: string): string =>
  SPELLINGS.reduce((text, [letters, one]) => text.replaceAll(letters, one), normaliseText(name));

/** One letter put in, left out, exchanged with its neighbour or other, in a word of some length. */
function isNearlySame(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length < 4 || long.length - short.length > 1) {
    return false;
  }
  const at = [...short].findIndex((letter, index) => letter !== long[index]);
  if (at === -1) {
    return true;
  }
  const rest = long.slice(at + 1);
  return short.length < long.length
    ? short.slice(at) === rest
    : short.slice(at + 1) === rest ||
        (short[at] === long[at + 1] &&
          short[at + 1] === long[at] &&
          short.slice(at + 2) === long.slice(at + 2));
}

const genderWeight = (sought: string | undefined, found: string | undefined): number => {
  const known = ['female', 'male'];
  if (sought === undefined || found === undefined || !known.includes(sought) || !known.includes(found)) {
    return 0;
  }
  return sought === found ? 0.1 : -0.1;
};
