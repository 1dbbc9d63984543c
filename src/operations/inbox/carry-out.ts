/** What a system once asked for over FHIR, asked again: the same interaction with the same text, with what its sender may do now. */
import type { EhrPrincipal } from '../../access/principal.ts';
import { error, FhirError } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import type { XmlFormat } from '../../fhir/xml.ts';
import { create } from '../../interactions/create.ts';
import { deleteResource } from '../../interactions/delete.ts';
import type { Deps, FhirRequest, FhirResponse } from '../../interactions/exchange.ts';
import { patch } from '../../interactions/patch.ts';
import { transactionOrBatch } from '../../interactions/transaction.ts';
import { update } from '../../interactions/update.ts';
import type { Sent } from '../../registry/intake/inbox.ts';
import { processMessage } from './process-message.ts';

export interface CarryOutDeps extends Deps {
  readonly xml: XmlFormat;
}

type Interaction = (deps: Deps, request: FhirRequest) => Promise<FhirResponse>;

const BY_METHOD: Readonly<Record<string, Interaction>> = {
  POST: create,
  PUT: update,
  PATCH: patch,
  DELETE: deleteResource,
};

/** Throws FhirError when it is refused again. */
export async function carryOut(deps: CarryOutDeps, principal: EhrPrincipal, sent: Sent): Promise<void> {
  const { method = 'POST', path = '', query = '', headers = {}, raw, contentType } = sent;
  const [type = '', id = ''] = path.split('/');
  const isWhole = type === '' || type.startsWith('$');
  const interaction = whole(path) ?? BY_METHOD[method];
  if (interaction === undefined) {
    throw new FhirError(400, error('not-supported', `${method} of ${path} cannot be carried out again.`));
  }
  const { clock, newId } = deps.repository.deps;
  await interaction(deps, {
    principal,
    requestId: newId(clock.now()),
    type: isWhole ? '' : type,
    id: isWhole ? '' : id,
    versionId: '',
    query: new URLSearchParams(query),
    ...(raw !== '' && {
      rawBody: raw,
      body: contentType.includes('xml') ? deps.xml.read(raw) : parseJson(raw),
    }),
    header: (name) => headers[name],
  });
}

const whole = (path: string): Interaction | undefined => {
  if (path === '') {
    return transactionOrBatch;
  }
  return path === '$process-message' ? processMessage : undefined;
};
