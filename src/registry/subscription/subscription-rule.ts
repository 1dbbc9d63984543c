/**
 * The rule behind every Subscription that is written: what it may ask for, whose it is, and that its secrets are kept
 * beside it and never in it. https://hl7.org/fhir/R4/subscription.html
 */
import { decide, toRefusal } from '../../access/decide.ts';
import type { Principal } from '../../access/principal.ts';
import { error, FhirError, type Issue } from '../../fhir/outcome.ts';
import type { Extension, JsonObject, Subscription } from '../../fhir/types.ts';
import { NO_LABELS } from '../../repository/batch.ts';
import type { Pending } from '../../repository/operation.ts';
import type { WriteRule, WriteScope } from '../../repository/rules.ts';
import { requireSearchable } from '../../repository/search.ts';
import { RESULT_PARSERS } from '../../search/parse-result.ts';
import type { ParameterTable } from '../../search/parameters.ts';
import type { Queryable } from '../../storage/db.ts';
import { watch } from '../../storage/outbox.ts';
import { parseHeader, type RestHook } from './channel.ts';
import { CONSUMER, NOTIFY } from './consumer.ts';
import { type Definition, readDefinition, SIGNING_KEY, typesOf } from './definition.ts';
import { isAboutItself, parseCriteria } from './match.ts';
import { readStates, removeState, saveState, type Status } from './state.ts';
import type { Topics } from './topic.ts';

export interface RuleDeps {
  readonly topics: Topics;
  readonly parameters: ParameterTable;
  readonly restHook: RestHook;
  readonly baseUrl: string;
}

const MIN_KEY = 32;
const HIDDEN = '***';

/** Check Subscriptions and enter them; what the server itself writes of them is their status. */
export const subscriptionRule = (deps: RuleDeps): WriteRule => ({
  name: 'subscriptions',
  async apply(scope) {
    const issues: Issue[] = [];
    for (const entry of scope.pending().filter(({ type }) => type === 'Subscription')) {
      issues.push(...(await applyTo(scope, entry, deps)));
    }
    return issues;
  },
});

async function applyTo(scope: WriteScope, entry: Pending, deps: RuleDeps): Promise<readonly Issue[]> {
  const tx: Queryable = { query: (statement) => scope.query({ values: [], ...statement }) };
  if (entry.effect === 'deleted') {
    await removeState(tx, entry.id);
    await watch(tx, CONSUMER, entry.id, []);
    return [];
  }
  if (entry.resource === undefined || (entry.effect !== 'created' && entry.effect !== 'updated')) {
    return [];
  }
  const subscription = entry.resource as unknown as Subscription;
  return scope.principal.kind === 'system'
    ? followStatus(tx, entry, subscription, deps)
    : enter(scope, tx, entry, deps);
}

/** The server has changed the status: events are wanted for as long as it is not off. */
async function followStatus(
  tx: Queryable,
  { id }: Pending,
  subscription: Subscription,
  { topics }: RuleDeps,
): Promise<readonly Issue[]> {
  await tx.query({
    text: `update subscription_state set status = $2, error = $3 where id = $1`,
    values: [id, subscription.status, subscription.error ?? null],
  });
  const { definition } = readDefinition(subscription, topics);
  const types = subscription.status === 'off' || definition === undefined ? [] : typesOf(definition);
  await watch(tx, CONSUMER, id, types);
  return [];
}

async function enter(
  scope: WriteScope,
  tx: Queryable,
  entry: Pending,
  deps: RuleDeps,
): Promise<readonly Issue[]> {
  const { principal } = scope;
  const given = { ...entry.resource, id: entry.id } as unknown as Subscription;
  const [known] = entry.previous === undefined ? [] : await readStates(tx, [entry.id]);
  const { definition, issues } = readDefinition(given, deps.topics);
  const secrets = secretsOf(given, known?.headers ?? {});
  const found = [
    ...issues,
    ...statusIssues(given, known?.status),
    ...secrets.issues,
    ...(scope.message?.isBundle !== true ? [] : [inBundle()]),
    ...(definition === undefined ? [] : judge(principal, definition, deps)),
  ];
  if (found.length > 0 || definition === undefined) {
    return found;
  }
  const status: Status = given.status === 'off' ? 'off' : 'requested';
  scope.replace(entry, {
    resource: { ...secrets.resource, status },
    labels: { ...NO_LABELS, unit: principal.subject },
  });
  const { secret, headers } = secrets;
  const { subject, scopes } = principal;
  await saveState(tx, { id: entry.id, subject, scopes, secret, headers, status });
  await watch(tx, CONSUMER, entry.id, status === 'off' ? [] : typesOf(definition));
  scope.enqueue(NOTIFY, { id: entry.id }, { jobKey: `${NOTIFY}:${entry.id}` });
  return [];
}

