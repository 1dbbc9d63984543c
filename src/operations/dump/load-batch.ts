/** One batch of planned pathways: who is here already, one transaction for all that may come, and a line for each row. */
import { FhirError, type Issue } from '../../fhir/outcome.ts';
import { oldSystem } from '../../registry/dump/solution.ts';
import { Visit } from '../../repository/visit.ts';
import { commitPathways, Overtaken } from './commit-pathways.ts';
import { findKnown, isSamePathway, isSamePerson, type Known, nationalNumber } from './find-known.ts';
import { allRows } from './gather.ts';
import { type Ready, responsesOf } from './pathway-operations.ts';
import type { LoadDeps } from './load-deps.ts';
import type { PathwayPlan } from './plan-pathway.ts';
import { correction, type Finding } from './report.ts';
import type { SourceRow } from './source.ts';

const ATTEMPTS = 5;

/** Read them in. What somebody else has made meanwhile is looked for again. */
export async function loadBatch(deps: LoadDeps, plans: readonly PathwayPlan[]): Promise<void> {
  const wanted: PathwayPlan[] = [];
  for (const plan of plans) {
    if (plan.notes.refused === undefined) {
      wanted.push(plan);
    } else {
      await tellRefused(deps, plan, plan.notes.refused);
    }
  }
  let left: readonly PathwayPlan[] = wanted;
  for (let count = 1; left.length > 0; count++) {
    try {
      await loadWanted(deps, left);
      return;
    } catch (cause) {
      if (!(cause instanceof Overtaken) || count === ATTEMPTS) {
        throw cause;
      }
      left = left.filter(({ gathered }) => !deps.reporter.isTold(gathered.main.table, gathered.main.row));
    }
  }
}

async function loadWanted(deps: LoadDeps, plans: readonly PathwayPlan[]): Promise<void> {
  const { repository, layout } = deps;
  const caller = { ...deps.caller, visit: new Visit() };
  const known = await findKnown(repository, caller, plans, layout.solution);
  const numbers = await newNumbers(deps, plans.length);
  const persons = new Map<string, Ready['personName']>();
  const ready: Ready[] = [];
  for (const [at, plan] of plans.entries()) {
    const refused = refusalOf(plan, known, deps);
    if (refused !== undefined) {
      await tellRefused(deps, plan, plan.gathered.main, [refused]);
    } else if (known.pathways.has(plan.gathered.key)) {
      await tellKnown(deps, plan);
    } else {
      ready.push(makeReady(plan, known, deps, persons, numbers[at]));
    }
  }
  await store({ ...deps, caller }, ready);
}

function refusalOf(
  plan: PathwayPlan,
  { persons, pathways }: Known,
  { layout }: LoadDeps,
): Finding | undefined {
  const { gathered, person } = plan;
  const { columns } = layout.solution;
  const stored = persons.get(gathered.person);
  if (stored !== undefined && !isSamePerson(stored, person, layout.solution)) {
    return {
      column: columns.person,
      old: gathered.person,
      rule: 'person-differs',
      why: `${columns.person} ${gathered.person} is somebody else's here, or it cannot be told that it is the same person: the national number must be the same, or, where neither has one, the birth date and the sex.`,
    };
  }
  const pathway = pathways.get(gathered.key);
  return pathway === undefined || isSamePathway(pathway, stored, plan)
    ? undefined
    : {
        column: columns.pathway,
        old: gathered.key,
        rule: 'pathway-differs',
        why: `${columns.pathway} ${gathered.key} is another pathway here.`,
      };
}

/** Two rows with one national number are one person, whatever else they are called. */
function makeReady(
  plan: PathwayPlan,
  { persons }: Known,
  { repository, layout }: LoadDeps,
  named: Map<string, string>,
  numbers: Ready['numbers'],
): Ready {
  const { clock, newId } = repository.deps;
  const now = clock.now();
  const stored = persons.get(plan.gathered.person);
  const identity = nationalNumber(plan.person) ?? `number ${plan.gathered.person}`;
  const earlier = named.get(identity);
  const personName =
    stored === undefined ? (earlier ?? `urn:uuid:${newId(now)}`) : `Patient/${String(stored['id'])}`;
  const alias = named.get(`number ${plan.gathered.person}`);
  named.set(identity, personName);
  named.set(`number ${plan.gathered.person}`, alias ?? personName);
  const made = {
    plan,
    person: stored ?? plan.person,
    personName,
    isNewPerson: stored === undefined && earlier === undefined,
    name: `urn:uuid:${newId(now)}`,
    ...(numbers !== undefined && { numbers }),
  };
  return { ...made, responses: responsesOf(made, layout, now) };
}

