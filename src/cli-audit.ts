/**
 * `ryggrad audit verify`: the audit trail against its chain, and against the heads that were published outside of it. And
 * the events that commands leave which change how the server is set up (AU-01).
 */
import { resolve } from 'node:path';
import { SYSTEM } from './access/principal.ts';
import { print, UsageError } from './cli-command.ts';
import { readConfig } from './config.ts';
import { newUuid, systemClock } from './fhir/id.ts';
import { loadHeadKey } from './registry/audit/head-key.ts';
import { readPublished, unprovenRetirements } from './registry/audit/heads.ts';
import { auditRead } from './repository/audit.ts';
import { createAuditLog } from './storage/audit-log.ts';
import { verifyTrail } from './storage/audit-verify.ts';
import { openStorage } from './storage/open-storage.ts';

/** `[--heads <folder>]`: the folder of a copy of the heads, on a disk that the server cannot write to. Exit code 1 when something is wrong. */
export async function verifyAudit(args: readonly string[]): Promise<number> {
  const config = readConfig();
  const folder = foldersOf(args) ?? config.auditHeadsDir;
  await using storage = await openStorage(config);
  const { db } = storage;
  const key = await loadHeadKey(db);
  const published = await readPublished(folder, key);
  const checked = await verifyTrail(db, published.heads);
  const findings = [
    ...checked.findings,
    ...published.findings,
    ...(await unprovenRetirements(db, folder, key)),
  ];
  findings.forEach(({ kind, text }) => print(`${kind}  ${text}.`));
  print(
    `${checked.good} events fit the chain up to ${checked.head.n}, which has the hash ${checked.head.hash}.`,
  );
  print(
    `${checked.unsealed} events have come since. ${checked.heads} published heads compared (${folder}). ${checked.retired} links of events that were taken away.`,
  );
  print(findings.length === 0 ? 'Nothing is wrong.' : `${findings.length} findings.`);
  return findings.length === 0 ? 0 : 1;
}

/** Commands that change the setup; what they write as resources has its own event. */
const CHANGES: ReadonlySet<string> = new Set([
  'account person',
  'account save',
  'client save',
  'keys add',
  'keys rotate',
  'reindex',
  'subscription replay',
  'terminology load',
  'terminology remove',
  'views drop',
  'views materialise',
]);

/** One event of a command that was carried out: its name, never its arguments. */
export async function auditCommand(command: string, exitCode: number): Promise<void> {
  if (!CHANGES.has(command) || exitCode !== 0) {
    return;
  }
  const config = readConfig();
  await using storage = await openStorage(config);
  await auditRead(
    { audit: createAuditLog(storage.db), clock: systemClock, newId: newUuid, fhirBase: config.fhirBase },
    {
      principal: { ...SYSTEM, subject: 'system:command-line' },
      requestId: newUuid(systemClock.now()),
      interaction: 'configuration',
    },
    { status: 200, query: command },
  );
}

function foldersOf(args: readonly string[]): string | undefined {
  if (args.length === 0) {
    return undefined;
  }
  const [name, folder] = args;
  if (args.length !== 2 || name !== '--heads' || folder === undefined) {
    throw new UsageError('Usage: ryggrad audit verify [--heads <folder>]');
  }
  return resolve(folder);
}
