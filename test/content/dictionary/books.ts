/** Code books through the content of a register and back, in memory. */
import { canonicalIndex } from '../../../src/content/canonical-index.ts';
import { listConcepts } from '../../../src/content/concepts.ts';
import type { Register } from '../../../src/content/register.ts';
import { type NewRegister, registerFiles } from '../../../src/content/scaffold/register.ts';
import { compilePath } from '../../../src/fhir/path.ts';
import type { CodeSystem, ConceptMap, JsonObject, Questionnaire, ValueSet } from '../../../src/fhir/types.ts';
import { sharedAnswers } from '../../../src/operations/dictionary/import-book.ts';
import { variablesOf } from '../../../src/registry/dictionary/from-content.ts';
import { contentOf } from '../../../src/registry/dictionary/to-content.ts';
import type { CodeBook, Variable } from '../../../src/registry/dictionary/variable.ts';
import { compileForm } from '../../../src/sdc/form.ts';
import { content } from '../fill-form.ts';

export const register: NewRegister = {
  id: 'fot',
  name: 'Fot',
  title: 'Fotregisteret',
  publisher: 'Helse Prøve HF',
  date: '2026-11-22',
};

/** The variables of the content that a book becomes. */
export function throughContent(book: CodeBook, solution: 'openqreg' | 'mrs'): readonly Variable[] {
  const { parts } = contentOf(register, book, sharedAnswers(content), solution);
  const json = registerFiles(register, parts).flatMap(({ content: one }) =>
    typeof one === 'string' ? [] : [one],
  );
  const ofType = <T>(type: string): readonly T[] =>
    json.filter(({ resourceType }) => resourceType === type) as readonly unknown[] as readonly T[];
  const made = {
    valueSets: canonicalIndex([...content.valueSets.all(), ...ofType<ValueSet>('ValueSet')]),
    codeSystems: canonicalIndex([...content.codeSystems.all(), ...ofType<CodeSystem>('CodeSystem')]),
  };
  const forms = ofType<Questionnaire>('Questionnaire').map((questionnaire) =>
    compileForm(questionnaire, {
      compilePath,
      resolveValueSet: (canonical) => listConcepts(made, canonical),
    }),
  );
  const file = (end: string): JsonObject =>
    registerFiles(register, parts).find(({ path }) => path.endsWith(end))?.content as JsonObject;
  const own = { id: register.id, dump: file('dump.json'), texts: { nb: file('nb.json') } };
  return variablesOf(own as unknown as Register, forms, ofType<ConceptMap>('ConceptMap'));
}

/** What a round trip keeps; the line of the file is not of the variable. */
export const comparable = (variables: readonly Variable[]): readonly object[] =>
  variables.map(({ line, ...rest }) => ({ ...rest, line: line * 0 }));
