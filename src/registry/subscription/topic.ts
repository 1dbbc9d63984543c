/**
 * SubscriptionTopics as R4 has them: Basic resources with the cross-version extensions of R5's elements.
 * https://hl7.org/fhir/uv/subscriptions-backport/components.html, https://hl7.org/fhir/R5/subscriptiontopic.html
 */
import { parseCanonical } from '../../fhir/canonical.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import type { Basic, Extension, Resource } from '../../fhir/types.ts';

export type Interaction = 'create' | 'update' | 'delete';
type TestResult = 'test-passes' | 'test-fails';

/** One reason to tell: of this type, after one of these interactions, when the queries say so. */
export interface Trigger {
  readonly type: string;
  readonly interactions: readonly Interaction[];
  /** Search parameters that the version before must match. */
  readonly previous?: string;
  readonly current?: string;
  /** What `previous` comes to when there is no version before. */
  readonly onCreate?: TestResult;
  /** What `current` comes to when there is no version after. */
  readonly onDelete?: TestResult;
  readonly requireBoth?: boolean;
}

/** Something that happened to a resource without an interaction: code of our own code system of events. */
export interface EventTrigger {
  readonly type: string;
  readonly code: string;
}

export interface Topic {
  readonly url: string;
  readonly version: string | undefined;
  readonly title: string;
  readonly triggers: readonly Trigger[];
  readonly eventTriggers: readonly EventTrigger[];
  /** Search parameters by type that a subscription may narrow the topic by. */
  readonly canFilterBy: readonly { readonly type: string; readonly parameter: string }[];
  /** `_include`s by type that go with a notification. */
  readonly shapes: readonly { readonly type: string; readonly includes: readonly string[] }[];
}

export interface Topics {
  get(canonical: string): Topic | undefined;
  all(): readonly Topic[];
}

const ELEMENT =
  /^http:\/\/hl7\.org\/fhir\/(?:4\.3|5\.0)\/StructureDefinition\/extension-SubscriptionTopic\.(\w+)$/;
const TYPES_SYSTEM = 'http://hl7.org/fhir/fhir-types';
const RESOURCE_BASE = 'http://hl7.org/fhir/StructureDefinition/';
const EVENTS_SYSTEM = 'https://ryggrad.no/fhir/CodeSystem/register-event';

/** The topics among the content's artefacts. Throws an Error that names the topic when one cannot be carried out. */
export function readTopics(artefacts: readonly Resource[]): Topics {
  const topics = artefacts.filter(isTopic).map(toTopic);
  return {
    all: () => topics,
    get(canonical) {
      const { url, version } = parseCanonical(canonical);
      return topics.findLast(
        (topic) => topic.url === url && (version === undefined || version === topic.version),
      );
    },
  };
}

function isTopic(resource: Resource): resource is Basic {
  return (
    resource.resourceType === 'Basic' &&
    resource.code.coding?.some(
      ({ system, code }) => system === TYPES_SYSTEM && code === 'SubscriptionTopic',
    ) === true
  );
}

function toTopic(basic: Basic): Topic {
  const elements = (basic.extension ?? []).map((extension) => ({
    name: ELEMENT.exec(extension.url)?.[1] ?? '',
    extension,
  }));
  const all = (name: string): readonly Extension[] =>
    elements.filter((element) => element.name === name).map(({ extension }) => extension);
  const url = all('url')[0]?.valueUri ?? '';
  return {
    url,
    version: all('version')[0]?.valueString,
    title: all('title')[0]?.valueString ?? url,
    triggers: all('resourceTrigger').map((extension) => toTrigger(url, extension)),
    eventTriggers: all('eventTrigger').map((extension) => toEventTrigger(url, extension)),
    canFilterBy: all('canFilterBy').map((extension) => ({
      type: typeOf(url, extension),
      parameter: part(extension, 'filterParameter')?.valueString ?? '',
    })),
    shapes: all('notificationShape').map((extension) => ({
      type: typeOf(url, extension),
      includes: parts(extension, 'include').flatMap(({ valueString }) => valueString ?? []),
    })),
  };
}

const INTERACTIONS: readonly Interaction[] = ['create', 'update', 'delete'];

function toTrigger(topic: string, extension: Extension): Trigger {
  if (part(extension, 'fhirPathCriteria') !== undefined) {
    throw new Error(`The topic ${topic} has a fhirPathCriteria; only queryCriteria are carried out.`);
  }
  const named = parts(extension, 'supportedInteraction').map(({ valueCode }) => valueCode as Interaction);
  const query = part(extension, 'queryCriteria') ?? { url: '' };
  const previous = part(query, 'previous')?.valueString;
  const current = part(query, 'current')?.valueString;
  const onCreate = part(query, 'resultForCreate')?.valueCode as TestResult | undefined;
  const onDelete = part(query, 'resultForDelete')?.valueCode as TestResult | undefined;
  return {
    type: typeOf(topic, extension),
    interactions: named.length === 0 ? INTERACTIONS : named,
    ...(previous !== undefined && { previous }),
    ...(current !== undefined && { current }),
    ...(onCreate !== undefined && { onCreate }),
    ...(onDelete !== undefined && { onDelete }),
    requireBoth: part(query, 'requireBoth')?.valueBoolean === true,
  };
}

function toEventTrigger(topic: string, extension: Extension): EventTrigger {
  const coding = part(extension, 'event')?.valueCodeableConcept?.coding?.find(
    ({ system }) => system === EVENTS_SYSTEM,
  );
  if (coding?.code !== 'national-store-entered') {
    throw new Error(
      `The topic ${topic} has an event that does not happen here: it is ${EVENTS_SYSTEM}#national-store-entered.`,
    );
  }
  return { type: typeOf(topic, extension), code: coding.code };
}

function typeOf(topic: string, extension: Extension): string {
  const uri = part(extension, 'resource')?.valueUri ?? '';
  const type = uri.startsWith(RESOURCE_BASE) ? uri.slice(RESOURCE_BASE.length) : uri;
  if (!isResourceType(type)) {
    throw new Error(`The topic ${topic} names "${uri}", which is no R4 resource type.`);
  }
  return type;
}

const parts = (extension: Extension, url: string): readonly Extension[] =>
  (extension.extension ?? []).filter((inner) => inner.url === url);
const part = (extension: Extension, url: string): Extension | undefined => parts(extension, url)[0];
