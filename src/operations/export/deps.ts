/**
 * What bulk exports work with; made once in app.ts. https://hl7.org/fhir/uv/bulkdata/export.html
 */
import type { Clock } from '../../fhir/id.ts';
import type { TakeSubset } from '../../interactions/subset.ts';
import type { Repository } from '../../repository/repository.ts';
import type { ParameterTable } from '../../search/parameters.ts';
import type { Db } from '../../storage/db.ts';

export interface ExportDeps {
  readonly db: Db;
  readonly repository: Repository;
  readonly parameters: ParameterTable;
  readonly subset: TakeSubset;
  readonly clock: Clock;
  /** Folder that holds one folder per export. */
  readonly folder: string;
  /** A file that has grown to this is ended, and another one begun. */
  readonly fileBytes?: number;
}

/** Somebody has deleted the export while it ran. */
export class Cancelled extends Error {}
