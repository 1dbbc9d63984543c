/**
 * A locked form says where its fetched answers came from: one Provenance from the form to the versions of the resources that
 * its user stood by (AP-05). https://hl7.org/fhir/R4/provenance.html
 */
import type {
  JsonObject,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  Reference,
} from '../../fhir/types.ts';
import type { WriteScope } from '../../repository/rules.ts';
import type { Labels } from '../../storage/store.ts';
import { type AnswerSource, readSource } from '../../sdc/answer-source.ts';
import { EXT, extensionOf, extensionsOf } from '../../sdc/extensions.ts';

/** Adds the Provenance of a response that is being locked; nothing when no answer was fetched. */
export function confirmSources(scope: WriteScope, response: JsonObject, labels: Labels): void {
  const sources = sourcesOf(response as unknown as QuestionnaireResponse);
  if (sources.length === 0) {
    return;
  }
  const isCorrection = response['status'] === 'amended';
  scope.add({
    kind: 'create',
    type: 'Provenance',
    id: scope.newId(),
    // of the department, not of the pathway: who worked where does not go to the national store
    labels: { ...labels, episode: null },
    resource: {
      resourceType: 'Provenance',
      target: [{ reference: `QuestionnaireResponse/${String(response['id'])}` }],
      recorded: scope.now.toISOString(),
      activity: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation',
            code: isCorrection ? 'UPDATE' : 'CREATE',
          },
        ],
      },
      agent: [authorOf(scope, labels)],
      entity: sources.map((what) => ({ role: 'source', what: what as unknown as JsonObject })),
    },
  });
}

function authorOf({ principal }: WriteScope, { unit }: Labels): JsonObject {
  return {
    type: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'author' },
      ],
    },
    who: {
      ...(principal.kind === 'system' && { type: 'Device', display: principal.name }),
      identifier: { system: 'https://ryggrad.no/fhir/NamingSystem/subject', value: principal.subject },
    },
    ...(unit !== null && { onBehalfOf: { reference: `Organization/${unit}` } }),
  };
}

/** Versions of resources behind the answers as they stand, each once; those of answers that the user changed are not. */
function sourcesOf(response: QuestionnaireResponse): readonly Reference[] {
  const found = new Map<string, Reference>();
  const visit = ({ item = [], answer = [] }: QuestionnaireResponseItem): void => {
    for (const mark of answer.flatMap((one) => extensionsOf(one, EXT.answerSource))) {
      if (extensionOf(mark, 'adopted')?.valueCode !== 'changed') {
        const what = versioned(readSource(mark));
        found.set(what.reference ?? what.display ?? '', what);
      }
    }
    item.forEach(visit);
  };
  response.item?.forEach(visit);
  return [...found.values()];
}

/** The version that was read: https://hl7.org/fhir/R4/references.html#literal */
const versioned = ({ reference, version, display }: AnswerSource): Reference => ({
  ...(reference !== undefined && {
    reference: version === undefined ? reference : `${reference}/_history/${version}`,
  }),
  ...(display !== '' && { display }),
});
