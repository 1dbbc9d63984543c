/**
 * The job that writes a locked form back to the EHR of its launch (docs/adr/0031): with the access that the launch gave, to that
 * EHR's base alone, again and again while the EHR is away, and never twice. Pages read how it went.
 */
import { createInEhr, type EhrWritten } from '../adapters/ehr/write.ts';
import type { Clock } from '../fhir/id.ts';
import type { WriteBackJob } from '../registry/form/write-back-rule.ts';
import type { JobContext } from '../storage/jobs.ts';
import type { Ehr, WriteBack } from './ehr.ts';
import type { EhrClient } from './ehr-client.ts';
import type { LaunchContext } from './launch-context.ts';
import { LaunchFailure } from './launch-failure.ts';
import type { EhrAccess, LaunchStore } from './launch-store.ts';
import { identifierOf, type LockedForm, toWrite } from './write-back-resource.ts';

export type WriteBackState = 'waiting' | 'written' | 'refused' | 'given-up';

/** How it stands with a form. */
export interface WriteBackStanding {
  readonly version: string;
  readonly ehr: string;
  readonly state: WriteBackState;
  readonly location: string | undefined;
  readonly reason: string | undefined;
  readonly at: string;
}

/** Keeps the standings: table `ehr_write_back`. */
export interface Standings {
  read(response: string): Promise<WriteBackStanding | undefined>;
  keep(response: string, standing: Omit<WriteBackStanding, 'at'>, now: Date): Promise<void>;
}

export interface WriteBackDeps {
  readonly ehrs: readonly Ehr[];
  readonly client: EhrClient;
  readonly launches: Pick<LaunchStore, 'contextOf' | 'accessOf' | 'renew'>;
  readonly standings: Standings;
  readonly clock: Clock;
  /** Our FHIR base. */
  readonly fhirBase: string;
  /** The form as it is stored now; undefined when it is not locked any more. */
  readonly lockedForm: (response: string) => Promise<LockedForm | undefined>;
}

/** The EHR does not answer; the queue tries again. */
class EhrAway extends Error {
  override readonly name = 'EhrAway';
}

/** The waits grow to hours: some sixteen in all. */
const ATTEMPTS = 12;

/** Run the job. Throws when it should be tried again. */
export async function writeBack(
  deps: WriteBackDeps,
  { response, launch }: WriteBackJob,
  { attempt }: Pick<JobContext, 'attempt'>,
): Promise<void> {
  const { standings, launches, ehrs, clock } = deps;
  const context = await launches.contextOf(launch);
  const ehr = ehrs.find(({ id, fhirBase }) => id === context?.ehr.id && fhirBase === context.ehr.fhirBase);
  const before = await standings.read(response);
  const keep = (state: WriteBackState, version: string, rest: Partial<WriteBackStanding> = {}) =>
    standings.keep(
      response,
      {
        ...{ state, version, ehr: ehr?.id ?? before?.ehr ?? '' },
        location: before?.location,
        reason: undefined,
        ...rest,
      },
      clock.now(),
    );
  const form = await deps.lockedForm(response);
  if (form === undefined || (before?.state === 'written' && before.version === form.version)) {
    return;
  }
  if (context === undefined || ehr?.writeBack === undefined) {
    await (before === undefined ? undefined : keep('given-up', form.version, { reason: 'access-over' }));
    return;
  }
  const written = await send(deps, {
    ehr,
    kind: ehr.writeBack,
    context,
    launch,
    form,
    replaces: before?.location,
  });
  switch (written.kind) {
    case 'written':
      return keep('written', form.version, { location: written.location });
    case 'refused':
      return keep('refused', form.version, { reason: `status ${written.status}` });
    case 'unauthorized':
      return keep('given-up', form.version, { reason: 'access-over' });
    case 'down':
      if (attempt >= ATTEMPTS) {
        return keep('given-up', form.version, { reason: 'ehr-away' });
      }
      await keep('waiting', form.version, { reason: 'ehr-away' });
      throw new EhrAway(`${ehr.id} does not answer`);
  }
}

interface Sending {
  readonly ehr: Ehr;
  readonly kind: WriteBack;
  readonly context: LaunchContext;
  readonly launch: string;
  readonly form: LockedForm;
  readonly replaces: string | undefined;
}

/** With the access as it is; renewed once, if it is over and may be. */
async function send(deps: WriteBackDeps, sending: Sending): Promise<EhrWritten> {
  const { launches, clock } = deps;
  const access = await launches.accessOf(sending.launch);
  const isOver = access !== undefined && Date.parse(access.expiresAt) <= clock.now().getTime();
  const first = access === undefined || isOver ? UNAUTHORIZED : await post(deps, sending, access);
  if (first.kind !== 'unauthorized' || access?.refreshToken === undefined) {
    return first;
  }
  const renewed = await renew(deps, sending, access.refreshToken);
  return 'kind' in renewed ? renewed : post(deps, sending, renewed);
}

const UNAUTHORIZED: EhrWritten = { kind: 'unauthorized' };

async function renew(
  { client, launches }: WriteBackDeps,
  { ehr, launch }: Sending,
  refreshToken: string,
): Promise<EhrAccess | EhrWritten> {
  try {
    const { accessToken, expiresAt, refreshToken: next } = await client.refresh(ehr, refreshToken);
    const access: EhrAccess = { accessToken, expiresAt, refreshToken: next ?? refreshToken };
    await launches.renew(launch, access);
    return access;
  } catch (cause) {
    if (!(cause instanceof LaunchFailure)) {
      throw cause;
    }
    const isAway = cause.kind === 'ehr-down' || cause.kind === 'ehr-unreachable';
    return { kind: isAway ? 'down' : 'unauthorized' };
  }
}

function post(
  { fhirBase, clock }: WriteBackDeps,
  { ehr, kind, context, form, replaces }: Sending,
  { accessToken }: EhrAccess,
): Promise<EhrWritten> {
  const system = `${fhirBase}/QuestionnaireResponse`;
  return createInEhr({
    fhirBase: ehr.fhirBase,
    accessToken,
    resource: toWrite(kind, form, context, { system, replaces, now: clock.now() }),
    ifNoneExist: `identifier=${encodeURIComponent(`${system}|${identifierOf(form)}`)}`,
  });
}
