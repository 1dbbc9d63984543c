/** What the parts about people and their accounts work with; made once in the composition root. */
import type { Messages } from '../../adapters/message/messages.ts';
import type { Clock, NewId } from '../../fhir/id.ts';
import type { UnitTree } from '../../registry/unit/unit-tree.ts';
import type { Repository } from '../../repository/repository.ts';
import type { SecretBox } from '../../storage/secret-box.ts';
import type { ResourceStore } from '../../storage/store.ts';
import type { Apps } from '../authorization.ts';
import type { RelyingParty } from '../login/passkeys.ts';
import type { LoginLimits } from '../login-limits.ts';
import type { RoleAssignment, SecurityLog, SqlClient } from '../ports.ts';
import type { Sessions } from '../sessions.ts';

export interface PeopleDeps {
  readonly db: SqlClient;
  readonly store: ResourceStore;
  readonly repository: Repository;
  readonly units: UnitTree;
  readonly messages: Messages;
  readonly box: SecretBox;
  readonly sessions: Sessions;
  /** What acts for people: it ends with their accounts. */
  readonly apps: Pick<Apps, 'withdrawAll'>;
  readonly limits: LoginLimits;
  readonly party: RelyingParty;
  readonly log: SecurityLog;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly publicUrl: string;
  /** Register id → the name it goes by. */
  readonly registers: ReadonlyMap<string, string>;
  /** Roles of accounts, also such as have ended within `REVIEW_DAYS`. */
  readonly findRolesSince: (ids: readonly string[], day: string) => Promise<readonly RoleAssignment[]>;
  /** The day by the clock of the registers, `2026-11-21`. */
  readonly today: () => string;
}
