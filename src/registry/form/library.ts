/**
 * The registers' forms, compiled once, found by the exact canonical that a response names.
 */
import { parseCanonical } from '../../fhir/canonical.ts';
import { ContentError } from '../../content/problem.ts';
import type { InstrumentIndex } from '../../content/instruments.ts';
import { compilePath } from '../../fhir/path.ts';
import type { Questionnaire } from '../../fhir/types.ts';
import { type Adoption, adoptionOf } from '../../sdc/adoption.ts';
import type { Conversions } from '../../sdc/convert-values.ts';
import { compileForm } from '../../sdc/form.ts';
import type { Form, ValueSetConcept } from '../../sdc/form-types.ts';
import type { Schedule } from '../schedule/plan.ts';
import { bindInstruments } from '../scoring/bind.ts';
import type { ScoredForm } from './facts.ts';

export interface FormLibrary {
  /** How values of sources become those of the forms. */
  readonly conversions: Conversions;
  /** The form of `url|version`; undefined when there is none. */
  form(canonical: string): Form | undefined;
  /** A form of this library with the instruments that it asks. */
  scored(form: Form): ScoredForm;
  /** The schedules that have a form with this url, whatever the version: modules of a register may share one. */
  schedulesOf(url: string): readonly Schedule[];
  /** `url|version` that schedules use for this url. */
  currentVersion(url: string): string | undefined;
  /** Every version of this url that is here, those in use and those that are retired. */
  versionsOf(url: string): readonly Form[];
}

export interface FormLibraryDeps {
  readonly conversions: Conversions;
  readonly questionnaires: readonly Questionnaire[];
  readonly schedules: readonly Schedule[];
  readonly instruments: InstrumentIndex;
  /** Concepts of a value set; undefined when it cannot be listed. */
  readonly resolveValueSet: (canonical: string) => readonly ValueSetConcept[] | undefined;
}

/** Throws ContentError when a form's instruments cannot be scored: scores that nobody misses would be lost in silence. */
export function createFormLibrary({
  questionnaires,
  schedules,
  instruments,
  resolveValueSet,
  conversions,
}: FormLibraryDeps): FormLibrary {
  const rules = registerRules(schedules);
  const forms = new Map(
    questionnaires.map((questionnaire) => {
      const adoption = rules.get(questionnaire.url ?? '');
      const form = compileForm(questionnaire, { compilePath, resolveValueSet, adoption });
      return [form.canonical, scoredForm(form, instruments)] as const;
    }),
  );
  const planned = schedules.flatMap((schedule) =>
    schedule.forms.map(({ questionnaire }) => ({
      ...parseCanonical(questionnaire),
      questionnaire,
      schedule,
    })),
  );
  return {
    conversions,
    form: (canonical) => forms.get(canonical)?.form,
    scored: (form) => forms.get(form.canonical) ?? { form, bindings: [] },
    schedulesOf: (url) => [
      ...new Set(planned.filter((form) => form.url === url).map(({ schedule }) => schedule)),
    ],
    currentVersion: (url) => planned.find((form) => form.url === url)?.questionnaire,
    versionsOf: (url) =>
      [...forms.values()].map(({ form }) => form).filter(({ questionnaire }) => questionnaire.url === url),
  };
}

/** What each register says of values from sources, by the url of its forms. */
function registerRules(schedules: readonly Schedule[]): ReadonlyMap<string, Adoption> {
  return new Map(
    schedules.flatMap(({ register, forms }) => {
      const rule = adoptionOf(register.manifest);
      return rule === undefined
        ? []
        : forms.map(({ questionnaire }) => [parseCanonical(questionnaire).url, rule] as const);
    }),
  );
}

function scoredForm(form: Form, instruments: InstrumentIndex): ScoredForm {
  const { bindings, problems } = bindInstruments(form, instruments);
  if (problems.length > 0) {
    const file = `Questionnaire ${form.canonical}`;
    throw new ContentError(problems.map((reason) => ({ file, element: 'instrument', reason })));
  }
  return { form, bindings };
}
