/**
 * Reading a data dump back: each pathway with its person and forms in its own transactions, by the rules that every form
 * passes. Nothing is sent to anybody for what is read in. A pathway that is here already is left alone, unless nothing but the
 * pathway came.
 */
import { FhirError } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject, QuestionnaireResponse } from '../../fhir/types.ts';
import { asWithdrawn, provisionOf } from '../../registry/consent/withdrawal.ts';
import { fromCells } from '../../registry/dump/from-cells.ts';
import type { DumpTable } from '../../registry/dump/shape.ts';
import { CHANGE_REASON } from '../../registry/form/lock.ts';
import { EPISODE_EXTENSION } from '../../registry/form/pathway.ts';
import { PLANNED_FORM, plannedName } from '../../registry/schedule/planned-form.ts';
import { questionnaireOf } from '../../registry/schedule/tasks.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Operation } from '../../repository/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import { readCentres } from './centres.ts';
import { type OpenDeps, type Opened, openPathway, periodOf, takeBack } from './open-pathway.ts';
import type { DumpFiles, DumpLayout, DumpLine } from './tables.ts';

export interface LoadReport {
  readonly loaded: number;
  /** Pathways whose ForløpsID is here already. */
  readonly known: number;
  /** What kept a pathway from being read in. */
  readonly refused: readonly { readonly pathway: string; readonly problems: readonly string[] }[];
}

const code = (type: 'Task' | 'Consent' | 'QuestionnaireResponse'): number => typeCode(type) ?? 0;

/** Read everything in. Throws only what concerns the whole dump (rows of pathways that it does not have). */
export async function loadDump(
  repository: Repository,
  caller: Caller,
  layout: DumpLayout,
  files: DumpFiles,
): Promise<LoadReport> {
  const tables = layout.tables.map((table) => ({ table, lines: follow(files.rows(table.name)) }));
  const centres = new Map((await readCentres(repository, caller)).map(({ id, resh }) => [resh, id]));
  const load: OpenDeps = { repository, caller, layout, files, centres };
  const refused: LoadReport['refused'][number][] = [];
  let loaded = 0;
  let known = 0;
  for await (const line of files.rows(layout.pathways.name)) {
    const pathway = line['MCEID'] ?? '';
    const lines = new Map<DumpTable, readonly DumpLine[]>();
    for (const { table, lines: own } of tables) {
      lines.set(table, await own.of(pathway));
    }
    try {
      const isNew = await loadPathway(load, line, lines);
      loaded += Number(isNew);
      known += Number(!isNew);
    } catch (cause) {
      if (!(cause instanceof FhirError)) {
        throw cause;
      }
      refused.push({ pathway, problems: cause.issues.map(({ diagnostics }) => diagnostics ?? '') });
    }
  }
  for (const { table, lines } of tables) {
    const left = await lines.left();
    if (left !== undefined) {
      throw new Error(
        `The table ${table.name} has a row of the pathway ${left}, which has none in ${layout.pathways.name}.`,
      );
    }
  }
  return { loaded, known, refused };
}

/** Rows that stand in the order of the pathways, taken pathway by pathway. */
function follow(lines: AsyncIterable<DumpLine>) {
  const iterator = lines[Symbol.asyncIterator]();
  let next: DumpLine | undefined;
  let isOver = false;
  const peek = async (): Promise<DumpLine | undefined> => {
    if (next === undefined && !isOver) {
      const { value, done } = await iterator.next();
      isOver = done === true;
      next = isOver ? undefined : (value as DumpLine);
    }
    return next;
  };
  return {
    async of(pathway: string): Promise<readonly DumpLine[]> {
      const own: DumpLine[] = [];
      for (let line = await peek(); line?.['MCEID'] === pathway; line = await peek()) {
        own.push(line);
        next = undefined;
      }
      return own;
    },
    left: async (): Promise<string | undefined> => (await peek())?.['MCEID'],
  };
}

type Lines = ReadonlyMap<DumpTable, readonly DumpLine[]>;

/** False when the pathway is here already. What cannot be read in whole is not read in at all. */
async function loadPathway(load: OpenDeps, line: DumpLine, lines: Lines): Promise<boolean> {
  const opened = await openPathway(load, line);
  if (!opened.isNew && !(await isBegun(load, lines, opened))) {
    return false;
  }
  try {
    await loadForms(load, line, lines, opened);
  } catch (cause) {
    await takeBack(load, opened);
    throw cause;
  }
  return true;
}

/** Was an earlier reading ended (by a power cut, say) after the pathway was made and before its forms came? Then it goes on. */
async function isBegun(load: OpenDeps, lines: Lines, { episode, patient }: Opened): Promise<boolean> {
  const { repository, caller } = load;
  const forms = await repository.select(caller, {
    text: `r.type = ${code('QuestionnaireResponse')} and r.episode = $1`,
    values: [String(episode['id'])],
  });
  return forms.length === 0 && responsesOf(load, lines, episode, patient).length > 0;
}

