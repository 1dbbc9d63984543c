/** `ryggrad packs …`: content packs of an operator, before the server is started with them. */
import type { Stats } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { print, readText, UsageError } from './cli-command.ts';
import { readConfig } from './config.ts';
import { loadContent } from './content/load.ts';
import { checksumOf } from './content/pack-checksum.ts';
import { packFaults } from './content/check-pack.ts';
import { type PackFile, readPackFile, readPackFiles } from './content/packs.ts';
import { dayInOslo } from './sdc/expression.ts';
import { parseJson } from './fhir/json.ts';
import type { JsonObject } from './fhir/types.ts';
import { readRegistry } from './registry/registry.ts';
import { isValidOn, packsOf } from './registry/sending/content-packs.ts';
import type { ContentPack } from './registry/sending/pack.ts';
import { type WordingState, wordingState } from './registry/sending/wording-state.ts';

/** What is wrong with the packs, and which forms have their wording today. Exit code 1 when a pack may not be used. */
export async function checkPacks([path, ...more]: readonly string[]): Promise<number> {
  if (more.length > 0) {
    throw new UsageError('Usage: ryggrad packs check [file | folder]');
  }
  const config = readConfig();
  const content = await loadContent([config.contentRoot]);
  const named = path ?? config.contentPacksDir;
  if (named === undefined) {
    throw new UsageError('Name a file or folder, or set CONTENT_PACKS_DIR.');
  }
  const place = resolve(named);
  const found = await foundAt(place);
  const files = found.isDirectory()
    ? await readPackFiles(place, content.instruments)
    : [await readPackFile(place, basename(place), content.instruments)];
  if (files.length === 0) {
    print(`${place} holds no content pack.`);
  }
  const today = dayInOslo(new Date());
  files.forEach((each) => printFile(each, today));
  const sound = files.filter(({ problems }) => problems.length === 0).map(({ json }) => json);
  const packs = sound as unknown as readonly ContentPack[];
  const states = wordingState(readRegistry(content, packsOf(packs)), today);
  const isOfAll = found.isDirectory();
  states
    .filter(({ instrument }) => isOfAll || packs.some((pack) => pack.instrument === instrument))
    .forEach(printState);
  return files.length > 0 && sound.length === files.length ? 0 : 1;
}

async function foundAt(place: string): Promise<Stats> {
  try {
    return await stat(place);
  } catch (cause) {
    throw new UsageError(`${place} cannot be read.`, { cause });
  }
}

function printFile({ file, json, problems }: PackFile, today: string): void {
  if (problems.length > 0) {
    problems.forEach(({ element, reason }) => print(`error  ${file}  ${element}  ${reason}`));
    return;
  }
  const pack = json as unknown as ContentPack;
  const { instrument, version, language, validFrom, validTo } = pack;
  const days = `${validFrom} to ${validTo ?? 'no end'}`;
  print(`${VALIDITY[validity(pack, today)]}  ${file}  ${instrument} ${version}, ${language}, ${days}`);
}

const VALIDITY = { now: 'valid', before: 'later', after: 'ended' } as const;

function validity(pack: ContentPack, today: string): keyof typeof VALIDITY {
  if (isValidOn(pack, today)) {
    return 'now';
  }
  return pack.validFrom > today ? 'before' : 'after';
}

function printState({ form, instrument, languages, lacking }: WordingState): void {
  print(
    languages.length > 0
      ? `open  ${form}  ${instrument}: ${languages.join(', ')}`
      : `closed  ${form}  ${instrument}: no pack with all of it is valid today`,
  );
  lacking.forEach(({ version, language, words }) =>
    print(`  ${instrument} ${version}, ${language}, lacks ${words.join('; ')}`),
  );
}

/** Write the checksum into a pack that has been read through. Refused as long as something else is wrong with it. */
export async function sealPack([file, ...more]: readonly string[]): Promise<number> {
  const usage = 'ryggrad packs seal <file>';
  if (more.length > 0) {
    throw new UsageError(`Usage: ${usage}`);
  }
  const pack = parsePack(await readText(file, usage));
  const { instruments } = await loadContent([readConfig().contentRoot]);
  const sealed = { ...pack, checksum: checksumOf(pack) };
  const faults = packFaults(sealed, instruments);
  faults.forEach(({ element, reason }) => print(`error  ${element}  ${reason}`));
  if (faults.length > 0) {
    return 1;
  }
  await writeFile(file ?? '', `${JSON.stringify(sealed, undefined, 2)}\n`);
  print(`${file} is sealed: ${sealed.checksum}`);
  return 0;
}

function parsePack(text: string): JsonObject {
  try {
    return parseJson(text) as JsonObject;
  } catch (cause) {
    throw new UsageError(`The file is no JSON: ${(cause as Error).message}`, { cause });
  }
}

/** An empty pack of an instrument: every item and answer, to be filled in with the holder's wording. */
export async function newPack([id, language = 'nb']: readonly string[]): Promise<number> {
  const { instruments } = await loadContent([readConfig().contentRoot]);
  const instrument = instruments.get(id ?? '');
  if (instrument === undefined) {
    const known = instruments.all().filter(({ wording }) => wording.status === 'licensed');
    throw new UsageError(
      `Usage: ryggrad packs new <instrument> [nb | nn | en]; instruments: ${known.map((each) => each.id).join(', ')}`,
    );
  }
  const items = instrument.items.map(({ code, min, max }) => [
    code,
    {
      text: '',
      ...(max - min <= 10 && {
        answers: Object.fromEntries(
          Array.from({ length: max - min + 1 }, (_, index) => [String(min + index), '']),
        ),
      }),
    },
  ]);
  const head = { instrument: instrument.id, version: '', language, holder: instrument.wording.holder };
  const pack = { ...head, licence: '', validFrom: '', items: Object.fromEntries(items) as object };
  print(JSON.stringify(pack, undefined, 2));
  return 0;
}
