/** What reading a dump in works with. */
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import type { Reporter } from './report.ts';
import type { DumpSource } from './source.ts';
import type { DumpLayout } from './tables.ts';
import type { Tally } from './tally.ts';

export interface PlanDeps {
  readonly layout: DumpLayout;
  readonly source: DumpSource;
  /** Organization ids by RESH id, and by themselves. */
  readonly centres: ReadonlyMap<string, string>;
}

export interface LoadDeps extends PlanDeps {
  readonly repository: Repository;
  readonly caller: Caller;
  readonly reporter: Reporter;
  readonly tally: Tally;
}
