/** One transaction: persons, pathways, forms, withdrawn consents, and the note that they have come. */
import { hash64 } from '../../fhir/id.ts';
import { parseJson } from '../../fhir/json.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { asWithdrawn, provisionOf } from '../../registry/consent/withdrawal.ts';
import { passNumberSql } from '../../registry/person/register-identifiers.ts';
import type { CreateOperation, Operation } from '../../repository/operation.ts';
import type { StoreTransaction } from '../../storage/store.ts';
import { numbersOf, withNumbers } from './find-known.ts';
import { importedSql, keepImportedSql } from './ledger.ts';
import type { LoadDeps } from './load-deps.ts';
import { pathwayOperations, personOperation, type Ready } from './pathway-operations.ts';

/** Somebody has made one of the persons or pathways since they were looked for. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** Throws FhirError with issues at `p<number>`, the place of the pathway in the list; Overtaken. */
export async function commitPathways(deps: LoadDeps, ready: readonly Ready[]): Promise<void> {
  const { repository, caller, layout } = deps;
  const operations = ready.flatMap((each, at): readonly CreateOperation[] => [
    ...(each.isNewPerson ? [personOperation(each, `p${at}`)] : []),
    ...pathwayOperations(each, layout, `p${at}`),
  ]);
  await repository.commit(caller, operations, {
    first: (tx) => standAlone(tx, deps, ready),
    next: async (tx, results) => {
      const episodes = results.filter(({ type }) => type === 'EpisodeOfCare').map(({ id }) => id);
      const imported = ready.map(({ plan }, at) => ({
        key: plan.gathered.key,
        episode: episodes[at] ?? '',
        rows: plan.gathered.hashes,
      }));
      tx.send(keepImportedSql(layout.register, imported, repository.deps.clock.now()));
      return withdrawals(tx, ready, episodes);
    },
  });
}

/** No one else brings these now, and nobody has since they were looked for; and numbers given from now on are higher. */
async function standAlone(
  tx: StoreTransaction,
  { layout }: LoadDeps,
  ready: readonly Ready[],
): Promise<void> {
  const { solution, register } = layout;
  const plans = ready.map(({ plan }) => plan);
  const numbers = numbersOf(plans);
  const keys = [
    ...numbers.persons.map((number) => `import person ${number}`),
    ...numbers.pathways.map((number) => `import pathway ${number}`),
  ];
  tx.send({
    text: 'select pg_advisory_xact_lock(k) from (select unnest($1::bigint[]) as k order by 1) as locks',
    values: [keys.map((key) => hash64(key)).sort()],
  });
  if (solution.identifiers === undefined) {
    tx.send(passNumberSql('patient_number', highest(numbers.persons)));
    tx.send(passNumberSql('pathway_number', highest(numbers.pathways)));
  }
  const isNew = new Set(
    ready.filter(({ isNewPerson }) => isNewPerson).map(({ plan }) => plan.gathered.person),
  );
  const condition = withNumbers({ ...numbers, persons: [...isNew] }, solution);
  const [known, imported] = await Promise.all([
    tx.query({
      ...condition,
      text: `select r.id from resource r where r.content is not null and ${condition.text}`,
    }),
    tx.query(importedSql(register, numbers.pathways)),
  ]);
  if (known.length + imported.length > 0) {
    throw new Overtaken();
  }
}

const highest = (numbers: readonly string[]): string =>
  numbers
    .map(BigInt)
    .reduce((most, number) => (number > most ? number : most), 1n)
    .toString();

/** The consents that the forms have given, withdrawn on their days. */
async function withdrawals(
  tx: StoreTransaction,
  ready: readonly Ready[],
  episodes: readonly string[],
): Promise<readonly Operation[]> {
  const days = new Map(
    ready.flatMap(({ plan }, at) =>
      plan.withdrawn === '' ? [] : [[episodes[at] ?? '', plan.withdrawn] as const],
    ),
  );
  if (days.size === 0) {
    return [];
  }
  const rows = await tx.query<{ episode: string; content: string }>({
    text: 'select r.episode, r.content from resource r where r.type = $1 and r.episode = any ($2) and r.content is not null',
    values: [typeCode('Consent'), [...days.keys()]],
  });
  return rows
    .map(({ episode, content }) => ({
      consent: parseJson(content) as JsonObject,
      day: days.get(episode) ?? '',
    }))
    .filter(({ consent }) => consent['status'] === 'active' && provisionOf(consent) === 'permit')
    .map(({ consent, day }) => ({
      kind: 'update',
      type: 'Consent',
      id: String(consent['id']),
      resource: asWithdrawn(consent, day),
    }));
}
