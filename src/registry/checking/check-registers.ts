/**
 * Everything that `register check` finds in content that could be loaded: forms, instruments, branching, translations, old codes,
 * the schedule and the views.
 */
import { listConcepts } from '../../content/concepts.ts';
import type { Content } from '../../content/content.ts';
import type { Register } from '../../content/register.ts';
import { formatCanonical } from '../../fhir/canonical.ts';
import { compilePath } from '../../fhir/path.ts';
import type { Questionnaire, Resource } from '../../fhir/types.ts';
import { checkForm } from '../../sdc/check-form.ts';
import { compileForm } from '../../sdc/form.ts';
import type { CompileOptions } from '../../sdc/form-types.ts';
import { checkViews } from '../../views/check.ts';
import { nameOfForm } from '../dump/code-book.ts';
import { readRegistry, type Registry } from '../registry.ts';
import { bindInstruments } from '../scoring/bind.ts';
import { checkLegacyCodes, dumpProblem } from './check-legacy.ts';
import { checkPlan } from './check-plan.ts';
import { checkReachable, type ItemFinding } from './check-reachable.ts';
import { checkFormTranslations, checkNames } from './check-translations.ts';
import type { ContentFinding } from './finding.ts';

/** All findings, in the order of the content. `register`: of that one alone, and of the forms that it takes from what is shared. */
export function checkRegisters(content: Content, register?: string): readonly ContentFinding[] {
  const options: CompileOptions = {
    compilePath,
    resolveValueSet: (canonical) => listConcepts(content, canonical),
  };
  const all = content.questionnaires.all();
  const broken = all.flatMap((questionnaire) => formFindings(content, questionnaire, options));
  const isSound = broken.every(({ severity }) => severity === 'warning');
  const registry = isSound ? readRegistry(content) : undefined;
  const registers = content.registers.filter(({ id }) => register === undefined || id === register);
  const findings = [
    ...broken,
    ...(isSound ? all.flatMap((each) => soundFindings(content, each, options)) : []),
    ...registers.flatMap((each) => registerFindings(content, each, registry)),
  ];
  return register === undefined ? findings : findings.filter(({ file }) => isOf(file, content, register));
}

/** Files of the register's own folders, and of the shared forms that it lists. */
function isOf(file: string, content: Content, register: string): boolean {
  const [, folder] = file.split('/');
  const ids = new Set(content.registers.map(({ id }) => id));
  return folder === register || !ids.has(folder ?? '');
}

function formFindings(
  content: Content,
  questionnaire: Questionnaire,
  options: CompileOptions,
): readonly ContentFinding[] {
  const file = fileOf(content, questionnaire);
  return checkForm(questionnaire, options).map(({ severity, expression, diagnostics, rule }) => ({
    file,
    element: expression ?? '',
    rule: rule ?? 'form',
    severity: severity === 'warning' ? 'warning' : 'error',
    text: diagnostics ?? '',
  }));
}

/** What is looked at only in forms that compile. */
function soundFindings(
  content: Content,
  questionnaire: Questionnaire,
  options: CompileOptions,
): readonly ContentFinding[] {
  const form = compileForm(questionnaire, options);
  const file = fileOf(content, questionnaire);
  const problems = bindInstruments(form, content.instruments).problems;
  return [
    ...problems.map((text): ContentFinding => ({
      file,
      element: 'extension',
      rule: 'instrument',
      severity: 'error',
      text,
    })),
    ...checkReachable(form).map((finding) => placed(file, finding)),
    ...checkFormTranslations(form).map((finding) => placed(file, finding)),
  ];
}

const placed = (file: string, { linkId, rule, severity, text }: ItemFinding): ContentFinding => ({
  file,
  element: linkId === '' ? '' : `linkId ${linkId}`,
  rule,
  severity,
  text,
});

function registerFindings(
  content: Content,
  register: Register,
  registry: Registry | undefined,
): readonly ContentFinding[] {
  const views = checkViews(register).map(({ severity, view, element, reason }): ContentFinding => ({
    file: `registers/${register.id}/views/ViewDefinition-${view}.json`,
    element,
    rule: 'view',
    severity,
    text: reason,
  }));
  const planned = registry === undefined ? [] : ofSchedule(content, register, registry);
  const once = new Map(planned.map((finding) => [JSON.stringify(finding), finding])); // a form may be asked for several times
  return [...views, ...once.values()];
}

function ofSchedule(content: Content, register: Register, registry: Registry): readonly ContentFinding[] {
  const folder = `registers/${register.id}`;
  const maps = content.conceptMaps.all();
  return registry.schedules
    .filter((schedule) => schedule.register.id === register.id)
    .flatMap((schedule) => {
      const forms = schedule.forms.flatMap(({ questionnaire }) => registry.forms.form(questionnaire) ?? []);
      const problem = dumpProblem(register, schedule, registry.forms, maps);
      return [
        ...checkPlan(schedule, forms).map(({ action, text }): ContentFinding => ({
          file: content.files.get(schedule.canonical) ?? schedule.id,
          element: `action ${action}`,
          rule: 'never-open',
          severity: 'error',
          text,
        })),
        ...checkNames(register, [...new Set(forms.map(nameOfForm))]).map((finding) => ({
          ...finding,
          file: `${folder}/${finding.file}`,
        })),
        ...(problem === undefined
          ? []
          : [{ ...DUMP, file: `${folder}/dump/dump.json`, element: '', text: problem }]),
        ...forms.flatMap((form) =>
          register.dump === undefined
            ? []
            : checkLegacyCodes(form, register.dump, maps).map((finding) =>
                placed(fileOf(content, form.questionnaire), finding),
              ),
        ),
      ];
    });
}

const DUMP = { rule: 'dump', severity: 'error' } as const;

const fileOf = (content: Content, resource: Resource & { url?: string; version?: string }): string =>
  content.files.get(formatCanonical(resource.url ?? '', resource.version)) ?? resource.id ?? '';
