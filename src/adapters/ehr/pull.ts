/**
 * Read what a register needs from an EHR's FHIR API, within bounds: https://hl7.org/fhir/R4/http.html#search
 * Only addresses below the EHR's own base are ever asked (AP-02); what cannot be read is reported, not fatal.
 */
import { Client } from 'fhir-kit-client';
import type { Bundle, Resource } from '../../fhir/types.ts';

export interface PullRequest {
  /** FHIR base URL of the EHR. */
  readonly fhirBase: string;
  readonly accessToken: string;
  /** Relative reads and searches: `Patient/1`, `Condition?patient=1`. */
  readonly queries: readonly string[];
  readonly now: Date;
}

export interface PullResult {
  readonly fhirBase: string;
  /** When it was read, ISO instant. */
  readonly fetchedAt: string;
  /** In the order of the queries; each resource once. */
  readonly resources: readonly Resource[];
  readonly missing: readonly { readonly query: string; readonly reason: string }[];
}

export const MAX_PAGES = 10;
const MAX_RESOURCES = 1000;
const TIMEOUT_MS = 10_000;

/** Ask all queries, one after another; never throws for what the EHR refuses or breaks. */
export async function pull({ fhirBase, accessToken, queries, now }: PullRequest): Promise<PullResult> {
  const base = fhirBase.replace(/\/$/, '');
  const client = new Client({ baseUrl: base, bearerToken: accessToken });
  const found = new Map<string, Resource>();
  const missing: { query: string; reason: string }[] = [];
  for (const query of queries) {
    try {
      for (const resource of await ask(client, base, query)) {
        found.set(`${resource.resourceType}/${resource.id ?? found.size}`, resource);
      }
    } catch (cause) {
      missing.push({ query, reason: reasonOf(cause) });
    }
  }
  return {
    fhirBase: base,
    fetchedAt: now.toISOString(),
    resources: [...found.values()].slice(0, MAX_RESOURCES),
    missing,
  };
}

async function ask(client: Client, base: string, query: string): Promise<readonly Resource[]> {
  const first = await get(client, base, `${base}/${query}`);
  if (first.resourceType !== 'Bundle') {
    return first.resourceType === 'OperationOutcome' ? [] : [first];
  }
  return collectPages(client, base, first);
}

async function collectPages(client: Client, base: string, first: Bundle): Promise<readonly Resource[]> {
  const resources: Resource[] = [];
  let page: Bundle = first;
  for (let pages = 1; ; pages++) {
    resources.push(...resourcesOf(page));
    const next = page.link?.find(({ relation }) => relation === 'next')?.url;
    if (next === undefined || pages === MAX_PAGES || resources.length >= MAX_RESOURCES) {
      return resources;
    }
    const answer = await get(client, base, new URL(next, `${base}/`).href);
    if (answer.resourceType !== 'Bundle') {
      return resources;
    }
    page = answer;
  }
}

function resourcesOf(bundle: Bundle): readonly Resource[] {
  return (bundle.entry ?? [])
    .map(({ resource }) => resource)
    .filter((resource) => resource !== undefined)
    .filter(({ resourceType }) => resourceType !== 'OperationOutcome');
}

/** One GET below the base; no redirects, so that the token cannot travel. */
async function get(client: Client, base: string, url: string): Promise<Resource> {
  if (!isBelow(base, url)) {
    throw new Error('the address is outside the EHR base');
  }
  const answer: unknown = await client.request(url, {
    method: 'GET',
    options: { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) },
  });
  if (typeof (answer as { resourceType?: unknown } | null)?.resourceType !== 'string') {
    throw new Error('the answer is no FHIR resource');
  }
  return answer as Resource;
}

/** Is the URL, after `..` and the like are resolved, below the base? */
export function isBelow(base: string, url: string): boolean {
  const absolute = URL.parse(url)?.href;
  return absolute !== undefined && absolute.startsWith(`${new URL(base).href.replace(/\/$/, '')}/`);
}

/** Status codes and our own words only: an EHR's error text may hold what belongs to the patient. */
function reasonOf(cause: unknown): string {
  const status = (cause as { response?: { status?: number } }).response?.status;
  if (status !== undefined) {
    return `the EHR answered ${status}`;
  }
  return cause instanceof Error && cause.message.startsWith('the ')
    ? cause.message
    : 'the EHR did not answer';
}
