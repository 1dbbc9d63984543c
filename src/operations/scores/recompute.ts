/**
 * All scores of a register again, from the stored answers and the definitions as they are now. It counts and shows what would
 * change; it writes only when it is told to. Interrupted and run again it goes on where scores are not yet what they shall be.
 */
import { FhirError, preconditionFailed } from '../../fhir/outcome.ts';
import type { Registry } from '../../registry/registry.ts';
import type { ScoreChange } from '../../registry/scoring/recompute.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Operation } from '../../repository/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import { changesOf, type FormChange, writesOf } from './changes.ts';
import { type LockedForm, lockedForms } from './read-responses.ts';

export interface RecomputeOptions {
  readonly register: string;
  /** One instrument alone. */
  readonly instrument?: string | undefined;
  readonly mode: 'show' | 'apply';
  /** Row after which to begin: where an earlier run had come. */
  readonly after?: string;
  /** Examples that are kept of each kind of change of each score. */
  readonly examples?: number;
  readonly page?: number;
  /** Told after each page. */
  readonly report?: (progress: { readonly read: number; readonly row: string }) => void;
}

export type Kind = ScoreChange['kind'];

export interface ScoreCount {
  readonly instrument: string;
  readonly score: string;
  readonly counts: Readonly<Record<Kind, number>>;
  readonly examples: readonly Example[];
}

export interface Example extends FormChange {
  /** Id of the QuestionnaireResponse. */
  readonly response: string;
}

export interface RecomputeReport {
  /** Locked forms that were read, whatever they ask. */
  readonly read: number;
  /** Those that have scores, or shall have. */
  readonly forms: number;
  /** Forms whose version is not loaded here: their scores stay as they are. */
  readonly unknown: number;
  /** Forms of which something was written. */
  readonly written: number;
  /** Forms that somebody changed meanwhile; they are right, or another run makes them so. */
  readonly met: number;
  readonly scores: readonly ScoreCount[];
}

const PAGE = 200;
const EXAMPLES = 3;
/** Forms that are written in one transaction. */
const TOGETHER = 20;

export async function recomputeScores(
  repository: Repository,
  caller: Caller,
  registry: Pick<Registry, 'forms' | 'schedules'>,
  options: RecomputeOptions,
): Promise<RecomputeReport> {
  const { register, after = '0', page = PAGE, instrument, mode, report, examples = EXAMPLES } = options;
  const tally = new Map<string, Tally>();
  const total = { read: 0, forms: 0, unknown: 0, written: 0, met: 0 };
  for await (const forms of lockedForms(repository, caller, registry, { register, after, page })) {
    const changed = forms.map((form) => ({ form, changes: changesOf(form, instrument) }));
    changed.forEach(({ form, changes }) => count(tally, form, changes, examples));
    total.read += forms.length;
    total.forms += changed.filter(({ changes }) => changes.length > 0).length;
    total.unknown += forms.filter(({ scored }) => scored === undefined).length;
    if (mode === 'apply') {
      const { written, met } = await writeAll(repository, caller, changed);
      total.written += written;
      total.met += met;
    }
    report?.({ read: total.read, row: forms.at(-1)?.row ?? after });
  }
  return { ...total, scores: [...tally.values()] };
}

interface Tally extends ScoreCount {
  readonly counts: Record<Kind, number>;
  readonly examples: Example[];
}

function count(
  tally: Map<string, Tally>,
  { response }: LockedForm,
  changes: readonly FormChange[],
  most: number,
): void {
  for (const change of changes) {
    const { instrument, score, kind } = change;
    const key = `${instrument}|${score}`;
    const counts = { same: 0, method: 0, value: 0, new: 0, gone: 0 };
    const own = tally.get(key) ?? { instrument, score, counts, examples: [] };
    tally.set(key, own);
    own.counts[kind] += 1;
    if (kind !== 'same' && own.examples.filter((each) => each.kind === kind).length < most) {
      own.examples.push({ ...change, response: response.id });
    }
  }
}

interface Changed {
  readonly form: LockedForm;
  readonly changes: readonly FormChange[];
}

interface Written {
  readonly written: number;
  readonly met: number;
}

/** Some forms in one transaction; one by one where that is refused because one of them was changed meanwhile. */
async function writeAll(
  repository: Repository,
  caller: Caller,
  changed: readonly Changed[],
): Promise<Written> {
  const now = repository.deps.clock.now();
  const forms = changed
    .map(({ form, changes }) => ({ form, operations: writesOf(form, changes, now) }))
    .filter(({ operations }) => operations.length > 0);
  let met = 0;
  for (let at = 0; at < forms.length; at += TOGETHER) {
    const some = forms.slice(at, at + TOGETHER);
    if (!(await write(repository, caller, some))) {
      for (const one of some) {
        met += (await write(repository, caller, [one])) ? 0 : 1;
      }
    }
  }
  return { written: forms.length - met, met };
}

interface Writes {
  readonly form: LockedForm;
  readonly operations: readonly Operation[];
}

/** False when a form or a score is not at the version that was looked at. */
async function write(repository: Repository, caller: Caller, some: readonly Writes[]): Promise<boolean> {
  try {
    await repository.commit(
      caller,
      some.flatMap(({ operations }) => operations),
      {
        async first(tx) {
          const keys = some.map(({ form }) => ({ type: 'QuestionnaireResponse', id: form.response.id }));
          const versions = new Map((await tx.lockMany(keys)).map((row) => [row.id, String(row.versionId)]));
          const isChanged = some.some(({ form }) => versions.get(form.response.id) !== form.versionId);
          if (isChanged) {
            throw preconditionFailed('A form was changed while it was scored again.');
          }
        },
      },
    );
    return true;
  } catch (cause) {
    if (cause instanceof FhirError && cause.status === 412) {
      return false;
    }
    throw cause;
  }
}