/** May this subscriber have what it asks for, at that address? */
function judge(principal: Principal, definition: Definition, deps: RuleDeps): readonly Issue[] {
  const refusal = deps.restHook.refusal(definition.endpoint);
  const address =
    refusal === undefined
      ? []
      : [
          error(
            'value',
            `Notifications are not sent to this endpoint: ${refusal}.`,
            'Subscription.channel.endpoint',
            'subscription-endpoint',
          ),
        ];
  for (const type of typesOf(definition)) {
    requireRight(principal, 'search', type);
    if (definition.content === 'full-resource') {
      requireRight(principal, 'read', type);
    }
  }
  return [...address, ...criteriaIssues(principal, definition, deps)];
}

function requireRight(principal: Principal, interaction: 'search' | 'read', type: string): void {
  const decision = decide(principal, interaction, type);
  if (decision.effect === 'deny') {
    throw toRefusal(decision);
  }
}

/** The searches are read as the search itself reads them, and refused where the subscriber could not ask them. */
function criteriaIssues(principal: Principal, definition: Definition, deps: RuleDeps): readonly Issue[] {
  const own = definition.topic === undefined ? definition.triggers : [];
  const queries = [
    ...own.flatMap(({ type, current }) => (current === undefined ? [] : [{ type, query: current }])),
    ...definition.filters,
  ];
  return queries.flatMap(({ type, query }) => {
    try {
      const tree = parseCriteria(type, query, deps.parameters, deps.baseUrl);
      requireSearchable(principal, tree);
      return isAboutItself(tree) && isOnlyCriteria(query) ? [] : [onlyCriteria()];
    } catch (cause) {
      if (!(cause instanceof FhirError) || cause.status === 403) {
        throw cause;
      }
      return cause.issues.map((issue) => ({ ...issue, expression: 'Subscription.criteria' }));
    }
  });
}

const isOnlyCriteria = (query: string): boolean =>
  [...new URLSearchParams(query).keys()].every(
    (name) => !Object.hasOwn(RESULT_PARSERS, name.split(':')[0] ?? ''),
  );

const onlyCriteria = (): Issue =>
  error(
    'not-supported',
    'criteria say what the resource itself must match: without chains, _has, _sort, _count, _include and the like.',
    'Subscription.criteria',
    'subscription-criteria',
  );

/** The raw message of a Bundle is kept as it came; a key in it would be kept, too. */
const inBundle = (): Issue =>
  error(
    'business-rule',
    'A Subscription is sent by itself, by POST or PUT, not in a Bundle.',
    'Subscription',
    'subscription-alone',
  );

function statusIssues({ status }: Subscription, known: Status | undefined): readonly Issue[] {
  return status === 'requested' || status === 'off' || status === known
    ? []
    : [
        error(
          'business-rule',
          'The server sets this status. Send "requested", and it becomes active after the handshake; send "off" to end it.',
          'Subscription.status',
          'subscription-status',
        ),
      ];
}

interface Secrets {
  readonly resource: JsonObject;
  readonly secret: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly issues: readonly Issue[];
}

/** The resource without its secrets, and them. A value that was read as hidden stays what it was. */
function secretsOf(given: Subscription, known: Readonly<Record<string, string>>): Secrets {
  const { channel, error: _server, ...rest } = given;
  const { extension = [], header = [], ...others } = channel;
  const secret = extension.find(({ url }) => url === SIGNING_KEY)?.valueString;
  const kept: readonly Extension[] = extension.filter(({ url }) => url !== SIGNING_KEY);
  const lines = header.map(parseHeader);
  const headers = lines.flatMap((line) =>
    line === undefined
      ? []
      : [[line.name, line.value === HIDDEN ? (known[line.name] ?? '') : line.value] as const],
  );
  return {
    resource: {
      ...rest,
      channel: {
        ...others,
        ...(kept.length > 0 && { extension: kept }),
        ...(header.length > 0 && { header: headers.map(([name]) => `${name}: ${HIDDEN}`) }),
      },
    } as unknown as JsonObject,
    secret,
    headers: Object.fromEntries(headers),
    issues: [
      ...lines.flatMap((line, index) => (line === undefined ? [headerIssue(index)] : [])),
      ...(secret !== undefined && secret.length < MIN_KEY ? [keyIssue()] : []),
    ],
  };
}

const headerIssue = (index: number): Issue =>
  error(
    'value',
    'A header is "Name: value", where the name is Authorization or begins with X-.',
    `Subscription.channel.header[${index}]`,
    'subscription-header',
  );

const keyIssue = (): Issue =>
  error(
    'value',
    `The key of the signatures must have at least ${MIN_KEY} characters.`,
    'Subscription.channel.extension',
    'subscription-signing-key',
  );