/** Numbers of the register's own for pathways and persons that come with GUIDs; one query for all. */
async function newNumbers(
  { repository, layout }: LoadDeps,
  count: number,
): Promise<readonly NonNullable<Ready['numbers']>[]> {
  if (oldSystem(layout.solution, 'pathway') === undefined) {
    return [];
  }
  return repository.deps.store.transaction((tx) =>
    tx.query<{ person: string; pathway: string }>({
      text: `select nextval('patient_number')::text as person, nextval('pathway_number')::text as pathway
        from generate_series(1, $1)`,
      values: [count],
    }),
  );
}

/** All of them at once; those that are refused are left out, and the others tried again. */
async function store(deps: LoadDeps, ready: readonly Ready[]): Promise<void> {
  if (ready.length === 0) {
    return;
  }
  try {
    await commitPathways(deps, ready);
  } catch (cause) {
    if (!(cause instanceof FhirError) || cause.status >= 500) {
      throw cause;
    }
    await storeOthers(deps, ready, cause);
    return;
  }
  for (const each of ready) {
    deps.tally.loaded();
    await tellLoaded(deps, each);
  }
}

async function storeOthers(deps: LoadDeps, ready: readonly Ready[], cause: FhirError): Promise<void> {
  const found = ready.map((_, at) => cause.issues.filter((issue) => isAbout(issue, at)));
  const isPlaced = found.some((issues) => issues.length > 0);
  if (!isPlaced && ready.length > 1) {
    const half = Math.ceil(ready.length / 2);
    await store(deps, ready.slice(0, half));
    await store(deps, withPersons(ready.slice(half)));
    return;
  }
  const refused = ready.filter((_, at) => !isPlaced || (found[at]?.length ?? 0) > 0);
  for (const each of refused) {
    const issues = isPlaced ? (found[ready.indexOf(each)] ?? []) : cause.issues;
    await tellRefused(deps, each.plan, each.plan.gathered.main, issues.map(asFinding));
  }
  await store(deps, withPersons(ready.filter((each) => !refused.includes(each))));
}

/** Each person comes with the first pathway that is left of them. */
function withPersons(ready: readonly Ready[]): readonly Ready[] {
  const seen = new Set<string>();
  return ready.map((each) => {
    const isFirst = !seen.has(each.personName);
    seen.add(each.personName);
    return each.personName.startsWith('urn:') ? { ...each, isNewPerson: isFirst } : each;
  });
}

/** Operations of pathway 3 are at `p3`. */
const isAbout = ({ expression = '' }: Issue, at: number): boolean =>
  expression === `p${at}` || expression.startsWith(`p${at}.`);

const asFinding = ({ expression, rule, diagnostics = '' }: Issue): Finding => ({
  rule: rule ?? 'rules',
  why: diagnostics,
  ...(expression !== undefined && { element: expression.replace(/^p\d+\.?/, '') }),
});

async function tellKnown({ reporter, tally }: LoadDeps, { gathered }: PathwayPlan): Promise<void> {
  tally.known();
  for (const row of allRows(gathered)) {
    await reporter.tell(row, 'unchanged', [{ rule: 'here-already', why: 'The pathway is here already.' }]);
  }
}

async function tellLoaded(
  { reporter, layout }: LoadDeps,
  { plan, person, isNewPerson }: Ready,
): Promise<void> {
  const { gathered, notes } = plan;
  const ofPerson = [...gathered.patients, ...gathered.numbers];
  for (const row of allRows(gathered)) {
    const corrections = notes.correctionsOf(row);
    const repeated = notes.repetitionOf(row);
    if (repeated !== undefined) {
      await reporter.tell(row, 'unchanged', [repeated]);
    } else if (ofPerson.includes(row) && !isNewPerson && person === plan.person) {
      const column = layout.solution.columns.person;
      const merged = correction(column, undefined, gathered.person, '', 'same-person');
      await reporter.tell(row, 'corrected', [...corrections, merged]);
    } else {
      await reporter.tell(row, corrections.length > 0 ? 'corrected' : 'taken', corrections);
    }
  }
}

/** Every row of it is refused: those that are wrong say why, the others because of them. */
async function tellRefused(
  { reporter, tally }: LoadDeps,
  { gathered, notes }: PathwayPlan,
  first: SourceRow,
  findings: readonly Finding[] = [],
): Promise<void> {
  const problems = [...allRows(gathered).flatMap((row) => notes.problemsOf(row)), ...findings];
  tally.refuse(gathered.key, ...problems.map(({ why }) => why));
  for (const row of allRows(gathered)) {
    const own = [...notes.problemsOf(row), ...(row === first ? findings : [])];
    const isPersons = gathered.patients.includes(row) || gathered.numbers.includes(row);
    if (own.length > 0 || !isPersons) {
      await reporter.tell(row, 'refused', own.length > 0 ? own : [because(first)]);
    }
  }
}

const because = ({ table, line }: SourceRow): Finding => ({
  rule: 'pathway-refused',
  why: `The pathway is refused because of ${table}, line ${line}.`,
});
