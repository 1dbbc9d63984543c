/**
 * One consent for a whole register: whatever is saved in one of a person's pathways, all of them belong to the store that the
 * consent says, in the same transaction (docs/adr/0024). After the rule of saved forms, which makes Consents of answers.
 */
import { hash64 } from '../../fhir/id.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { type Pending, storesVersion } from '../../repository/operation.ts';
import type { WriteRule, WriteScope } from '../../repository/rules.ts';
import { parseJson } from '../../fhir/json.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import { isNational } from '../form/national.ts';
import { consentsOutside, heldConsent, isShared } from './held-consent.ts';
import { personOfResource, type PersonRow, personRows } from './person-rows.ts';
import type { RegisterRules } from './reserved.ts';
import { isWithdrawn } from './withdrawal.ts';

export function shareConsent(registers: readonly RegisterRules[]): WriteRule {
  const shared = registers.filter(({ access }) => isShared(access));
  return {
    name: 'shared-consent',
    async apply(scope) {
      for (const register of shared) {
        for (const patient of new Set(scope.pending().flatMap((entry) => personOf(entry, register)))) {
          await follow(scope, register, patient);
        }
      }
      return [];
    },
  };
}

const ABOUT_CONSENT: ReadonlySet<string> = new Set(['QuestionnaireResponse', 'Consent']);

/** The person, where a form or a consent of one of the register's pathways is written. */
export function personOf(
  { type, effect, labels, resource, previous }: Pending,
  { id }: Pick<RegisterRules, 'id'>,
): readonly string[] {
  const own = labels ?? previous?.labels;
  if (!ABOUT_CONSENT.has(type) || !storesVersion(effect) || own?.register !== id || own.episode === null) {
    return [];
  }
  const person = personOfResource(resource ?? (parseJson(previous?.content ?? '{}') as JsonObject));
  return person === undefined ? [] : [person];
}

async function follow(
  scope: WriteScope,
  { id: register, access }: RegisterRules,
  patient: string,
): Promise<void> {
  // a Yes in one module and a locked form in another, at once: the second sees the first
  await scope.query({
    text: 'select pg_advisory_xact_lock($1)',
    values: [hash64(`consent|${register}|${patient}`)],
  });
  const types = ['EpisodeOfCare', 'QuestionnaireResponse', 'Consent'];
  const rows = await personRows(scope, { patient, register }, types);
  const person = await scope.get({ type: 'Patient', id: patient });
  const day = dayInOslo(scope.now);
  for (const { id, resource: episode } of ofType(rows, 'EpisodeOfCare')) {
    const own = rows.filter(({ labels }) => labels.episode === id);
    const consents = ofType(own, 'Consent').map(({ resource }) => resource);
    const held = heldConsent(consents, consentsOutside(rows, id));
    const responses = ofType(own, 'QuestionnaireResponse').map(({ resource }) => resource);
    const state = { episode, patient: person, responses };
    const belongs = isNational(access, state, held === undefined ? [] : [held], day);
    scope.relabel(id, belongs && !isWithdrawn(consents));
  }
}

const ofType = (rows: readonly PersonRow[], wanted: string): readonly PersonRow[] =>
  rows.filter(({ type }) => type === wanted);
