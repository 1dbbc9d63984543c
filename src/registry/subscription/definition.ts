/**
 * What a Subscription asks for: https://hl7.org/fhir/R4/subscription.html, and with a topic
 * https://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition-backport-subscription.html
 */
import { error, type Issue } from '../../fhir/outcome.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import type { Extension, JsonObject, Subscription } from '../../fhir/types.ts';
import type { EventTrigger, Topic, Topics, Trigger } from './topic.ts';

export type Content = 'empty' | 'id-only' | 'full-resource';

/** Search parameters that a resource must match besides its trigger. */
export interface Filter {
  readonly type: string;
  readonly query: string;
}

export interface Definition {
  readonly id: string;
  /** Canonical of the topic as the Subscription names it; undefined for plain criteria. */
  readonly topic: string | undefined;
  readonly triggers: readonly Trigger[];
  readonly eventTriggers: readonly EventTrigger[];
  readonly filters: readonly Filter[];
  readonly includes: readonly { readonly type: string; readonly includes: readonly string[] }[];
  readonly endpoint: string;
  readonly content: Content;
  readonly maxCount: number;
  readonly timeoutSeconds: number;
  readonly heartbeatSeconds: number | undefined;
  readonly end: string | undefined;
}

const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/';
export const SIGNING_KEY = 'https://ryggrad.no/fhir/StructureDefinition/subscription-signing-key';

const CONTENTS: readonly string[] = ['empty', 'id-only', 'full-resource'];
const MIME_TYPES: readonly string[] = ['application/fhir+json', 'application/json'];
const MAX_COUNT = 100;
const DEFAULT_COUNT = 20;
const MAX_TIMEOUT_S = 30;
const DEFAULT_TIMEOUT_S = 10;
const MIN_HEARTBEAT_S = 60;

/** The definition, or every reason why it can be none. Access and search syntax are judged elsewhere. */
export function readDefinition(
  subscription: Subscription,
  topics: Topics,
): { readonly definition?: Definition; readonly issues: readonly Issue[] } {
  const { channel } = subscription;
  const issues: Issue[] = [...channelIssues(subscription)];
  const asked = criteriaOf(subscription, topics, issues);
  const content = contentOf(subscription, issues);
  const maxCount = numberOf(channel.extension, 'backport-max-count', DEFAULT_COUNT);
  const timeout = numberOf(channel.extension, 'backport-timeout', DEFAULT_TIMEOUT_S);
  const heartbeat = numberOf(channel.extension, 'backport-heartbeat-period', 0);
  if (heartbeat !== 0 && heartbeat < MIN_HEARTBEAT_S) {
    issues.push(
      refused('backport-heartbeat-period', `must be at least ${MIN_HEARTBEAT_S} seconds`, 'extension'),
    );
  }
  if (issues.length > 0 || asked === undefined) {
    return { issues };
  }
  return {
    issues,
    definition: {
      id: subscription.id ?? '',
      ...asked,
      endpoint: channel.endpoint ?? '',
      content,
      maxCount: Math.min(Math.max(maxCount, 1), MAX_COUNT),
      timeoutSeconds: Math.min(Math.max(timeout, 1), MAX_TIMEOUT_S),
      heartbeatSeconds: heartbeat === 0 ? undefined : heartbeat,
      end: subscription.end,
    },
  };
}

/** Types that the definition needs to be told of. */
export const typesOf = ({ triggers, eventTriggers }: Definition): readonly string[] => [
  ...new Set([...triggers, ...eventTriggers].map(({ type }) => type)),
];

function channelIssues({ channel }: Subscription): readonly Issue[] {
  const issues: Issue[] = [];
  if (channel.type !== 'rest-hook') {
    issues.push(
      error(
        'not-supported',
        `Channels of type ${channel.type} are not offered. Use rest-hook.`,
        'Subscription.channel.type',
        'subscription-channel',
      ),
    );
  }
  if (channel.endpoint === undefined && channel.type === 'rest-hook') {
    issues.push(refused('endpoint', 'is missing: where are notifications sent?', 'endpoint'));
  }
  if (channel.payload !== undefined && !MIME_TYPES.includes(channel.payload)) {
    issues.push(refused('payload', `must be one of ${MIME_TYPES.join(', ')}`, 'payload'));
  }
  return issues;
}

