/** Messages through the job queue: nothing on rollback, the same key at each attempt, wiped when sent (OB-01, OB-02, OB-03) */
import { type Carrier, SEND_MESSAGE, Undeliverable } from '../../../src/adapters/message/message.ts';
import { createMessages, type Messages } from '../../../src/adapters/message/messages.ts';
import { newUuid } from '../../../src/fhir/id.ts';
import { createJobs } from '../../../src/storage/jobs.ts';
import { createSecretBox } from '../../../src/storage/secret-box.ts';
import { clockAt } from '../../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const SMS = { channel: 'sms', to: '+4740000001', text: '123456 er koden', purpose: 'login-code' } as const;
const clock = clockAt('2026-11-21T10:00:00Z');
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
}, 120_000);

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const messagesBy = (sms: Carrier, texts: 'wipe' | 'keep' = 'wipe'): Messages =>
  createMessages({
    db: database.db,
    box: createSecretBox(Buffer.alloc(32, 3)),
    clock,
    newId: newUuid,
    carriers: { sms },
    texts,
  });
const run = (messages: Messages) =>
  createJobs({
    db: database.db,
    handlers: { [SEND_MESSAGE]: (payload, job) => messages.deliver(payload, job) },
  }).runOnce();
/** Written a second after the one before, so that it is the newest. */
const queue = (messages: Messages, options?: { readonly minutes?: number }): Promise<void> => {
  clock.advance({ seconds: 1 });
  return database.store.transaction((tx) => messages.queue(tx, SMS, options));
};
const newest = async () => {
  const [row] = await database.db.query<{
    id: string;
    sealed: string | null;
    sent: string;
    failed: string;
    problem: string;
  }>({
    text: 'select id, sealed, sent, failed, problem from message order by created desc, id desc limit 1',
  });
  return row;
};

describe('A message', () => {
  it('is neither kept nor sent when its transaction is rolled back (OB-01).', async () => {
    const keys: string[] = [];
    const messages = messagesBy((_message, key) => Promise.resolve(void keys.push(key)));

    await database.store
      .transaction(async (tx) => {
        await messages.queue(tx, SMS);
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    await run(messages);

    expect(keys).toEqual([]);
    expect(await newest()).toBeUndefined();
  });

  it('waits sealed, is sent once, and is wiped.', async () => {
    const sent: string[] = [];
    const messages = messagesBy(({ text }) => Promise.resolve(void sent.push(text)));

    await queue(messages);
    const waiting = await newest();
    await run(messages);
    await messages.deliver({ id: waiting?.id }, { attempt: 2, maxAttempts: 25 });

    expect(waiting?.sealed).not.toContain('123456');
    expect(sent).toEqual(['123456 er koden']);
    expect(await newest()).toMatchObject({ sealed: null, failed: null });
  });

  it('that was sent, and whose sender died before it could say so, goes out again under the same key (OB-03).', async () => {
    const keys: string[] = [];
    const messages = messagesBy((_message, key) => {
      keys.push(key);
      return keys.length === 1 ? Promise.reject(new Error('the connection was cut')) : Promise.resolve();
    });

    await queue(messages);
    const id = (await newest())?.id;
    await messages.deliver({ id }, { attempt: 1, maxAttempts: 25 }).catch(() => undefined);
    await messages.deliver({ id }, { attempt: 2, maxAttempts: 25 });

    expect(keys).toEqual([id, id]);
  });

  it('is given up when the gateway refuses it, after the last attempt, and when it has become too late.', async () => {
    const refusing = messagesBy(() => Promise.reject(new Undeliverable('The SMS gateway answered 400')));
    const away = messagesBy(() => Promise.reject(new Error('away')));
    const never: string[] = [];
    const late = messagesBy((_message, key) => Promise.resolve(void never.push(key)));

    const problems: unknown[] = [];
    for (const [messages, attempt] of [
      [refusing, 1],
      [away, 25],
      [late, 1],
    ] as const) {
      await queue(messages, { minutes: 10 });
      clock.advance({ minutes: messages === late ? 11 : 1 });
      await messages.deliver({ id: (await newest())?.id }, { attempt, maxAttempts: 25 });
      const row = await newest();
      problems.push([row?.problem, row?.sealed]);
    }

    expect(problems).toEqual([
      ['The SMS gateway answered 400', null],
      ['away', null],
      ['too late', null],
    ]);
    expect(never).toEqual([]);
  });

  it('is shown in no inbox where texts are wiped.', async () => {
    const messages = messagesBy(() => Promise.resolve());
    await queue(messages);

    expect(await messages.inbox()).toEqual([]);
  });
});
