/**
 * One request that looks at many things, such as a page: what it was shown is gathered, and told to the audit trail as one
 * event before the answer leaves (AU-01). A write of the same request has it all in its own event, and a refusal too.
 */
import type { AuditedEntity } from '../access/audited.ts';

/** What was seen of the data. */
export interface Seen {
  readonly entities: readonly AuditedEntity[];
  readonly patients: readonly string[];
  /** Registers of the data. */
  readonly registers: readonly string[];
  /** Units that the data belong to. */
  readonly about: readonly string[];
  /** What was searched for, without values. */
  readonly queries: readonly string[];
}

export const NOTHING_SEEN: Seen = { entities: [], patients: [], registers: [], about: [], queries: [] };

export class Visit {
  private interaction: string | undefined;
  private status = 200;
  /** Something was asked that no event tells of yet, even if nothing was found. */
  private isOpen = false;
  private seen: Seen = NOTHING_SEEN;
  private readonly told = new Set<string>();

  /** Keep what was seen until it is told; the first to note names the request and its status. */
  note(interaction: string, status: number, seen: Seen): void {
    if (this.interaction === undefined) {
      this.interaction = interaction;
      this.status = status;
    }
    const fresh = this.untold(seen);
    this.isOpen ||= this.told.size === 0 || !isNothing(fresh);
    this.seen = together(this.seen, fresh);
  }

  /** What no event tells of yet; undefined when there is nothing. */
  pending(): { readonly interaction: string; readonly status: number; readonly seen: Seen } | undefined {
    return this.isOpen
      ? { interaction: this.interaction ?? 'visit', status: this.status, seen: this.seen }
      : undefined;
  }

  /** An event that is durable tells of this: it need not be told again by the same request. */
  tell(seen: Seen): void {
    keysOf(seen).forEach((key) => this.told.add(key));
    this.told.add('');
    this.seen = this.untold(this.seen);
    this.isOpen = !isNothing(this.seen);
  }

  private untold(seen: Seen): Seen {
    const isNew = (key: string): boolean => !this.told.has(key);
    return {
      ...seen,
      entities: seen.entities.filter((entity) => isNew(entityKey(entity))),
      patients: seen.patients.filter((id) => isNew(`patient ${id}`)),
      queries: seen.queries.filter((query) => isNew(`query ${query}`)),
    };
  }
}

/** All of them, each thing once. */
export function together(...all: readonly Seen[]): Seen {
  const entities = new Map(
    all.flatMap((seen) => seen.entities.map((entity) => [entityKey(entity), entity] as const)),
  );
  const union = (name: 'patients' | 'registers' | 'about' | 'queries'): readonly string[] => [
    ...new Set(all.flatMap((seen) => seen[name])),
  ];
  return {
    entities: [...entities.values()],
    patients: union('patients'),
    registers: union('registers'),
    about: union('about'),
    queries: union('queries'),
  };
}

const entityKey = ({ type, id, versionId = '' }: AuditedEntity): string => `${type}/${id}/${versionId}`;

const keysOf = ({ entities, patients, queries }: Seen): readonly string[] => [
  ...entities.map(entityKey),
  ...patients.map((id) => `patient ${id}`),
  ...queries.map((query) => `query ${query}`),
];

const isNothing = (seen: Seen): boolean => keysOf(seen).length === 0;