type Asked = Pick<Definition, 'topic' | 'triggers' | 'eventTriggers' | 'filters' | 'includes'>;

/** A canonical names a topic; anything else is a search of R4's own subscriptions. */
function criteriaOf(subscription: Subscription, topics: Topics, issues: Issue[]): Asked | undefined {
  const { criteria } = subscription;
  if (/^(https?:|urn:)/.test(criteria)) {
    const topic = topics.get(criteria);
    if (topic === undefined) {
      issues.push(
        criteriaIssue(`The topic ${criteria.slice(0, 200)} is not known here.`, 'subscription-topic'),
      );
      return undefined;
    }
    const filters = filtersOf(subscription, topic, issues);
    return {
      topic: criteria,
      triggers: topic.triggers,
      eventTriggers: topic.eventTriggers,
      filters,
      includes: topic.shapes,
    };
  }
  const [, type = '', query = ''] = /^([A-Za-z]+)(?:\?(.*))?$/s.exec(criteria) ?? [];
  if (!isResourceType(type)) {
    issues.push(
      criteriaIssue(
        'criteria must be a search, such as Observation?code=1234, or the canonical of a topic in the CapabilityStatement.',
        'subscription-criteria',
      ),
    );
    return undefined;
  }
  const trigger: Trigger = {
    type,
    interactions: ['create', 'update'],
    ...(query !== '' && { current: query }),
  };
  return { topic: undefined, triggers: [trigger], eventTriggers: [], filters: [], includes: [] };
}

function filtersOf(subscription: Subscription, topic: Topic, issues: Issue[]): readonly Filter[] {
  const { extension = [] } = ((subscription as unknown as JsonObject)['_criteria'] ?? {}) as {
    extension?: readonly Extension[];
  };
  return extension
    .filter(({ url }) => url === `${BACKPORT}backport-filter-criteria`)
    .map(({ valueString = '' }) => {
      const [, type = '', query = ''] = /^([A-Za-z]+)\?(.+)$/s.exec(valueString) ?? [];
      const allowed = topic.canFilterBy.filter((filter) => filter.type === type);
      const unknown = [...new URLSearchParams(query).keys()].find(
        (name) => !allowed.some(({ parameter }) => parameter === name.split(':')[0]),
      );
      if (query === '' || unknown !== undefined) {
        const choices = topic.canFilterBy.map((filter) => `${filter.type}?${filter.parameter}=…`).join(', ');
        issues.push(
          criteriaIssue(
            `The filter "${valueString.slice(0, 100)}" is none of this topic. It has: ${choices || 'none'}.`,
            'subscription-filter',
          ),
        );
      }
      return { type, query };
    });
}

function contentOf({ channel }: Subscription, issues: Issue[]): Content {
  const { extension = [] } = ((channel as unknown as JsonObject)['_payload'] ?? {}) as {
    extension?: readonly Extension[];
  };
  const asked = extension.find(({ url }) => url === `${BACKPORT}backport-payload-content`)?.valueCode;
  if (asked !== undefined && !CONTENTS.includes(asked)) {
    issues.push(refused('payload', `its content must be one of ${CONTENTS.join(', ')}`, 'payload'));
  }
  const byDefault = channel.payload === undefined ? 'empty' : 'full-resource';
  return (asked ?? byDefault) as Content;
}

function numberOf(extensions: readonly Extension[] = [], name: string, otherwise: number): number {
  const extension = extensions.find(({ url }) => url === `${BACKPORT}${name}`);
  return extension?.valueUnsignedInt ?? extension?.valuePositiveInt ?? otherwise;
}

const refused = (what: string, why: string, element: string): Issue =>
  error('value', `${what} ${why}.`, `Subscription.channel.${element}`, 'subscription-channel');
const criteriaIssue = (text: string, rule: string): Issue =>
  error('value', text, 'Subscription.criteria', rule);
