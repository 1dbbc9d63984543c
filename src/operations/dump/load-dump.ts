/**
 * Reading a data dump back: each pathway with its person and forms in its own transactions, by the rules that every form
 * passes. Nothing is sent to anybody for what is read in. A pathway whose number is here already is left alone, unless nothing but the pathway came.
 */
import { FhirError } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject, QuestionnaireResponse } from '../../fhir/types.ts';
import { asWithdrawn, provisionOf } from '../../registry/consent/withdrawal.ts';
import { fromCells } from '../../registry/dump/from-cells.ts';
import type { DumpTable } from '../../registry/dump/shape.ts';
import type { Cells } from '../../registry/dump/to-cells.ts';
import { CHANGE_REASON } from '../../registry/form/lock.ts';
import { EPISODE_EXTENSION } from '../../registry/form/pathway.ts';
import { FORLOPS_ID, PASIENT_ID, passNumberSql } from '../../registry/person/register-identifiers.ts';
import { questionnaireOf } from '../../registry/schedule/tasks.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Operation } from '../../repository/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import type { DumpLayout } from './tables.ts';

/** A row of a file, by column. */
export type DumpLine = Cells;

/** The files of a dump; each gives its rows in the order of the pathways. */
export interface DumpFiles {
  readonly patients: ReadonlyMap<string, DumpLine>;
  /** Numbers of persons by PasientID; empty when the dump has none. */
  readonly numbers: ReadonlyMap<string, readonly DumpLine[]>;
  /** Rows of a table, or nothing when the file is left out. */
  readonly rows: (table: string) => AsyncIterable<DumpLine>;
}

export interface LoadReport {
  readonly loaded: number;
  /** Pathways whose ForløpsID is here already. */
  readonly known: number;
  /** What kept a pathway from being read in. */
  readonly refused: readonly { readonly pathway: string; readonly problems: readonly string[] }[];
}

const code = (
  type: 'EpisodeOfCare' | 'Task' | 'Consent' | 'Organization' | 'QuestionnaireResponse',
): number => typeCode(type) ?? 0;
const GENDERS = ['male', 'female', 'other', 'unknown'] as const;
const RESH = 'urn:oid:2.16.578.1.12.4.1.4.102';

