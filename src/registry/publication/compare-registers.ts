/** What a new state of the content changes for forms that are open, register by register. */
import { canonicalIndex } from '../../content/canonical-index.ts';
import type { SourceFile } from '../../content/source.ts';
import { sortFiles } from '../../content/register-source.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import type {
  CodeSystem,
  JsonObject,
  PlanDefinition,
  Questionnaire,
  Resource,
  ValueSet,
} from '../../fhir/types.ts';
import { compareForms, type FormChange, formWith, type Lists } from './compare-forms.ts';

/** The files of a content folder as they can be compared; they need not be in order. */
export interface ComparedContent {
  readonly lists: Lists;
  readonly questionnaires: readonly Questionnaire[];
  /** Canonicals of the forms that schedules ask for, by register. */
  readonly forms: ReadonlyMap<string, readonly string[]>;
}

export interface FormDifference {
  readonly register: string;
  readonly url: string;
  /** Versions; undefined when the schedule does not ask for the form. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly changes: readonly FormChange[];
  /** What would break forms that are open. */
  readonly errors: readonly string[];
  /** What it means for drafts, and for forms that nobody has begun. */
  readonly meaning: readonly string[];
}

export function comparedContent(files: readonly SourceFile[]): ComparedContent {
  const { shared, registers } = sortFiles(files);
  const artefacts = [...shared, ...registers.flatMap((register) => register.artefacts)];
  const ofType = <T extends Resource>(type: string): readonly T[] =>
    artefacts.filter((artefact) => artefact.type === type).map(({ json }) => json as unknown as T);
  return {
    lists: {
      valueSets: canonicalIndex(ofType<ValueSet>('ValueSet')),
      codeSystems: canonicalIndex(ofType<CodeSystem>('CodeSystem')),
    },
    questionnaires: ofType<Questionnaire>('Questionnaire'),
    forms: new Map(
      registers.map(({ id, artefacts: own }) => [
        id,
        own.filter(({ type }) => type === 'PlanDefinition').flatMap(({ json }) => formsOf(json)),
      ]),
    ),
  };
}

const formsOf = (plan: JsonObject): readonly string[] =>
  ((plan as unknown as PlanDefinition).action ?? []).flatMap(
    ({ definitionCanonical }) => definitionCanonical ?? [],
  );

/** Every form whose version or content differs. `register`: of that one alone. */
export function compareRegisters(
  before: ComparedContent,
  after: ComparedContent,
  register?: string,
): readonly FormDifference[] {
  const ids = [...new Set([...before.forms.keys(), ...after.forms.keys()])].filter(
    (id) => register === undefined || id === register,
  );
  return ids.flatMap((id) => {
    const [old, now] = [versions(before, id), versions(after, id)];
    return [...new Set([...now.keys(), ...old.keys()])].flatMap((url) =>
      difference({ register: id, url, before: old.get(url), after: now.get(url) }, before, after),
    );
  });
}

/** Version that the register's schedules ask for, by url. */
const versions = ({ forms }: ComparedContent, register: string): ReadonlyMap<string, string> =>
  new Map(
    (forms.get(register) ?? []).map((canonical) => {
      const { url, version = '' } = parseCanonical(canonical);
      return [url, version];
    }),
  );

type Versions = Pick<FormDifference, 'register' | 'url' | 'before' | 'after'>;

function difference(
  form: Versions,
  before: ComparedContent,
  after: ComparedContent,
): readonly FormDifference[] {
  const { url } = form;
  const old = form.before === undefined ? undefined : find(before, url, form.before);
  const now = form.after === undefined ? undefined : find(after, url, form.after);
  const changes =
    old === undefined || now === undefined
      ? []
      : compareForms(formWith(old, before.lists), formWith(now, after.lists));
  const errors = [
    ...(form.before === form.after && changes.length > 0
      ? [
          `${form.before ?? ''} was changed without a new version: drafts and answers of it would be read by other rules.`,
        ]
      : []),
    ...(form.before !== undefined && old !== undefined && find(after, url, form.before) === undefined
      ? [
          `${form.before} is no longer in the content: drafts and answers of it could not be opened. Keep its file.`,
        ]
      : []),
    ...(form.after !== undefined && now === undefined
      ? [`${form.after} is asked for, but there is no such form.`]
      : []),
  ];
  const isSame = form.before === form.after && changes.length === 0 && errors.length === 0;
  const isNew = !before.forms.has(form.register);
  return isSame ? [] : [{ ...form, changes, errors, meaning: isNew ? [] : meaningOf(form) }];
}

const find = ({ questionnaires }: ComparedContent, url: string, version: string): Questionnaire | undefined =>
  questionnaires.find((one) => one.url === url && one.version === version);

function meaningOf({ before, after }: Versions): readonly string[] {
  if (before === undefined) {
    return [
      'Pathways that are open get the form when one of their forms is saved; new ones have it from the start.',
    ];
  }
  if (after === undefined) {
    return ['Nobody is asked for it any more. What is begun or locked stays readable.'];
  }
  return before === after
    ? []
    : [
        `Drafts stay on ${before}: they are saved, locked and corrected by its rules.`,
        `Forms that nobody has begun are filled in ${after} from the next start of the server.`,
      ];
}
