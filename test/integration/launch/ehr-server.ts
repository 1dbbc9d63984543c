/** The simulated EHR as a server of its own, and a browser that keeps cookies but nothing else. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import express from 'express';
import { DEMO_CLIENT_ID, demoEhr, demoFhirBase } from '../../../demo/ehr/router.ts';
import type { Ehr } from '../../../src/smart/ehr.ts';
import { clockAt, type TestClock } from '../../support/clock.ts';
import { listen, startSmartServer, type SmartServer } from '../smart/smart-server.ts';

export interface EhrServer extends AsyncDisposable {
  readonly url: string;
  readonly ehr: Ehr;
  readonly clock: TestClock;
  /** Every request that reached the EHR: `GET /fhir/Patient/pasient-1`. */
  readonly requests: string[];
  /** More that token responses tell: `appContext`, `intent`. */
  context: Readonly<Record<string, unknown>>;
  /** Answers instead of the EHR, where it returns true. */
  fault: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Put the EHR behind the address; needs the registry's address. */
  connect(registryUrl: string, grantable?: (scope: string) => boolean): Promise<void>;
}

/** Reserve an address for an EHR; it answers 503 until it is connected. */
export async function startEhrServer(): Promise<EhrServer> {
  const requests: string[] = [];
  let handler: RequestListener = (_request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (!started.fault(request, response)) {
      handler(request, response);
    }
  });
  const url = await listen(server);
  const clock = clockAt(new Date().toISOString());
  const started: EhrServer = {
    fault: () => false,
    context: {},
    url,
    clock,
    requests,
    ehr: {
      fhirBase: demoFhirBase(url),
      id: 'demojournal',
      name: { nb: 'Demojournal', nn: 'Demojournal', en: 'Demo EHR' },
      clientId: DEMO_CLIENT_ID,
      authentication: { method: 'private_key_jwt' },
      registers: ['r1'],
      unit: 'hospital-1',
      frameOrigins: [],
      staffMapping: 'agreed',
      transport: 'http',
    },
    async connect(registryUrl, grantable) {
      const app = express();
      app.use(
        await demoEhr({
          url,
          registryUrl,
          clock,
          context: () => started.context,
          ...(grantable !== undefined && { grantable }),
        }),
      );
      handler = app;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return started;
}

/** Registry and EHR that know each other; `settings` are the registry's of the EHR. */
export async function startPair(
  grantable?: (scope: string) => boolean,
  settings: Partial<Ehr> = {},
): Promise<{ registry: SmartServer; ehr: EhrServer }> {
  const ehr = await startEhrServer();
  const registry = await startSmartServer({ ehrs: [{ ...ehr.ehr, ...settings }] });
  await ehr.connect(registry.url, grantable);
  return { registry, ehr };
}

export interface Browser {
  /** Headers that every request has: `sec-fetch-dest` of a frame. */
  readonly headers: Record<string, string>;
  /** `Set-Cookie` lines, newest last. */
  readonly lines: string[];
  /** One request; redirects are not followed. */
  get(url: string): Promise<{ status: number; location: string; text: string; headers: Headers }>;
  post(
    url: string,
    form: Record<string, string> | URLSearchParams,
  ): Promise<{ status: number; location: string; text: string; headers: Headers }>;
  /** Name, with its path where that is not `/` (`name path`) → value. */
  readonly cookies: Map<string, string>;
}

export function browser(): Browser {
  const cookies = new Map<string, string>();
  const headers: Record<string, string> = {};
  const lines: string[] = [];
  const send = async (url: string, init: RequestInit) => {
    const { pathname } = new URL(url);
    const header = [...cookies]
      .map(([key, value]) => [...key.split(' '), '/', value] as const)
      .filter(([, path]) => path === '/' || pathname === path || pathname.startsWith(`${path}/`))
      .map((parts) => `${parts[0]}=${parts.at(-1)}`)
      .join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { ...headers, ...init.headers, cookie: header },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const path = /; Path=([^;]+)/.exec(line)?.[1] ?? '/';
      const key = path === '/' ? name! : `${name} ${path}`;
      lines.push(line);
      if (value === '') {
        cookies.delete(key);
      } else {
        cookies.set(key, value!);
      }
    }
    const location = response.headers.get('location') ?? '';
    return {
      status: response.status,
      location: location === '' ? '' : new URL(location, url).href,
      text: await response.text(),
      headers: response.headers,
    };
  };
  return {
    headers,
    lines,
    cookies,
    get: (url) => send(url, {}),
    post: (url, form) =>
      send(url, {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: { origin: new URL(url).origin },
      }),
  };
}

/** The launch address behind the button of a patient on the EHR's page. */
export async function launchUrl(ehr: EhrServer, patient: 1 | 2 | 3 = 1): Promise<string> {
  const html = await (await fetch(`${ehr.url}/`)).text();
  const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href!.replaceAll('&amp;', '&'));
  return links[patient - 1]!;
}

/** Follow redirects as far as the callback's answer. */
export async function launch(who: Browser, ehr: EhrServer, patient: 1 | 2 | 3 = 1) {
  const toEhr = await who.get(await launchUrl(ehr, patient));
  const back = await who.get(toEhr.location);
  return who.get(back.location);
}
