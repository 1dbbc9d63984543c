/** Commands that need the whole server, without its HTTP: the rules, the repository, what works behind. */
import pino from 'pino';
import { createApp, type App } from './app.ts';
import { withStorage } from './cli-command.ts';
import type { Config } from './config.ts';

/** Work on it; gives the exit code. Errors are logged on standard error. */
export const withApp = (work: (app: App, config: Config) => Promise<number>): Promise<number> =>
  withStorage(async (storage, config) => {
    const log = pino({ level: 'error' }, pino.destination(2));
    return work(
      await createApp({ config, storage, log, ehrs: [], hints: { accounts: [], links: [] } }),
      config,
    );
  });
