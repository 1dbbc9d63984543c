/**
 * Heads of the audit trail's chain, written down outside of the database: whoever holds such a file can show later that the
 * trail up to it has not been touched (AU-04). Each is a JWS of our own key (https://www.rfc-editor.org/rfc/rfc7515); a copy
 * on another machine is worth more than the one here.
 */
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { readHead } from '../../storage/audit-seal.ts';
import type { Retired } from '../../storage/audit-months.ts';
import type { Finding, PublishedHead } from '../../storage/audit-verify.ts';
import type { Queryable } from '../../storage/db.ts';
import type { HeadKey } from './head-key.ts';

/** Write the newest head into the folder, unless it is there already; answers its place in the chain. */
export async function publishHead(
  db: Queryable,
  { folder, key, now }: { readonly folder: string; readonly key: HeadKey; readonly now: Date },
): Promise<string | undefined> {
  const head = await readHead(db);
  if (head === undefined) {
    return undefined;
  }
  const name = `head-${head.n.padStart(14, '0')}.jws`;
  const published: PublishedHead = { ...head, publishedAt: now.toISOString() };
  await writeOnce(folder, name, () => key.sign(published));
  return head.n;
}

/** Write down that months were taken away. */
export async function publishRetirement(folder: string, { before }: Retired, proof: string): Promise<void> {
  await writeOnce(folder, retirementName(before), () => Promise.resolve(proof));
}

const retirementName = (before: string): string => `retired-${before.slice(0, 10)}.jws`;

/** On disk under its name as a whole, or not at all; what is there stays as it is. */
async function writeOnce(folder: string, name: string, text: () => Promise<string>): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).includes(name)) {
    return;
  }
  const draft = join(folder, `.${name}`);
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${await text()}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(folder, name));
}

/** What lies in a folder of heads. */
export interface Published {
  readonly heads: readonly PublishedHead[];
  readonly findings: readonly Finding[];
}

/** Read the heads of a folder, their signatures checked. A folder that is not there holds none. */
export async function readPublished(folder: string, key: HeadKey): Promise<Published> {
  const names = await readdir(folder).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }
    throw cause;
  });
  const files = names.filter((name) => /^head-\d+\.jws$/.test(name)).sort();
  const heads: PublishedHead[] = [];
  const findings: Finding[] = [];
  for (const name of files) {
    const claims = await key.read((await readFile(join(folder, name), 'utf8')).trim());
    if (isHead(claims)) {
      heads.push(claims);
    } else {
      findings.push({ kind: 'unsigned', text: `${name} is not signed by this server's key` });
    }
  }
  return { heads, findings };
}

function isHead(claims: unknown): claims is PublishedHead {
  const { n, hash, publishedAt } = (claims ?? {}) as Partial<Record<keyof PublishedHead, unknown>>;
  return typeof n === 'string' && typeof hash === 'string' && typeof publishedAt === 'string';
}

/** Months that are gone from the database and for which the folder has no proof of ours. */
export async function unprovenRetirements(
  db: Queryable,
  folder: string,
  key: HeadKey,
): Promise<readonly Finding[]> {
  const rows = await db.query<{ before: string; n: string; hash: string }>({
    text: `select before, n::text, encode(hash, 'hex') as hash from audit_retired order by before`,
  });
  const checked = await Promise.all(
    rows.map(async (row): Promise<readonly Finding[]> => {
      const text = await readFile(join(folder, retirementName(row.before)), 'utf8').catch(() => '');
      const claims = (await key.read(text.trim())) as Partial<Retired> | undefined;
      const isProven = claims?.before === row.before && claims.n === row.n && claims.hash === row.hash;
      return isProven
        ? []
        : [
            {
              kind: 'unproven',
              n: row.n,
              text: `Events stored before ${row.before} are gone, and ${retirementName(row.before)} does not prove that we took them away`,
            },
          ];
    }),
  );
  return checked.flat();
}
