/** The rules that let the schema be spread over several machines; see the head of 0001-resources.sql. */
import { readMigrations } from '../../../src/storage/migrate.ts';

/** Small or local tables, and those that exist to be unique over all machines; each says why in its migration. */
const WITHOUT_CMP = [
  'import_pathway',
  'ehr_write_back',
  'inbox',
  'pull_known',
  'pull_position',
  'pull_state',
  'source_version',
  'resource_id',
  'identifier_key',
  'audit',
  'audit_patient',
  'audit_seal',
  'audit_head',
  'audit_retired',
  'audit_review',
  'account',
  'session',
  'oidc',
  'oauth_client',
  'signing_key',
  'app_grant',
  'issued_token',
  'used_proof',
  'idempotency',
  'export_job',
  'content_state',
  'index_state',
  'view_table',
  'outbox',
  'outbox_watch',
  'outbox_cursor',
  'subscription_state',
  'subscription_event',
  'term_system',
  'term_concept',
  'account_application',
  'account_factor',
  'account_recovery_code',
  'account_identity',
  'patient_access',
  'patient_form_timer',
  'account_person',
  'one_time_code',
  'login_attempt',
  'message',
  'direct_identifier',
  'identifier_key_version',
  'identifier_migration',
];

const withoutComments = (sql: string): string => sql.replaceAll(/--.*$/gm, '');

const migrations = (await readMigrations()).map(({ name, sql }) => ({ name, sql: withoutComments(sql) }));
const statements = migrations.flatMap(({ sql }) =>
  sql.split(';').map((text) => text.replaceAll(/\s+/g, ' ').trim()),
);

/** Table → columns of each of its primary and unique keys. */
function keys(): readonly { readonly table: string; readonly columns: readonly string[] }[] {
  return statements.flatMap((text) => {
    const table = /^(?:create table|alter table) (?:if not exists )?(\w+)/.exec(text)?.[1];
    const index = /^create unique index (?:\w+ )?on (\w+) \(([^)]*)\)/.exec(text);
    if (index !== null) {
      return [{ table: index[1]!, columns: list(index[2]!) }];
    }
    if (table === undefined) {
      return [];
    }
    const together = [...text.matchAll(/(?:primary key|unique) \(([^)]*)\)/g)].map((match) =>
      list(match[1]!),
    );
    const single = [...text.matchAll(/[(,] (\w+) [^,()]*(?:primary key|unique)(?! \()/g)].map((match) => [
      match[1]!,
    ]);
    return [...together, ...single].map((columns) => ({ table, columns }));
  });
}

const list = (columns: string): readonly string[] => columns.split(',').map((column) => column.trim());

describe('The schema', () => {
  it('has files that are numbered without a gap.', () => {
    const numbers = migrations.map(({ name }) => Number(name.slice(0, 4)));

    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it('has the distribution key in every primary and unique key of spread tables.', () => {
    const wrong = keys().filter(
      ({ table, columns }) => !WITHOUT_CMP.includes(table) && !columns.includes('cmp'),
    );

    expect(wrong).toEqual([]);
    expect(keys().map(({ table }) => table)).toEqual(
      expect.arrayContaining(['resource', 'history', 'account']),
    );
  });

  it('keeps the distribution key beside every row number.', () => {
    const tables = statements.filter(
      (text) => /^create table (?!\w+ partition of)/.test(text) && / rid bigint/.test(text),
    );

    expect(tables.filter((text) => !/ cmp int/.test(text))).toEqual([]);
    expect(tables.length).toBeGreaterThanOrEqual(7);
  });

  it.each([
    ['triggers', /\btrigger\b/i],
    ['foreign keys', /\b(references|foreign key)\b/i],
    ['GIN or GiST indexes, which row-level security would switch off', /on (?!term_)\w+ using (gin|gist)/i],
    ['session settings', /\bset_config\b/i],
    ['serial columns of resource tables', /\bserial\b/i],
    ['compression that the embedded server lacks', /compression lz4/i],
  ])('uses no %s.', (_, pattern) => {
    expect(statements.filter((text) => pattern.test(text))).toEqual([]);
  });
});
