/**
 * The simulated hospital as a server of its own: its record over FHIR, its pages, and routes by which tests order faults and see
 * what it was sent. Listens on this machine alone.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventsOf } from './courses/events.ts';
import { USUAL_DAY } from './day/day.ts';
import { faults, type FaultKind, type Outage } from './faults.ts';
import { recordOf } from './fhir/record.ts';
import { PARAMETERS } from './fhir/search.ts';
import { hospital, type Hospital, read } from './handler.ts';
import type { RegisteredApp } from './smart/authorization.ts';

export interface ServerOptions {
  readonly registryUrl: string;
  /** 0: a free one. */
  readonly port?: number;
  readonly seed?: number;
  /** How many patients the record has. */
  readonly patients?: number;
  /** The day on which their courses are written. */
  readonly day?: string;
  readonly clock?: { now(): Date };
  readonly apps?: readonly RegisteredApp[];
  readonly grantable?: (scope: string) => boolean;
  /** Faults come by themselves. */
  readonly hasFaults?: boolean;
  /** Asked to send messages to the register: `POST /admin/push`. */
  readonly push?: (count: number) => Promise<unknown>;
}

export interface HospitalServer extends AsyncDisposable {
  readonly url: string;
  readonly hospital: Hospital;
}

export const USUAL_SEED = 7;
export const USUAL_PATIENTS = 300;

const COURSE_WORDS: readonly (readonly [part: string, words: string])[] = [
  ['smerte', 'Smerte (tilsyn)'],
  ['ryggkirurgi', 'Rygg- og nakkekirurgi'],
  ['poliklinikk', 'Rygg, poliklinisk'],
  ['koloskopi', 'Koloskopi'],
  ['hiv', 'Infeksjon'],
];

/** Start it. Use with `await using`, or dispose. */
export async function startHospital(options: ServerOptions): Promise<HospitalServer> {
  const { seed = USUAL_SEED, patients = USUAL_PATIENTS, day = USUAL_DAY } = options;
  const clock = options.clock ?? { now: () => new Date() };
  let handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> = (
    _request,
    response,
  ) => {
    response.writeHead(503).end();
    return Promise.resolve();
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => {
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const numbers = Array.from({ length: patients }, (_, index) => index + 1);
  const events = eventsOf(seed, numbers, day);
  const record = recordOf(events, clock.now());
  const courses = Map.groupBy(events, ({ course }) => course.slice(0, course.indexOf('-')));
  const one = await hospital({
    url,
    registryUrl: options.registryUrl,
    title: 'Fjordheim journal',
    clinician: 'den som har ansvaret for pasienten',
    clock,
    record: () => record,
    patients: () => numbers.map((number) => `p${number}`),
    about: (id) => wordsOf((courses.get(id) ?? []).map(({ course }) => course)),
    faults: faults(options.hasFaults === true ? seed : undefined),
    ...(options.apps !== undefined && { apps: options.apps }),
    ...(options.grantable !== undefined && { grantable: options.grantable }),
  });
  const admin = adminRoutes(one, record, options.push);
  handle = async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', url);
    await (pathname.startsWith('/admin/')
      ? admin(request, response, pathname)
      : one.handle(request, response));
  };
  return {
    url,
    hospital: one,
    async [Symbol.asyncDispose]() {
      one.faults.set(undefined);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const wordsOf = (courses: readonly string[]): string =>
  COURSE_WORDS.filter(([part]) => courses.some((course) => course.endsWith(`-${part}`)))
    .map(([, words]) => words)
    .join(', ');

const KINDS: readonly FaultKind[] = ['unavailable', 'hang', 'cut', 'slow'];

/** `/admin/…`: state, outage, tokens, received, push. */
function adminRoutes(
  { faults: own, received, authorization, requests }: Hospital,
  record: ReturnType<typeof recordOf>,
  push: ServerOptions['push'],
) {
  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    if (!isOfThisMachine(request)) {
      answer(response, 403, { error: 'only from this machine' });
      return;
    }
    const body = request.method === 'POST' ? await read(request) : '';
    const routes: Readonly<Record<string, () => unknown>> = {
      'GET /admin/state': () => ({
        requests: requests(),
        outage: own.outage ?? null,
        received: received.length,
        resources: Object.fromEntries(Object.keys(PARAMETERS).map((type) => [type, record.all(type).length])),
      }),
      'GET /admin/received': () => received,
      'POST /admin/outage': () => {
        own.set(outageOf(body));
        return { outage: own.outage ?? null };
      },
      'DELETE /admin/outage': () => {
        own.set(undefined);
        return { outage: null };
      },
      'POST /admin/expire-tokens': () => ({ expired: authorization.expireTokens() }),
      'POST /admin/push': () => push?.(Number((JSON.parse(body || '{}') as { count?: number }).count ?? 60)),
    };
    const route = routes[`${request.method} ${path}`];
    try {
      const result = await route?.();
      answer(
        response,
        result === undefined ? 404 : 200,
        result ?? { error: 'there is nothing at this address' },
      );
    } catch (error) {
      answer(response, 400, { error: (error as Error).message });
    }
  };
}

function outageOf(body: string): Outage {
  const { kind, requests, ms } = JSON.parse(body) as Partial<Outage>;
  if (kind === undefined || !KINDS.includes(kind)) {
    throw new RangeError(`kind is one of ${KINDS.join(', ')}`);
  }
  return { kind, ...(requests !== undefined && { requests }), ...(ms !== undefined && { ms }) };
}

/** Not from elsewhere, and not from a page that a browser has open. */
const isOfThisMachine = ({ socket, headers }: IncomingMessage): boolean =>
  ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(socket.remoteAddress ?? '') &&
  headers.origin === undefined;

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