async function loadForms(
  load: OpenDeps,
  line: DumpLine,
  lines: Lines,
  { episode, patient }: Opened,
): Promise<void> {
  const { repository, caller } = load;
  const tasks = await repository.select(caller, {
    text: `r.type = ${code('Task')} and r.episode = $1`,
    values: [String(episode['id'])],
  });
  const responses = responsesOf(load, lines, episode, patient);
  const keyOf = (questionnaire: string | undefined, resource: JsonObject): string =>
    JSON.stringify([questionnaire, plannedName(resource)]);
  const answered = new Set(
    responses.map((response) => keyOf(response.questionnaire, response as unknown as JsonObject)),
  );
  const unanswered = tasks
    .map(({ content }) => parseJson(content) as JsonObject)
    .filter((task) => isOfPatient(load, task) && !answered.has(keyOf(questionnaireOf(task), task)));
  const results = await repository.commit(caller, [
    ...unanswered.map((task) => update({ ...task, status: 'cancelled' })), // nobody is sent what is read in
    update({ ...episode, status: line['PATHWAY_STATUS'] ?? 'active', period: periodOf(line) }),
    ...responses.map(asFirstSaved),
  ]);
  const ids = results.filter(({ type }) => type === 'QuestionnaireResponse').map(({ id }) => id);
  const corrections = responses.flatMap((response, at) =>
    response.status === 'amended'
      ? [update({ ...(response as unknown as JsonObject), id: ids[at] ?? '' })]
      : [],
  );
  await commitSome(load, corrections);
  await commitSome(load, await withdrawalOf(load, line, episode));
}

const commitSome = async (
  { repository, caller }: OpenDeps,
  operations: readonly Operation[],
): Promise<void> => {
  if (operations.length > 0) {
    await repository.commit(caller, operations);
  }
};

/** As it was before a correction: locked, or a draft. */
const asFirstSaved = (response: QuestionnaireResponse): Operation => ({
  kind: 'create',
  type: 'QuestionnaireResponse',
  resource: {
    ...(response as unknown as JsonObject),
    status: response.status === 'in-progress' ? 'in-progress' : 'completed',
  },
});

const update = (resource: JsonObject): Operation => ({
  kind: 'update',
  type: String(resource['resourceType']),
  id: String(resource['id']),
  resource,
});

const isOfPatient = ({ layout }: OpenDeps, task: JsonObject): boolean =>
  layout.schedule.forms.some(
    ({ questionnaire, answeredBy }) => answeredBy === 'patient' && questionnaire === questionnaireOf(task),
  );

/** The forms that the dump has of the pathway, in the order of the schedule. */
function responsesOf(
  { layout, repository }: OpenDeps,
  lines: Lines,
  episode: JsonObject,
  patient: JsonObject,
): readonly QuestionnaireResponse[] {
  return layout.tables.flatMap((table) => {
    const [cells] = table.group === undefined ? (lines.get(table) ?? []) : [];
    const status = STATUS[cells?.['STATUS'] ?? ''];
    if (cells === undefined || status === undefined) {
      return [];
    }
    const tables = layout.tables.filter(
      ({ form, planned }) => form === table.form && planned === table.planned,
    );
    const rows = tables.flatMap((each) =>
      each.group === undefined ? [] : [[each.group.linkId, lines.get(each) ?? []] as const],
    );
    const reason = cells['CHANGE_REASON'] ?? '';
    const head = {
      resourceType: 'QuestionnaireResponse' as const,
      extension: [
        { url: EPISODE_EXTENSION, valueReference: { reference: `EpisodeOfCare/${String(episode['id'])}` } },
        ...(table.planned === undefined ? [] : [{ url: PLANNED_FORM, valueCode: table.planned }]),
        ...(reason === '' ? [] : [{ url: CHANGE_REASON, valueString: reason }]),
      ],
      questionnaire: table.form.canonical,
      status,
      subject: { reference: `Patient/${String(patient['id'])}` },
      ...(cells['AUTHORED'] !== '' && { authored: cells['AUTHORED'] as string }),
    };
    const context = { now: repository.deps.clock.now(), launch: { patient, episode } };
    return [fromCells({ form: table.form, tables, cells, rows: new Map(rows) }, head, layout.codes, context)];
  });
}

const STATUS: Readonly<Record<string, 'in-progress' | 'completed' | 'amended'>> = {
  '0': 'in-progress',
  '1': 'completed',
  '2': 'amended',
};

/** The consent that the forms have given, withdrawn on its day. */
async function withdrawalOf(
  { repository, caller }: OpenDeps,
  { CONSENT_WITHDRAWN: day = '' }: DumpLine,
  episode: JsonObject,
): Promise<readonly Operation[]> {
  if (day === '') {
    return [];
  }
  const rows = await repository.select(caller, {
    text: `r.type = ${code('Consent')} and r.episode = $1`,
    values: [String(episode['id'])],
  });
  return rows
    .map(({ content }) => parseJson(content) as JsonObject)
    .filter((consent) => consent['status'] === 'active' && provisionOf(consent) === 'permit')
    .map((consent) => update(asWithdrawn(consent, day)));
}
