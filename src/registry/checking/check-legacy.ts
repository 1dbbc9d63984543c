/** Answers that the data dump would write without an old code, and columns that two questions would write into. */
import type { DumpRules, Register } from '../../content/register.ts';
import type { ConceptMap } from '../../fhir/types.ts';
import { codeBook } from '../dump/code-book.ts';
import { legacyCodes } from '../dump/legacy-codes.ts';
import { dumpTables } from '../dump/shape.ts';
import { solutionOf } from '../dump/solution.ts';
import type { FormLibrary } from '../form/library.ts';
import type { Schedule } from '../schedule/plan.ts';
import type { Form } from '../../sdc/form-types.ts';
import type { ItemFinding } from './check-reachable.ts';

const OWN_LIST = 'https://ryggrad.no/fhir/CodeSystem/';

/**
 * Options of the register's own lists without an old code, where it has dump rules. Codes of others' lists (ICD-10, NCSP) and plain
 * numbers stand in the dump as they are.
 */
export function checkLegacyCodes(
  form: Form,
  dump: DumpRules,
  maps: readonly ConceptMap[],
): readonly ItemFinding[] {
  const lines = codeBook([form], { dump, codes: legacyCodes(maps, dump), language: 'nb' });
  return lines.flatMap(({ linkId, variable, answers }) => {
    const options = form.byLinkId.get(linkId)?.options?.list ?? [];
    const without = answers
      .filter(({ code, old }, index) => {
        const system = options[index]?.coding.system ?? '';
        const isOwn = system.startsWith(OWN_LIST) && !/^\d+$/.test(code);
        return isOwn && old === code && !isSameInMaps(maps, dump, system, code);
      })
      .map(({ code }) => code);
    return without.length === 0 ? [] : [withoutCode(linkId, variable, without)];
  });
}

/** Does a map say that the old code is the same? */
const isSameInMaps = (
  maps: readonly ConceptMap[],
  { codes }: DumpRules,
  system: string,
  code: string,
): boolean =>
  maps
    .flatMap(({ group = [] }) => group)
    .filter(({ source, target }) => source === system && target?.startsWith(codes) === true)
    .flatMap(({ element = [] }) => element)
    .some((element) => element.code === code && element.target?.[0]?.code === code);

const withoutCode = (linkId: string, variable: string, codes: readonly string[]): ItemFinding => ({
  linkId,
  rule: 'legacy-code-missing',
  severity: 'warning',
  text: `No ConceptMap has an old code of ${variable} for ${codes.map((code) => `"${code}"`).join(', ')}; the data dump has the code as it stands.`,
});

/** Why the tables of the data dump cannot be laid out; undefined when they can. */
export function dumpProblem(
  register: Register,
  schedule: Schedule,
  library: FormLibrary,
  maps: readonly ConceptMap[],
): string | undefined {
  const { dump } = register;
  if (dump === undefined) {
    return undefined;
  }
  try {
    dumpTables(register, schedule, library, legacyCodes(maps, dump), solutionOf(dump.shape));
    return undefined;
  } catch (cause) {
    return (cause as Error).message;
  }
}
