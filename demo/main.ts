/**
 * `npm run demo`: plays the whole walk against the running server and tells what happens.
 * `npm run demo -- http://127.0.0.1:8080`, or the PORT and DATA_DIR that the server was started with.
 */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { report, WalkError } from './walk/narrator.ts';
import { play } from './walk/play.ts';

const config = readConfig();
const url = (process.argv[2] ?? config.publicUrl).replace(/\/+$/, '');
const narrator = report((line) => console.log(line));

/** Multiples of three: patients with the history of the first of the EHR's own. */
const number = (): number => 3 * randomInt(1000, 100_000_000);

async function isUp(): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).ok;
  } catch {
    return false;
  }
}

try {
  if (!(await isUp())) {
    throw new WalkError(`No Ryggrad answers at ${url}. Start it in another terminal: npm start`);
  }
  console.log(`Ryggrad at ${url}. All persons are invented; every run admits new ones.`);
  await play({ url, keys: join(config.dataDir, 'demo'), narrator }, number(), number());
  process.exitCode = narrator.summary() > 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof WalkError)) {
    throw error;
  }
  console.error(`\nThe walk stops here: ${error.message}`);
  process.exitCode = 1;
}
