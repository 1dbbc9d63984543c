/**
 * What the pages' data functions work with, and who is asking.
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import type { Visit } from '../../repository/visit.ts';
import type { FormDeps } from '../../registry/form/open-form.ts';
import type { Registry } from '../../registry/registry.ts';
import type { UnitTree } from '../../registry/unit/unit-tree.ts';
import type { RegisterTexts } from '../../content/register.ts';
import type { Lang } from '../ui/form-texts.ts';

export interface Sources extends FormDeps {
  readonly repository: Repository;
  readonly registry: Registry;
  readonly units: UnitTree;
  readonly newRequestId: () => string;
  /** What the reader of this request has chosen; bokmål when nothing is known. */
  readonly lang?: Lang;
  /** Names of people at work by account. Without it, accounts stand for them. */
  readonly namesOf?: (accounts: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Gathers what one request is shown into one event of the audit trail. */
  readonly visit?: Visit;
}

export const langOf = ({ lang }: Pick<Sources, 'lang'>): Lang => lang ?? 'nb';

export const callerOf = (sources: Sources, principal: StaffPrincipal, page: string): Caller => ({
  principal,
  requestId: sources.newRequestId(),
  interaction: page,
  ...(sources.visit !== undefined && { visit: sources.visit }),
});

/** Texts of a register in a language, bokmål where it has none. */
export function textsOf({ registry }: Sources, register: string, lang: Lang): RegisterTexts | undefined {
  const texts = registry.content.registers.find(({ id }) => id === register)?.texts;
  return texts?.[lang] ?? texts?.['nb'];
}

const STAFF_SOURCE = /^urn:ryggrad:user:/;

/** Who stored what, by `meta.source`, in the order asked: people by name, systems by theirs. */
export async function authorsOf(
  { namesOf }: Pick<Sources, 'namesOf'>,
  sources: readonly (string | undefined)[],
): Promise<readonly string[]> {
  const accounts = sources.flatMap((source = '') =>
    STAFF_SOURCE.test(source) ? [source.replace(STAFF_SOURCE, '')] : [],
  );
  const names = accounts.length === 0 ? undefined : await namesOf?.([...new Set(accounts)]);
  return sources.map((source = '') => {
    const author = source.replace(/^urn:ryggrad:(?:user|client):/, '');
    return names?.get(author) ?? author;
  });
}
