/**
 * Questions about single codes: https://hl7.org/fhir/R4/terminology-service.html
 */
import { error, unprocessable } from '../fhir/outcome.ts';
import type { Queryable } from '../storage/db.ts';
import { displayIn, isValidOn, nameOf, type Concept } from './concept.ts';
import { parentKey } from './keys.ts';
import { isOfSystem, membersOf, type SourcedPart } from './part-source.ts';
import type { SystemSource } from './sources.ts';
import { childCodes, codesIn, conceptsByCode } from './tables.ts';
import { foldText } from './words.ts';

export interface AskedCoding {
  readonly system?: string;
  readonly version?: string;
  readonly code: string;
  readonly display?: string;
}

/** https://hl7.org/fhir/R4/valueset-operation-validate-code.html: `message` says in words why not, or what to mind. */
export interface Validation {
  readonly result: boolean;
  readonly message?: string;
  readonly display?: string;
}

export interface ValidationOptions {
  readonly languages: readonly string[];
  readonly day: string;
  /** Headings count as codes unless this is false. */
  readonly abstract?: boolean;
}

/** One coding that is in the set is enough; its display, if it was sent, must be one of the concept's texts. */
export async function validateInParts(
  db: Queryable,
  parts: readonly SourcedPart[],
  codings: readonly AskedCoding[],
  options: ValidationOptions,
  setName: string,
): Promise<Validation> {
  const findings: Validation[] = [];
  for (const part of parts) {
    const asked = codings.filter(({ system }) => isOfSystem(part, system));
    const found =
      asked.length === 0
        ? new Map<string, Concept>()
        : await membersOf(
            db,
            part,
            asked.map(({ code }) => code),
          );
    for (const coding of asked) {
      const concept = found.get(coding.code);
      const finding = concept && judged(concept, coding, part, options);
      if (finding?.result === true) {
        return finding;
      }
      findings.push(...(finding === undefined ? [] : [finding]));
    }
  }
  return findings[0] ?? { result: false, message: notIn(codings, setName) };
}

function notIn(codings: readonly AskedCoding[], setName: string): string {
  const codes = codings.map(({ system, code }) => `"${code}" (${system ?? 'no system'})`);
  return `The code ${codes.join(', ')} is not in ${setName}.`;
}

function judged(
  concept: Concept,
  { code, display: sent }: AskedCoding,
  { texts, source }: SourcedPart,
  { languages, day, abstract }: ValidationOptions,
): Validation {
  const given = texts.get(concept.code);
  const display = given?.display ?? displayIn(concept, languages, source?.language) ?? nameOf(concept);
  if (concept.isAbstract && abstract === false) {
    return { result: false, display, message: `"${code}" is a heading, which is not to be chosen.` };
  }
  const names = [
    nameOf(concept),
    display,
    ...concept.designations.map(({ value }) => value),
    ...(given?.designations ?? []).map(({ value }) => value),
  ];
  if (sent !== undefined && !names.some((name) => foldText(name) === foldText(sent))) {
    return {
      result: false,
      display,
      message: `"${sent}" is not a text of the code "${code}"; it is called "${display}".`,
    };
  }
  return {
    result: true,
    display,
    ...(!isValidOn(concept, day) && { message: `The code "${code}" is not in use on ${day}.` }),
  };
}

/** Concepts of a system by code. */
export async function conceptsOf(
  db: Queryable,
  source: SystemSource,
  codes: readonly string[],
): Promise<ReadonlyMap<string, Concept>> {
  if (source.kind === 'table') {
    return await conceptsByCode(db, source.loaded, codes);
  }
  return new Map(
    codes.flatMap((code) => {
      const concept = source.list.get(code);
      return concept === undefined ? [] : [[code, concept] as const];
    }),
  );
}

/** Codes right below one. */
export async function childrenOf(
  db: Queryable,
  source: SystemSource,
  code: string,
): Promise<readonly string[]> {
  return source.kind === 'table'
    ? await childCodes(db, source.loaded.sid, parentKey(code))
    : source.list
        .all()
        .filter(({ parents }) => parents.includes(code))
        .map((concept) => concept.code);
}

/** https://hl7.org/fhir/R4/valueset-concept-subsumption-outcome.html */
export type Subsumption = 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed';

/** How two codes of a system relate. Throws 422 when one of them is not in the system. */
export async function subsumption(
  db: Queryable,
  source: SystemSource,
  codeA: string,
  codeB: string,
): Promise<Subsumption> {
  const concepts = await conceptsOf(db, source, [codeA, codeB]);
  const [a, b] = [codeA, codeB].map((code) => {
    const concept = concepts.get(code);
    if (concept === undefined) {
      throw unprocessable(
        error('code-invalid', `The system ${source.url} has no code "${code}".`, undefined, 'unknown-code'),
      );
    }
    return concept.code;
  }) as [string, string];
  if (a === b) {
    return 'equivalent';
  }
  if (await isBelow(db, source, b, a)) {
    return 'subsumes';
  }
  return (await isBelow(db, source, a, b)) ? 'subsumed-by' : 'not-subsumed';
}

async function isBelow(db: Queryable, source: SystemSource, code: string, above: string): Promise<boolean> {
  return source.kind === 'table'
    ? (await codesIn(db, source.loaded.sid, [code], { kind: 'is-a', code: above })).size > 0
    : source.list.isA(code, above);
}
