/** https://hl7.org/fhir/R4/messageheader-operation-process-message.html */
import { badRequest, forbidden, issue, toOutcome } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/types.ts';
import {
  callerOf,
  type Deps,
  type FhirRequest,
  type FhirResponse,
  hashOf,
} from '../../interactions/exchange.ts';
import { sentAtOf } from '../../interactions/receiving.ts';
import { resultOutcome } from '../../interactions/write-response.ts';
import { headOf, type MessageHead, operationsOf } from '../../registry/intake/message-bundle.ts';
import type { Result } from '../../repository/operation.ts';
import type { OperationRoute } from '../route.ts';

const DEFINITION = 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message';

/**
 * `POST $process-message`: a message from a record system, carried out whole or not at all. 200 with the message that answers it;
 * the same message again is answered the same and changes nothing. 400/422 with every fault, when what was sent is in the inbox.
 */
export function processMessageRoutes(): readonly OperationRoute[] {
  return [
    {
      method: 'post',
      path: '/$process-message',
      name: 'process-message',
      definition: DEFINITION,
      takes: 'bundle',
      run: processMessage,
    },
  ];
}

export async function processMessage(deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  const { repository, fhirBase } = deps;
  const { principal, rawBody = '', body } = request;
  if (principal.kind !== 'ehr') {
    throw forbidden('Messages are taken from record systems.', 'message-sender');
  }
  refuseParameters(request);
  const now = repository.deps.clock.now();
  const bundle = body as JsonObject;
  const head = headOf(bundle);
  const sentAt = sentAtOf(bundle, now);
  const results = await repository.commit(
    callerOf(request, '$process-message'),
    operationsOf(bundle, head, repository.deps.shapes),
    {
      once: { key: `message|${head.id}`, hash: hashOf(request, '$process-message'), isStrict: false },
      message: {
        door: 'message',
        raw: rawBody,
        isBundle: true,
        id: head.id,
        ...(sentAt !== undefined && { sentAt }),
      },
    },
  );
  return { status: 200, headers: {}, body: answer(deps, head, results, now, fhirBase) };
}

/** Throws 400: `async` and `response-url` are not supported. */
function refuseParameters({ query }: FhirRequest): void {
  const [name] = query.keys();
  if (name !== undefined) {
    throw badRequest(
      `$process-message takes no parameter "${name.slice(0, 40)}": the answer comes at once.`,
      undefined,
      'parameter',
    );
  }
}

/** The message that answers: https://hl7.org/fhir/R4/messageheader-definitions.html#MessageHeader.response */
function answer(
  { repository }: Deps,
  { header }: MessageHead,
  results: readonly Result[],
  now: Date,
  fhirBase: string,
): object {
  const { newId } = repository.deps;
  const ids = { bundle: newId(now), header: newId(now), outcome: newId(now) };
  const late = results.filter(({ isLate }) => isLate === true);
  const told = late.flatMap((result) => resultOutcome(result).issue ?? []);
  const done = issue('information', 'informational', `${results.length} resources were taken care of.`);
  const outcome = toOutcome([done]);
  return {
    resourceType: 'Bundle',
    id: ids.bundle,
    type: 'message',
    timestamp: now.toISOString(),
    entry: [
      {
        fullUrl: `urn:uuid:${ids.header}`,
        resource: {
          resourceType: 'MessageHeader',
          id: ids.header,
          eventCoding: header['eventCoding'],
          source: { endpoint: fhirBase },
          response: {
            identifier: header['id'] ?? ids.header,
            code: 'ok',
            details: { reference: `urn:uuid:${ids.outcome}` },
          },
          focus: results
            .filter(({ effect, id }) => id !== '' && effect !== 'deleted')
            .map(({ type, id }) => ({ reference: `${fhirBase}/${type}/${id}` })),
        },
      },
      {
        fullUrl: `urn:uuid:${ids.outcome}`,
        resource: { ...outcome, id: ids.outcome, issue: [...(outcome.issue ?? []), ...told] },
      },
    ],
  };
}
