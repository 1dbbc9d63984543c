/**
 * Start and stop: open the database, build the server, listen; leave in good order when asked to.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { mkdir } from 'node:fs/promises';
import pino from 'pino';
import { SettingsError } from './adapters/settings-file.ts';
import { createApp, type App } from './app.ts';
import { ConfigError, readConfig, type Config } from './config.ts';
import { systemClock } from './fhir/id.ts';
import { ContentError } from './content/problem.ts';
import { StorageError } from './storage/errors.ts';
import { openStorage, type Storage } from './storage/open-storage.ts';
import { createHttpServer } from './rest/http-server.ts';
import { announce } from './announce.ts';
import type { DemoHints } from './app/web-deps.ts';

/** What went wrong, in words for an operator; the process ends with code 1. */
class StartError extends Error {
  override readonly name = 'StartError';
}

const STOP_WITHIN_MS = 20_000;

async function start(): Promise<void> {
  const startedAt = performance.now();
  const config = readConfig();
  await prepareFolder(config);
  const server = createHttpServer();
  server.on('request', notYet);
  await listen(server, config);
  const log = pino({ level: config.logLevel, base: null }, pino.destination(2));
  const storage = await openStorage(config);
  const stop = stopper(server, storage, log);
  try {
    const demo = config.mode === 'demo' ? await import('../demo/demo.ts') : undefined;
    const hints: DemoHints = { accounts: [], links: [] };
    const mounts = (await demo?.demoRoutes(config, systemClock)) ?? [];
    const app = await createApp({ config, storage, log, hints, mounts, ehrs: demo?.demoEhrs(config) ?? [] });
    await demo?.prepareDemo({ app, config, hints });
    await app.hl7v2.start();
    await app.jobs.start();
    app.trail.start();
    server.off('request', notYet).on('request', app.http);
    stop.arm(app);
    announce({ config, storage, hints, seconds: (performance.now() - startedAt) / 1000 });
  } catch (cause) {
    await storage[Symbol.asyncDispose]();
    throw cause;
  }
}

/** Requests that come while the server is starting. */
function notYet(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(503, { 'Retry-After': '1' }).end('Starting');
}

async function prepareFolder({ dataDir }: Config): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o755 });
  } catch (cause) {
    throw new StartError(
      `The data folder ${dataDir} cannot be made (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}). Choose another with DATA_DIR, or mend its permissions.`,
      { cause },
    );
  }
}

/** Take the port before anything else: a second start beside a running one ends here. */
function listen(server: Server, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new StartError(portMessage(cause, port), { cause })),
    );
    server.listen(port, host, () => resolve());
  });
}

function portMessage({ code }: NodeJS.ErrnoException, port: number): string {
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken: another Ryggrad, or another program. Stop it, or choose another port: PORT=8081 npm start`;
  }
  return code === 'EACCES'
    ? `Port ${port} needs rights that this user does not have. Choose one above 1023: PORT=8080 npm start`
    : `The server cannot listen on port ${port} (${code ?? 'unknown'}).`;
}

function stopper(server: Server, storage: Storage, log: pino.Logger): { arm(app: App): void } {
  let isStopping = false;
  const stop = async (app: App | undefined): Promise<void> => {
    if (isStopping) {
      return;
    }
    isStopping = true;
    server.close();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS).unref();
    await app?.hl7v2.stop();
    await app?.jobs.stop();
    await app?.trail.stop();
    await storage[Symbol.asyncDispose]();
    process.exitCode = 0;
  };
  return {
    arm(app) {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => {
          stop(app).catch((cause: unknown) => {
            log.error({ err: cause }, 'stopping failed');
            process.exitCode = 1;
          });
        });
      }
    },
  };
}

start().catch((cause: unknown) => {
  const isExpected = [StartError, ConfigError, SettingsError, ContentError, StorageError].some(
    (kind) => cause instanceof kind,
  );
  console.error(isExpected ? `\nRyggrad did not start: ${(cause as Error).message}\n` : cause);
  process.exit(1);
});
