/**
 * `ryggrad`: what an operator or a register owner does from the command line. `ryggrad help` lists the commands.
 */
import { SettingsError } from './adapters/settings-file.ts';
import { auditCommand, verifyAudit } from './cli-audit.ts';
import { loadDirectory, saveAccountOf } from './cli-access.ts';
import { listClientsOf, removeClientOf, saveClientFile } from './cli-clients.ts';
import { linkPerson } from './cli-issuers.ts';
import { checkPacks, newPack, sealPack } from './cli-packs.ts';
import { intakeCsv } from './cli-intake.ts';
import { dismissMessage, listInbox, replayMessages, showMessage } from './cli-inbox.ts';
import { pullCommand, pullStatus } from './cli-pull.ts';
import { listSubscriptions, replaySubscription } from './cli-subscriptions.ts';
import { listTerminology, loadTerminology, removeTerminology } from './cli-terminology.ts';
import { dropView, listViews, materialiseViews, refreshViews } from './cli-views.ts';
import { exportDictionary, importDictionary } from './cli-dictionary.ts';
import { dumpCommand, loadCommand } from './cli-dump.ts';
import { recomputeCommand } from './cli-scores.ts';
import { addKey, listKeys, rotate } from './cli-keys.ts';
import { keepPersonsUp } from './cli-persons.ts';
import { diffRegisters, loadRegister } from './cli-publish.ts';
import { checkCommand, listCommand, newRegisterCommand } from './cli-register.ts';
import { reindex } from './cli-reindex.ts';
import { listTokenKeys, replaceTokenKeys, rotateTokenKeys } from './cli-signing-keys.ts';
import { print, UsageError } from './cli-command.ts';
import { readConfig, ConfigError } from './config.ts';
import { ContentError } from './content/problem.ts';
import { FhirError } from './fhir/outcome.ts';
import { StorageError } from './storage/errors.ts';
import { CodeBookError } from './registry/dictionary/variable.ts';
import { openStorage } from './storage/open-storage.ts';
import { LoadError } from './terminology/load-system.ts';

