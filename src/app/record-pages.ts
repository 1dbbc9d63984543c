/** Text for the record and what goes back to EHRs, met. */
import type { StaffPrincipal } from '../access/principal.ts';
import { idOfReference } from '../fhir/reference.ts';
import { WRITE_BACK, type WriteBackJob } from '../registry/form/write-back-rule.ts';
import type { Ehr } from '../smart/ehr.ts';
import type { LockedForm } from '../smart/write-back-resource.ts';
import type { Standings } from '../smart/write-back.ts';
import type { ResourceStore } from '../storage/store.ts';
import { recordTextOf } from '../web/data/record-text.ts';
import { langOf, type Sources } from '../web/data/sources.ts';
import type { WebDeps } from '../web/deps.ts';
import type { WriteBackModel } from '../web/models/record-text.ts';

export interface RecordDeps {
  readonly ehrs: readonly Ehr[];
  readonly standings: Standings;
  readonly store: ResourceStore;
  /** The EHR of the launch that a session carries. */
  readonly ehrOf: (principal: StaffPrincipal) => Promise<Ehr | undefined>;
}

export const recordPages = (deps: RecordDeps, sources: Sources): NonNullable<WebDeps['record']> => ({
  async page(principal, task) {
    const form = await recordTextOf(sources, principal, task);
    const writeBack = await standingOf(deps, sources, principal, form.response);
    return { task, title: form.title, text: form.text, ...(writeBack !== undefined && { writeBack }) };
  },
  standing: (principal, response) => standingOf(deps, sources, principal, response),
  async retry(principal, task) {
    const { response } = await recordTextOf(sources, principal, task);
    const { carries } = principal;
    const id = response.id ?? '';
    if (carries !== undefined && (await mayWrite(deps, principal, response)) !== undefined) {
      const job: WriteBackJob = { response: id, launch: carries.id };
      await deps.store.transaction((tx) => tx.enqueue(WRITE_BACK, job, { jobKey: `${WRITE_BACK}:${id}` }));
    }
  },
});

/** The EHR of this session's launch, if it takes what is written about this person. */
async function mayWrite(
  { ehrOf }: RecordDeps,
  principal: StaffPrincipal,
  { subject }: LockedForm['response'],
): Promise<Ehr | undefined> {
  const about = idOfReference(subject, 'Patient');
  const ehr = principal.carries?.patient === about ? await ehrOf(principal) : undefined;
  return ehr?.writeBack === undefined ? undefined : ehr;
}

async function standingOf(
  deps: RecordDeps,
  sources: Sources,
  principal: StaffPrincipal,
  response: LockedForm['response'],
): Promise<WriteBackModel | undefined> {
  const lang = langOf(sources);
  const standing = await deps.standings.read(response.id ?? '');
  const own = await mayWrite(deps, principal, response);
  const isOlder = standing !== undefined && standing.version !== response.meta?.versionId;
  if (standing === undefined || (isOlder && own !== undefined)) {
    return own === undefined ? undefined : { state: 'waiting', ehr: own.name[lang], mayRetry: false };
  }
  const { ehr, state, at, reason } = standing;
  const why = whyNot(state, reason);
  return {
    state,
    ehr: deps.ehrs.find(({ id }) => id === ehr)?.name[lang] ?? ehr,
    at,
    ...(why !== undefined && { why }),
    mayRetry: own !== undefined && (state === 'refused' || state === 'given-up'),
  };
}

/** After the last try there is nothing to wait for: the text is copied by hand. */
function whyNot(state: WriteBackModel['state'], reason: string | undefined): WriteBackModel['why'] {
  if (reason === 'access-over') {
    return 'access-over';
  }
  return state === 'waiting' && reason === 'ehr-away' ? 'ehr-away' : undefined;
}
