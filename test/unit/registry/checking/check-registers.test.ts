/** What `register check` finds in a register that can be loaded: each defect put into a sound one, and named by file and rule. */
import { loadContent } from '../../../../src/content/load.ts';
import type { NewFile } from '../../../../src/content/scaffold/artefacts.ts';
import { newRegister } from '../../../../src/content/scaffold/register.ts';
import type { JsonObject } from '../../../../src/fhir/types.ts';
import { checkRegisters } from '../../../../src/registry/checking/check-registers.ts';
import { describeFinding } from '../../../../src/registry/checking/finding.ts';
import { contentFolder } from '../../../support/content-folder.ts';

const sound = newRegister({
  id: 'fot',
  name: 'Fot',
  title: 'Fotregisteret',
  publisher: 'Helse Prøve HF',
  date: '2026-11-22',
});

/** The files with one of them changed as text, or taken away. */
const changed = (path: string, change: (text: string) => string): readonly NewFile[] =>
  sound.map((file) =>
    file.path === path
      ? { path, content: JSON.parse(change(JSON.stringify(file.content))) as JsonObject }
      : file,
  );

async function findingsOf(files: readonly NewFile[]) {
  await using folder = await contentFolder(files);
  return checkRegisters(await loadContent([folder.root]), 'fot');
}

const FORM = 'questionnaires/fot/Questionnaire-fot-start.json';
const PLAN = 'registers/fot/schedule/PlanDefinition-fot-forlop.json';
const condition = (expression: string): string =>
  JSON.stringify([{ kind: 'applicability', expression: { language: 'text/fhirpath', expression } }]);

describe('The check of a register', () => {
  it.each([
    [
      'a branch that no answers can open',
      changed(FORM, (text) =>
        text.replace(
          '"enableWhen":[',
          '"enableBehavior":"all","enableWhen":[{"question":"severity","operator":"!=","answerCoding":{"system":"https://ryggrad.no/fhir/CodeSystem/fot-severity","code":"severe"}},',
        ),
      ),
      { file: FORM, element: 'linkId severity-why', rule: 'never-open', severity: 'error' },
    ],
    [
      'a question without its text in English',
      changed(FORM, (text) =>
        text
          .replace('"valueString":"Severity"', '"valueString":"Grad"')
          .replace(
            /\{"url":"lang","valueCode":"en"\},\{"url":"content","valueString":"Grad"\}/,
            '{"url":"lang","valueCode":"se"},{"url":"content","valueString":"Grad"}',
          ),
      ),
      { file: FORM, element: 'linkId severity', rule: 'translation-missing', severity: 'warning' },
    ],
    [
      'an answer without an old code',
      changed('valuesets/fot/ConceptMap-fot-legacy-severity.json', (text) =>
        text.replace('{"code":"mild","target":[{"code":"1","equivalence":"equivalent"}]},', ''),
      ),
      { file: FORM, element: 'linkId severity', rule: 'legacy-code-missing', severity: 'warning' },
    ],
    [
      'a schedule that waits for a form it does not have',
      changed(PLAN, (text) =>
        text.replace(
          '"participant":',
          `"condition":${condition("%responses.where(questionnaire.startsWith('https://ryggrad.no/fhir/Questionnaire/fot-slutt|')).exists()")},"participant":`,
        ),
      ),
      { file: PLAN, element: 'action start', rule: 'never-open', severity: 'error' },
    ],
    [
      'a schedule that reads a question which the form does not have',
      changed(PLAN, (text) =>
        text.replace(
          '"participant":',
          `"condition":${condition("%responses.where(questionnaire.startsWith('https://ryggrad.no/fhir/Questionnaire/fot-start|')).item.where(linkId='gone').exists()")},"participant":`,
        ),
      ),
      { file: PLAN, element: 'action start', rule: 'never-open', severity: 'error' },
    ],
    [
      'a form without a name in one of the languages',
      changed('registers/fot/texts/en.json', (text) => text.replace('fot-start', 'other')),
      {
        file: 'registers/fot/texts/en.json',
        element: 'forms.fot-start',
        rule: 'translation-missing',
        severity: 'warning',
      },
    ],
    [
      'a language that is not there at all',
      sound.filter(({ path }) => path !== 'registers/fot/texts/nn.json'),
      { file: 'registers/fot/texts/nn.json', rule: 'translation-missing', severity: 'warning' },
    ],
    [
      'a form that breaks the dialect',
      changed(FORM, (text) => text.replace('"answerCoding":{', '"answerString":"x","_answerCoding":{')),
      { file: FORM, rule: 'enable-when', severity: 'error' },
    ],
  ])('finds %s.', async (_what, files, expected) => {
    const findings = await findingsOf(files);

    expect(findings).toMatchObject([expected]);
    expect(describeFinding(findings[0]!)).toContain(`[${expected.rule}]`);
  });

  it('finds nothing in the sound one.', async () => {
    expect(await findingsOf(sound)).toEqual([]);
  });
});