/** Read everything in. Throws only what concerns the whole dump (rows of pathways that it does not have). */
export async function loadDump(
  repository: Repository,
  caller: Caller,
  layout: DumpLayout,
  files: DumpFiles,
): Promise<LoadReport> {
  const tables = layout.tables.map((table) => ({ table, lines: follow(files.rows(table.name)) }));
  const load: Load = { repository, caller, layout, files, centres: await centreIds(repository, caller) };
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

interface Load {
  readonly repository: Repository;
  readonly caller: Caller;
  readonly layout: DumpLayout;
  readonly files: DumpFiles;
  /** Organization ids by RESH id. */
  readonly centres: ReadonlyMap<string, string>;
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
async function loadPathway(load: Load, line: DumpLine, lines: Lines): Promise<boolean> {
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
async function isBegun(load: Load, lines: Lines, { episode, patient }: Opened): Promise<boolean> {
  const { repository, caller } = load;
  const forms = await repository.select(caller, {
    text: `r.type = ${code('QuestionnaireResponse')} and r.episode = $1`,
    values: [String(episode['id'])],
  });
  return forms.length === 0 && responsesOf(load, lines, episode, patient).length > 0;
}

/** The pathway, and the person if it came with it. */
async function takeBack(
  { repository, caller }: Load,
  { episode, patient, isNewPerson }: Opened,
): Promise<void> {
  await repository.commit(caller, [{ kind: 'delete', type: 'EpisodeOfCare', id: String(episode['id']) }]);
  if (isNewPerson) {
    await repository.commit(caller, [{ kind: 'delete', type: 'Patient', id: String(patient['id']) }]);
  }
}

async function loadForms(
  load: Load,
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
  const answered = new Set(responses.map(({ questionnaire }) => questionnaire));
  const unanswered = tasks
    .map(({ content }) => parseJson(content) as JsonObject)
    .filter((task) => isOfPatient(load, task) && !answered.has(questionnaireOf(task) ?? ''));
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

const commitSome = async ({ repository, caller }: Load, operations: readonly Operation[]): Promise<void> => {
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

interface Opened {
  readonly episode: JsonObject;
  readonly patient: JsonObject;
  readonly isNewPerson: boolean;
  /** False when its number is here. */
  readonly isNew: boolean;
}

/** The pathway with its person, made unless they are here. */
async function openPathway(
  { repository, caller, layout, files, centres }: Load,
  line: DumpLine,
): Promise<Opened> {
  const { MCEID: number = '', PATIENT_ID: person = '', CENTREID: centre = '' } = line;
  const urn = 'urn:uuid:00000000-0000-4000-8000-000000000001';
  const [patient, episode] = await repository.commit(
    caller,
    [
      {
        kind: 'create',
        type: 'Patient',
        resource: personOf(files, layout, person),
        ifNoneExist: `identifier=${PASIENT_ID}|${person}`,
        fullUrl: urn,
      },
      {
        kind: 'create',
        type: 'EpisodeOfCare',
        ifNoneExist: `identifier=${FORLOPS_ID}|${number}`,
        resource: {
          resourceType: 'EpisodeOfCare',
          identifier: [{ system: FORLOPS_ID, value: number }],
          status: 'active',
          type: (layout.schedule.pathwayType ?? []) as unknown as JsonObject[],
          patient: { reference: urn },
          managingOrganization: { reference: `Organization/${centres.get(centre) ?? centre}` },
          period: periodOf(line),
        },
      },
    ],
    {
      also: async (tx) => {
        await tx.query(passNumberSql('patient_number', person));
        await tx.query(passNumberSql('pathway_number', number));
      },
    },
  );
  return {
    episode: parseJson(episode?.content ?? '{}') as JsonObject,
    patient: parseJson(patient?.content ?? '{}') as JsonObject,
    isNewPerson: patient?.effect === 'created',
    isNew: episode?.effect === 'created',
  };
}

const periodOf = ({ PATHWAY_START: start = '', PATHWAY_END: end = '' }: DumpLine): JsonObject => ({
  ...(start !== '' && { start }),
  ...(end !== '' && { end }),
});

function personOf({ patients, numbers }: DumpFiles, { codes }: DumpLayout, id: string): JsonObject {
  const {
    BIRTH_DATE: born = '',
    GENDER: sex = '',
    DECEASED: dead,
    DECEASED_DATE: died = '',
  } = patients.get(id) ?? {};
  const gender = GENDERS.find(
    (each) =>
      codes.toOld('GENDER', { system: 'http://hl7.org/fhir/administrative-gender', code: each }) === sex,
  );
  const national = (numbers.get(id) ?? []).map(({ SYSTEM: system = '', SSN: value = '' }) => ({
    system,
    value,
  }));
  return {
    resourceType: 'Patient',
    identifier: [...national, { system: PASIENT_ID, value: id }],
    ...(gender !== undefined && { gender }),
    ...(born !== '' && { birthDate: born }),
    ...(died !== '' && { deceasedDateTime: died }),
    ...(died === '' && dead === '1' && { deceasedBoolean: true }),
  };
}

const isOfPatient = ({ layout }: Load, task: JsonObject): boolean =>
  layout.schedule.forms.some(
    ({ questionnaire, answeredBy }) => answeredBy === 'patient' && questionnaire === questionnaireOf(task),
  );

/** The forms that the dump has of the pathway, in the order of the schedule. */
function responsesOf(
  { layout, repository }: Load,
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
    const tables = layout.tables.filter(({ form }) => form === table.form);
    const rows = tables.flatMap((each) =>
      each.group === undefined ? [] : [[each.group.linkId, lines.get(each) ?? []] as const],
    );
    const reason = cells['CHANGE_REASON'] ?? '';
    const head = {
      resourceType: 'QuestionnaireResponse' as const,
      extension: [
        { url: EPISODE_EXTENSION, valueReference: { reference: `EpisodeOfCare/${String(episode['id'])}` } },
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
  { repository, caller }: Load,
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

async function centreIds(repository: Repository, caller: Caller): Promise<ReadonlyMap<string, string>> {
  const rows = await repository.select(caller, { text: `r.type = ${code('Organization')}`, values: [] });
  return new Map(
    rows.flatMap(({ id, content }) => {
      const { identifier = [] } = parseJson(content) as {
        identifier?: { system?: string; value?: string }[];
      };
      const resh = identifier.find(({ system }) => system === RESH)?.value;
      return resh === undefined ? [] : [[resh, id] as const];
    }),
  );
}
