/** What scoring a locked form again would change, and the writes that change it. ADR 0023 */
import type { JsonObject, Observation } from '../../fhir/types.ts';
import { idOfKey, sourceOf } from '../../registry/form/extract-facts.ts';
import { SCORE_BASIS } from '../../registry/scoring/observation.ts';
import { compareScores, type ScoreChange } from '../../registry/scoring/recompute.ts';
import { scoreForm } from '../../registry/scoring/score-form.ts';
import type { Operation, UpdateOperation } from '../../repository/operation.ts';
import { extensionOf } from '../../sdc/extensions.ts';
import type { LockedForm } from './read-responses.ts';

/** One score of a form, with the instrument that it is of. */
export interface FormChange extends ScoreChange {
  readonly instrument: string;
  /** Code of the score. */
  readonly score: string;
}

const SCORE = 'https://ryggrad.no/fhir/CodeSystem/instrument-score';

/** Every score of a form; of one instrument when it is named. A form whose version is not loaded gives none. */
export function changesOf(
  { scored, response, stored }: LockedForm,
  instrument: string | undefined,
): readonly FormChange[] {
  if (scored === undefined) {
    return [];
  }
  // what a form shows may depend on the day: that of the version, as when its facts were made
  const now = new Date(response.meta?.lastUpdated ?? response.authored ?? 0);
  const fresh = scoreForm(scored.form, scored.bindings, response, { now, newId: idOfKey });
  return compareScores(
    stored,
    fresh.map(({ resource }) => resource as Observation),
  )
    .map((change) => ({ ...change, ...namesOf(change) }))
    .filter((change) => instrument === undefined || change.instrument === instrument);
}

function namesOf({ after, before }: ScoreChange): Pick<FormChange, 'instrument' | 'score'> {
  const observation = after ?? before;
  const basis = observation?.extension?.find(({ url }) => url === SCORE_BASIS);
  return {
    instrument: extensionOf(basis, 'instrument')?.valueCode ?? '',
    score: observation?.code?.coding?.find(({ system }) => system === SCORE)?.code ?? '',
  };
}

/** What a score says: the number or the reason, and by which definition. */
export function outcomeOf(observation: Observation | undefined): string {
  if (observation === undefined) {
    return 'none';
  }
  const { valueQuantity, dataAbsentReason, method } = observation;
  const reason = dataAbsentReason?.coding?.at(-1)?.code ?? '';
  return `${valueQuantity?.value ?? `absent: ${reason}`} (${method?.text ?? ''})`;
}

/** The writes of the changes of one form: new versions, scores that were not there, deletions, and why. */
export function writesOf(
  { response, versionId, labels }: LockedForm,
  changes: readonly FormChange[],
  now: Date,
): readonly Operation[] {
  const real = changes.filter(({ kind }) => kind !== 'same');
  if (real.length === 0) {
    return [];
  }
  const source = sourceOf(response.id);
  const made = real.flatMap(({ id, before, after }): (UpdateOperation & { readonly id: string })[] =>
    after === undefined
      ? []
      : [
          {
            kind: 'update',
            type: 'Observation',
            id,
            resource: { ...(after as unknown as JsonObject), id, meta: { source } },
            labels,
            ...(before !== undefined && versionOf(before)),
          },
        ],
  );
  const gone = real.flatMap(({ id, before, after }): Operation[] =>
    after === undefined && before !== undefined
      ? [{ kind: 'delete', type: 'Observation', id, ...versionOf(before) }]
      : [],
  );
  const target = made.length > 0 ? made.map(({ id }) => `Observation/${id}`) : [sourceReference(response.id)];
  return [
    ...made,
    ...gone,
    {
      kind: 'create',
      type: 'Provenance',
      labels,
      resource: provenance(target, `${sourceReference(response.id)}/_history/${versionId}`, real, now),
    },
  ];
}

const sourceReference = (id: string): string => `QuestionnaireResponse/${id}`;

const versionOf = ({ meta }: Observation): { readonly ifMatch?: string } =>
  meta?.versionId === undefined ? {} : { ifMatch: meta.versionId };

/** https://hl7.org/fhir/R4/provenance.html */
const provenance = (
  target: readonly string[],
  form: string,
  changes: readonly FormChange[],
  now: Date,
): JsonObject => ({
  resourceType: 'Provenance',
  target: target.map((reference) => ({ reference })),
  recorded: now.toISOString(),
  reason: [{ text: `Scored again: ${changes.map(saidOf).join('; ')}` }],
  activity: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'UPDATE' }],
  },
  agent: [
    {
      type: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'performer' },
        ],
      },
      who: {
        identifier: {
          system: 'https://ryggrad.no/fhir/NamingSystem/subject',
          value: 'system:scores-recompute',
        },
      },
    },
  ],
  entity: [{ role: 'source', what: { reference: form } }],
});

const saidOf = ({ score, before, after }: FormChange): string =>
  `${score} ${outcomeOf(before)} → ${outcomeOf(after)}`;
