/**
 * `npm run hospital`: a simulated hospital beside a running Ryggrad. `npm run hospital -- --help` says what it can be told.
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dayOf } from './day/day.ts';
import { SENDERS, type SenderId } from './organisation.ts';
import { type ClientFile, type RegistryClient, registryClient } from './push/registry-client.ts';
import { type Delivered, sendDay } from './push/send-day.ts';
import { startHospital, USUAL_PATIENTS, USUAL_SEED } from './server.ts';

const HELP = `npm run hospital -- [options]

  --registry <url>   the running Ryggrad        (PUBLIC_URL, else http://127.0.0.1:PORT, PORT 8080)
  --port <number>    where the hospital listens (PORT + 10)
  --keys <folder>    keys of its systems        (DATA_DIR/demo, DATA_DIR ./data)
  --seed <number>    which hospital it is       (${USUAL_SEED})
  --patients <n>     patients in the record     (${USUAL_PATIENTS})
  --push <n>         send so many messages of yesterday when it has started
  --faults           answers are slow or missing now and then, by the seed
`;

const { values } = parseArgs({
  options: {
    registry: { type: 'string' },
    port: { type: 'string' },
    keys: { type: 'string' },
    seed: { type: 'string' },
    patients: { type: 'string' },
    push: { type: 'string' },
    faults: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

const registryPort = Number(process.env['PORT'] ?? 8080);
const registryUrl = (
  values.registry ??
  process.env['PUBLIC_URL'] ??
  `http://127.0.0.1:${registryPort}`
).replace(/\/+$/, '');
const keys = resolve(values.keys ?? join(process.env['DATA_DIR'] ?? 'data', 'demo'));
const seed = Number(values.seed ?? USUAL_SEED);
/** Yesterday: everything of that day is written by now. */
const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
let pushed = 0;

/** A system's key, as the register's demo mode wrote it. */
async function clientOf(sender: SenderId): Promise<RegistryClient> {
  const path = join(keys, `hospital-${sender}-client.json`);
  const file = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(
      `${path} cannot be read. Start Ryggrad first, or say where its keys are: --keys <DATA_DIR>/demo`,
      { cause },
    );
  });
  return registryClient({ registryUrl, client: JSON.parse(file) as ClientFile });
}

/** Send messages of yesterday; those of the next persons when asked again. */
async function push(count: number): Promise<Record<string, number>> {
  const senders = Object.keys(SENDERS) as SenderId[];
  const clients = Object.fromEntries(
    await Promise.all(senders.map(async (sender) => [sender, await clientOf(sender)] as const)),
  ) as Record<SenderId, RegistryClient>;
  const messages = dayOf(seed, count, { day, firstPerson: 1 + pushed });
  pushed += new Set(messages.map(({ course }) => course.split('-')[0])).size;
  const delivered = await sendDay(messages, { clients, onDelivered: tell });
  return {
    sent: delivered.length,
    asExpected: delivered.filter(({ isAsExpected }) => isAsExpected).length,
    refused: delivered.filter(({ answer }) => (answer?.status ?? 0) >= 400).length,
  };
}

function tell({ message, answer, isAsExpected }: Delivered): void {
  const mess = message.mess.length === 0 ? '' : ` (${message.mess.join(', ')})`;
  console.log(
    `  ${isAsExpected ? ' ' : '!'} ${String(answer?.status ?? '---')}  ${SENDERS[message.sender].name}: ${message.about}${mess}`,
  );
}

async function main(): Promise<void> {
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  const { url, hospital } = await startHospital({
    registryUrl,
    seed,
    day,
    port: Number(values.port ?? registryPort + 10),
    patients: Number(values.patients ?? USUAL_PATIENTS),
    hasFaults: values.faults === true,
    push,
  });
  console.log(`
Fjordheim, a simulated hospital (seed ${seed}; all persons are invented)
  Patients    ${url}/          each with [Åpne registerskjema], which opens ${registryUrl}
  FHIR base   ${hospital.base}
  For tests   ${url}/admin/state, received, outage, expire-tokens, push
`);
  if (values.push !== undefined) {
    const { sent, asExpected, refused } = await push(Number(values.push));
    console.log(
      `\nSent ${sent} messages: ${asExpected} were answered as expected, ${refused} of them with a refusal.`,
    );
  }
}

main().catch((error: unknown) => {
  const { code } = error as NodeJS.ErrnoException;
  console.error(
    code === 'EADDRINUSE' ? 'The port is taken; choose another: --port <number>' : (error as Error).message,
  );
  process.exit(1);
});