interface Command {
  readonly usage: string;
  readonly about: string;
  /** Answers the exit code: 0 done, 1 found something wrong. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  help: { usage: 'help', about: 'this list', run: () => Promise.resolve(help()) },
  'register new': {
    usage: 'register new <id> [--name …] [--title …] [--publisher …]',
    about: 'a new register that works at once: one form, one list, one case; change it into the one you want',
    run: newRegisterCommand,
  },
  'register check': {
    usage: 'register check [id] [--content <folder>]',
    about:
      'what is wrong with the registers, or with one: files, canonicals, expressions, forms, branches that never open, old codes, translations, views',
    run: checkCommand,
  },
  'register load': {
    usage: 'register load [id] [--dry-run]',
    about:
      'write content that is new or changed into the store; --dry-run says what that is and writes nothing',
    run: loadRegister,
  },
  'register diff': {
    usage: 'register diff <old folder | git revision> [new folder] [--register <id>] [--database]',
    about:
      'what new versions of forms change, for drafts and for forms that are not begun; --database counts those in the store',
    run: diffRegisters,
  },
  'register list': { usage: 'register list', about: 'the registers and their artefacts', run: listCommand },
  'dictionary import': {
    usage: 'dictionary import <file> … --format openqreg|mrs --register <id> --out <folder>',
    about:
      'make a new register of a code book of OpenQReg [klokebok] or MRS [kodebok], with a report of what the book does not decide',
    run: importDictionary,
  },
  'dictionary export': {
    usage: 'dictionary export <register> --format openqreg|mrs|dcat --out <folder>',
    about: 'write the code book of a register, or the metadata that helsedata.no asks for (DCAT-AP-NO)',
    run: exportDictionary,
  },
  migrate: {
    usage: 'migrate',
    about: 'bring the database (DATABASE_URL or DATA_DIR) to this version',
    run: migrate,
  },
  'views materialise': {
    usage: 'views materialise <register | view>',
    about: 'make tables of views in the schema "views", for R and Power BI; again after a change of the view',
    run: materialiseViews,
  },
  'views refresh': {
    usage: 'views refresh',
    about: 'take up in the tables what was stored since; the running server does so by itself',
    run: refreshViews,
  },
  'views list': { usage: 'views list', about: 'the tables that are kept', run: listViews },
  'views drop': { usage: 'views drop <table>', about: 'drop a table', run: dropView },
  reindex: {
    usage: 'reindex [--type <type>] [--status]',
    about:
      'make search indexes anew where definitions changed, or those of a type; --status says how far it is',
    run: reindex,
  },
  'persons keep-up': {
    usage: 'persons keep-up',
    about:
      'compare everybody with the population registry (NATIONAL_REGISTRIES_FILE) and take up what has changed',
    run: keepPersonsUp,
  },
  'keys list': {
    usage: 'keys list',
    about: 'which keys of national identity numbers the database needs, and what is encrypted with each',
    run: listKeys,
  },
  'keys add': {
    usage: 'keys add',
    about: 'make the next key without using it yet: to be copied to every server first',
    run: addKey,
  },
  'keys rotate': {
    usage: 'keys rotate',
    about: 'use a new key, and encrypt everything anew with it, while servers go on',
    run: rotate,
  },
  'signing-keys list': {
    usage: 'signing-keys list',
    about: 'the keys that sign tokens, and what each does now',
    run: listTokenKeys,
  },
  'signing-keys rotate': {
    usage: 'signing-keys rotate',
    about: 'new keys for tokens: published now, signing in ten minutes, while servers go on',
    run: rotateTokenKeys,
  },
  'signing-keys replace': {
    usage: 'signing-keys replace',
    about: 'new keys for tokens at once; what those before have signed is worth nothing',
    run: replaceTokenKeys,
  },
  'directory load': {
    usage: 'directory load <file>',
    about:
      'write units, locations, people and roles from a Bundle or a list of resources, with their own ids',
    run: loadDirectory,
  },
  'client save': {
    usage: 'client save <file>',
    about:
      'register a system or an app: {client_id, kind, name, scopes, units, registers, jwks | jwks_uri}, see docs/operations.md',
    run: saveClientFile,
  },
  'client list': { usage: 'client list', about: 'who may ask for tokens, and for what', run: listClientsOf },
  'client remove': {
    usage: 'client remove <client_id>',
    about: 'take a registration away; its tokens end within a minute',
    run: removeClientOf,
  },
  'dump write': {
    usage: 'dump write <register> <new folder> [--numbers | --research]',
    about:
      'write all pathways of a register as tables (CSV) in the form of the old solution; --numbers adds the table of national identity numbers, --research leaves out who has said no to research',
    run: dumpCommand,
  },
  'dump load': {
    usage: 'dump load <register> <folder> [--report <new file>]',
    about:
      'read tables of the old solution in: pathways that are not here yet, with their persons and forms; nothing is sent; --report tells of every row (.jsonl or .csv)',
    run: loadCommand,
  },
  'audit verify': {
    usage: 'audit verify [--heads <folder>]',
    about: 'read the whole audit trail and name every event that was changed, removed, added or moved',
    run: verifyAudit,
  },
  'intake csv': {
    usage: 'intake csv <register>/<mapping> <file> --client <client_id> [--dry-run] [--report <new file>]',
    about:
      'the rows of a table into a register, by its mapping; --dry-run stores nothing; --report tells of every row (.jsonl or .csv)',
    run: intakeCsv,
  },
  'inbox list': {
    usage: 'inbox list [--source <client>] [--outcome <outcome>]',
    about: 'what systems have sent: what was refused, and why',
    run: listInbox,
  },
  'inbox show': { usage: 'inbox show <id>', about: 'one message, with every reason', run: showMessage },
  'inbox replay': {
    usage: 'inbox replay <id> | --all [--source <client>] [--rule <rule>]',
    about: 'carry out again what was refused',
    run: replayMessages,
  },
  'inbox dismiss': { usage: 'inbox dismiss <id>', about: 'let a refused message be', run: dismissMessage },
  'pull status': {
    usage: 'pull status',
    about: 'how what we fetch from EHRs stands: last contact, what waits, what failed',
    run: pullStatus,
  },
  pull: {
    usage: 'pull <ehr> [--patient <id>] [--since <instant>]',
    about:
      'fetch what has changed in an EHR (EHRS_FILE), or everything that the registers need about one person',
    run: pullCommand,
  },
  'subscription list': {
    usage: 'subscription list',
    about: 'who is told of what, and how sending goes',
    run: listSubscriptions,
  },
  'subscription replay': {
    usage: 'subscription replay <id>',
    about: 'send again what was given up, after a new handshake',
    run: replaySubscription,
  },
  'account save': {
    usage: 'account save <username> <name> <role> … [--mobile +47…] [--email …]',
    about: 'make or renew an account for PractitionerRole ids; prints a first password once',
    run: saveAccountOf,
  },
  'account person': {
    usage: 'account person <username>',
    about: 'whose account it is, for the first login at HelseID; the identity number on standard input',
    run: linkPerson,
  },
  'packs check': {
    usage: 'packs check [file | folder]',
    about:
      'what is wrong with content packs (default: CONTENT_PACKS_DIR), and which forms have their licensed wording today',
    run: checkPacks,
  },
  'packs new': {
    usage: 'packs new <instrument> [nb | nn | en]',
    about: 'print an empty content pack of an instrument, to be filled in',
    run: newPack,
  },
  'packs seal': {
    usage: 'packs seal <file>',
    about: 'write the checksum into a content pack that has been read through',
    run: sealPack,
  },
  'scores recompute': {
    usage: 'scores recompute <register> [--instrument <id>] [--after <row>] [--apply]',
    about:
      'score locked forms again by the definitions as they are now: shows what would change, and writes it with --apply',
    run: recomputeCommand,
  },
  'terminology load': {
    usage: 'terminology load <format> <file> --version <version>',
    about:
      'a whole code system from a file: icd10, ncsp, ncmp, ncrp, nkpk, atc, kommune, csv, codesystem, snomed, loinc',
    run: loadTerminology,
  },
  'terminology list': {
    usage: 'terminology list',
    about: 'loaded code systems; * is in force',
    run: listTerminology,
  },
  'terminology remove': {
    usage: 'terminology remove <system> <version>',
    about: 'take a loaded version away',
    run: removeTerminology,
  },
};

async function migrate(): Promise<number> {
  const config = readConfig();
  const storage = await openStorage(config);
  print(storage.migrated.length === 0 ? 'Nothing to do.' : `Applied: ${storage.migrated.join(', ')}`);
  await storage[Symbol.asyncDispose]();
  return 0;
}

function help(): number {
  print('Usage: npm run ryggrad -- <command>\n');
  const width = Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length));
  for (const { usage, about } of Object.values(COMMANDS)) {
    print(`  ${usage.padEnd(width)}  ${about}`);
  }
  return 0;
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const name = Object.keys(COMMANDS).find((key) => args.slice(0, key.split(' ').length).join(' ') === key);
  const command = COMMANDS[name ?? (args.length === 0 ? 'help' : '')];
  if (command === undefined) {
    process.stderr.write(`There is no command "${args.join(' ')}". Try: npm run ryggrad -- help\n`);
    return 2;
  }
  const code = await command.run(args.slice((name ?? '').split(' ').length));
  await auditCommand(name ?? '', code);
  return code;
}

try {
  process.exitCode = await main();
} catch (cause) {
  const isExpected = [
    ConfigError,
    SettingsError,
    ContentError,
    StorageError,
    UsageError,
    FhirError,
    LoadError,
    CodeBookError,
  ].some((kind) => cause instanceof kind);
  process.stderr.write(`${isExpected ? (cause as Error).message : String((cause as Error).stack)}\n`);
  process.exitCode = 1;
}
