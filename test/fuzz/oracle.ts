/** What holds for every answer, whatever was sent. */
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, JsonValue, OperationOutcome } from '../../src/fhir/types.ts';
import { faultsOf } from '../support/refusals.ts';
import type { Answer, Probe } from './probe.ts';
import { xmlFormat } from './xml.ts';

/** Words of the inside that have no place in an answer. */
const INSIDE =
  /node_modules|\/src\/|\n\s+at .+:[0-9]+:[0-9]+|syntax error at or near|\bpg_|\bidx_(?:token|date|text)|relation "\w+" does not/;
const SEVERITIES: ReadonlySet<unknown> = new Set(['fatal', 'error', 'warning', 'information']);

/** Outcomes that were held to the profile already: the rule, the code and the elements they have. */
const seen = new Set<string>();

/** What is wrong with the answer, in words; undefined when nothing is. Time is looked at elsewhere. */
export function faultOf(probe: Probe, answer: Answer): string | undefined {
  const { status } = answer;
  if (status === 0) {
    return `no answer: ${answer.text}`;
  }
  if (status >= 500) {
    return `status ${status}: ${answer.text.slice(0, 500)}`;
  }
  if (probe.method === 'HEAD' || answer.text === '') {
    return status >= 400 && probe.method !== 'HEAD' ? `status ${status} without a body` : undefined;
  }
  const body = bodyOf(answer);
  if (body === undefined) {
    return `status ${status} with a body that is not what its Content-Type says: ${answer.text.slice(0, 300)}`;
  }
  return status >= 400 ? faultOfRefusal(answer, body) : faultOfStored(probe, answer, body);
}

/** The body by its content type; tables and other files as they are; undefined when it cannot be read. */
function bodyOf({ headers, text }: Answer): JsonValue | undefined {
  const type = String(headers['content-type'] ?? '');
  try {
    if (/[/+]xml/.test(type)) {
      return xmlFormat.read(text);
    }
    return /[/+]json/.test(type) ? (JSON.parse(text) as JsonValue) : {};
  } catch {
    return undefined;
  }
}

function faultOfRefusal({ status, text }: Answer, body: JsonValue): string | undefined {
  const { resourceType, issue } = body as unknown as OperationOutcome;
  if (resourceType !== 'OperationOutcome' || !Array.isArray(issue)) {
    return `status ${status} with something else than an OperationOutcome: ${text.slice(0, 300)}`;
  }
  const isWhole = issue.every(({ severity, code }) => SEVERITIES.has(severity) && typeof code === 'string');
  const isClear = issue.some(
    ({ severity, diagnostics }) => severity !== 'information' && (diagnostics ?? '').trim() !== '',
  );
  if (!isWhole || !isClear) {
    return `status ${status} with issues that lack severity, code or diagnostics: ${text.slice(0, 500)}`;
  }
  if (INSIDE.test(issue.map(({ diagnostics }) => diagnostics).join('\n'))) {
    return `status ${status} tells of the inside: ${text.slice(0, 500)}`;
  }
  const key = issue
    .map((one) => `${one.code} ${one.details?.coding?.[0]?.code ?? ''} ${Object.keys(one).join()}`)
    .join('\n');
  const faults = seen.has(key) ? [] : faultsOf(body as unknown as OperationOutcome);
  seen.add(key);
  return faults.length === 0 ? undefined : `an OperationOutcome that is not valid: ${JSON.stringify(faults)}`;
}

/** A created resource comes back as it was sent. */
function faultOfStored(
  { kind, method, body: sent, headers }: Probe,
  { status }: Answer,
  got: JsonValue,
): string | undefined {
  const isEcho =
    kind === 'resource' &&
    method === 'POST' &&
    status === 201 &&
    headers['prefer'] === undefined &&
    headers['Prefer'] === undefined;
  if (!isEcho || typeof sent !== 'string' || RESOLVED.test(sent)) {
    return undefined;
  }
  const wanted = bare(JSON.parse(sent) as JsonObject);
  return isDeepStrictEqual(bare(got as JsonObject), wanted)
    ? undefined
    : `stored otherwise than sent: ${JSON.stringify(got).slice(0, 1000)}`;
}

/** References by a condition are resolved; a Subscription gets its status from the server. */
const RESOLVED = /"reference":"[^"]*\?|"resourceType":"Subscription"/;

const bare = ({ id: _id, meta, ...rest }: JsonObject): JsonObject => {
  const { versionId: _version, lastUpdated: _time, source: _source, ...kept } = (meta ?? {}) as JsonObject;
  return Object.keys(kept).length === 0 ? rest : { ...rest, meta: kept };
};
