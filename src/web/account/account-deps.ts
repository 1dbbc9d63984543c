/** What the pages about accounts need, beside what every page needs. */
import type { Messages } from '../../adapters/message/messages.ts';
import type { PeopleDeps } from '../../smart/people/deps.ts';
import type { Smart } from '../../smart/smart.ts';
import type { WebDeps } from '../deps.ts';

export interface AccountDeps {
  readonly web: WebDeps;
  readonly people: PeopleDeps;
  readonly smart: Pick<Smart, 'sessionOf' | 'login' | 'apps'>;
  /** The newest logins of a person, newest first. */
  readonly recentLogins: (username: string) => Promise<readonly RecentLogin[]>;
  /** What was sent; in demo mode alone. */
  readonly inbox: Messages['inbox'] | undefined;
}

export interface RecentLogin {
  readonly at: string;
  readonly isSuccess: boolean;
  /** What was shown, or what was wrong; as the audit trail says it. */
  readonly reason: string;
}
