/**
 * One definitional resource of the content, with the file that it stands in.
 */
import { formatCanonical } from '../fhir/canonical.ts';
import type { JsonObject } from '../fhir/types.ts';
import type { SourceFile } from './source.ts';

export interface Artefact {
  readonly file: string;
  /** Register that the artefact belongs to; undefined when it is shared. */
  readonly register: string | undefined;
  readonly type: string;
  readonly id: string;
  /** Empty when the file lacks it (a problem of its own). */
  readonly url: string;
  readonly version: string;
  readonly json: JsonObject;
}

export function toArtefact({ path, json }: SourceFile, register: string | undefined): Artefact {
  const text = (name: string): string => (typeof json[name] === 'string' ? json[name] : '');
  const topic = (name: string): string => (text('resourceType') === 'Basic' ? topicText(json, name) : '');
  return {
    file: path,
    register,
    type: text('resourceType'),
    id: text('id'),
    url: text('url') || topic('url'),
    version: text('version') || topic('version'),
    json,
  };
}

/** A SubscriptionTopic is a Basic in R4; its own elements are extensions. */
function topicText({ extension }: JsonObject, name: string): string {
  const extensions = (extension ?? []) as readonly {
    url?: string;
    valueUri?: string;
    valueString?: string;
  }[];
  const found = extensions.find(({ url = '' }) => url.endsWith(`/extension-SubscriptionTopic.${name}`));
  return found?.valueUri ?? found?.valueString ?? '';
}

/** `url|version` of an artefact. */
export const canonicalOf = ({ url, version }: Artefact): string => formatCanonical(url, version);

/** ViewDefinition (SQL on FHIR) is content, but no R4 resource that a server can serve. */
export const isR4Resource = ({ type }: Artefact): boolean => type !== 'ViewDefinition';
