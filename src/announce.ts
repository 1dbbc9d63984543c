/**
 * What `npm start` says when the server can serve: where it is, who may log in, what to try next.
 */
import type { Config } from './config.ts';
import type { Storage } from './storage/open-storage.ts';
import type { DemoHints } from './app/web-deps.ts';

export function announce({
  config,
  storage,
  hints,
  seconds,
}: {
  readonly config: Config;
  readonly storage: Pick<Storage, 'kind' | 'place'>;
  readonly hints: DemoHints;
  readonly seconds: number;
}): void {
  const lines = [
    '',
    `Ryggrad is ready (${seconds.toFixed(1)} s)`,
    `  Pages      ${config.publicUrl}/`,
    `  FHIR base  ${config.fhirBase}`,
    `  Database   ${storage.kind === 'embedded' ? `embedded PostgreSQL in ${storage.place}` : storage.place}`,
    ...(config.mode === 'demo' ? demoLines(config, hints) : []),
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function demoLines({ dataDir, publicUrl }: Config, { accounts }: DemoHints): readonly string[] {
  const width = Math.max(...accounts.map(({ username }) => username.length), 0);
  return [
    '',
    '  Demo mode: synthetic patients, listening on loopback (127.0.0.1) only. Not for real data.',
    ...accounts.map(
      ({ username, password, about }) => `    ${username.padEnd(width)}  ${password}  ${about}`,
    ),
    `    simulated EHR  ${publicUrl}/demo/ehr`,
    `    client keys    ${dataDir}/demo/{ehr,analytics,staff}-client.json`,
    '',
    '  Next: npm run demo      (in another terminal: plays the whole walk against this server)',
    '        npm run hospital  (a simulated hospital: launches forms, sends messages)',
  ];
}
