/**
 * Locked forms of a register with the scores that are stored of them: page by page, in the order of the rows, so that any
 * number of them takes the memory of one page.
 */
import { parseJson } from '../../fhir/json.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { Observation, QuestionnaireResponse } from '../../fhir/types.ts';
import { sourceOf } from '../../registry/form/extract-facts.ts';
import type { ScoredForm } from '../../registry/form/facts.ts';
import type { Registry } from '../../registry/registry.ts';
import { SCORE_BASIS } from '../../registry/scoring/observation.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import type { Labels } from '../../storage/store.ts';

/** One locked form. */
export interface LockedForm {
  /** Number of its row: where a run goes on. */
  readonly row: string;
  readonly response: QuestionnaireResponse & { readonly id: string };
  readonly versionId: string;
  readonly labels: Labels;
  /** Undefined when the version of the form is not loaded here. */
  readonly scored: ScoredForm | undefined;
  /** Score Observations that were made from it. */
  readonly stored: readonly Observation[];
}

export interface Reading {
  readonly register: string;
  /** Row after which to begin. */
  readonly after: string;
  /** Forms of a page. */
  readonly page: number;
}

/** Pages of forms that ask an instrument, or of which scores are stored although the form asks none any more. */
export async function* lockedForms(
  repository: Repository,
  caller: Caller,
  { forms, schedules }: Pick<Registry, 'forms' | 'schedules'>,
  { register, after, page }: Reading,
): AsyncGenerator<readonly LockedForm[]> {
  const urls = schedules
    .filter((schedule) => schedule.register.id === register)
    .flatMap((schedule) => schedule.forms.map(({ questionnaire }) => parseCanonical(questionnaire).url));
  let last = after;
  for (;;) {
    const rows = await repository.select(caller, {
      text: `r.rid in (
        select q.rid
        from resource q
        where q.type = ${code('QuestionnaireResponse')} and q.reg = $1 and q.rid > $2
          and q.status in ('completed', 'amended') and q.canon = any($3) and q.content is not null
        order by q.rid
        limit ${page}
      ) and r.type = ${code('QuestionnaireResponse')}`,
      values: [register, last, [...new Set(urls)]],
    });
    if (rows.length === 0) {
      return;
    }
    last = rows.at(-1)?.rid ?? last;
    const stored = await storedScores(
      repository,
      caller,
      rows.flatMap(({ labels }) => labels.episode ?? []),
    );
    yield rows.map(({ rid, id, versionId, labels, content }) => {
      const response = parseJson(content) as unknown as LockedForm['response'];
      const form = forms.form(response.questionnaire ?? '');
      return {
        row: rid,
        response,
        versionId: String(versionId),
        labels,
        scored: form === undefined ? undefined : forms.scored(form),
        stored: stored.get(sourceOf(id)) ?? [],
      };
    });
  }
}

const code = (type: 'QuestionnaireResponse' | 'Observation'): number => typeCode(type) ?? 0;

/** Score Observations of pathways, by the form that they were made from. */
async function storedScores(
  repository: Repository,
  caller: Caller,
  episodes: readonly string[],
): Promise<ReadonlyMap<string, readonly Observation[]>> {
  const rows = await repository.select(caller, {
    text: `r.type = ${code('Observation')} and r.episode = any($1)`,
    values: [[...new Set(episodes)]],
  });
  const scores = rows
    .map(({ content }) => parseJson(content) as unknown as Observation)
    .filter(({ extension }) => extension?.some(({ url }) => url === SCORE_BASIS) === true);
  return Map.groupBy(scores, ({ meta }) => meta?.source ?? '');
}
