/**
 * What the repository works with; made once in app.ts.
 */
import type { Clock, NewId } from '../fhir/id.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { Shapes } from '../fhir/shape.ts';
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { AuditLog } from '../storage/audit-log.ts';
import type { IndexEntry, ResourceStore, Sql, StoreSession } from '../storage/store.ts';
import type { CodeChecker, DeferredCode } from '../terminology/deferred.ts';
import type { WriteRule } from './rules.ts';

export interface RepositoryDeps {
  readonly store: ResourceStore;
  readonly validator: {
    /** Findings, and literal references, in one walk. */
    inspect(resource: JsonValue): {
      readonly issues: readonly Issue[];
      readonly references: readonly { readonly reference: string; readonly expression: string }[];
      readonly deferred?: readonly DeferredCode[];
    };
  };
  /** Decides codes of loaded systems; without it they pass. */
  readonly codes?: CodeChecker;
  readonly indexer: (resource: JsonObject) => IndexEntry;
  /** Types of elements: which texts are addresses. */
  readonly shapes: Shapes;
  /** Ids (at most two are needed) that a search matches; for conditions of writes. */
  readonly findIds: (
    session: StoreSession,
    type: string,
    query: string,
    filter: Sql | undefined,
  ) => Promise<readonly string[]>;
  readonly rules: readonly WriteRule[];
  readonly audit: AuditLog;
  /** Address of the regulation by which a register may be used, for its events in the audit trail. */
  readonly legalBasis?: (register: string) => string | undefined;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Absolute FHIR base without a trailing slash. */
  readonly fhirBase: string;
}
