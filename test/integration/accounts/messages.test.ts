/** Messages through the job queue: nothing on rollback, the same key at each attempt, wiped when sent (OB-01, OB-02, OB-03) */
import { type Carrier, SEND_MESSAGE, Undeliverable } from '../../../src/adapters/message/message.ts';
import { createMessages, type Messages, type QueueOptions } from '../../../src/adapters/message/messages.ts';
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
const queue = (messages: Messages, options?: QueueOptions): Promise<void> => {
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

  it('is given up when the gateway refuses it, after the last attempt, and when it has become too late; then it is wiped.', async () => {
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
      problems.push([row?.problem, row?.sealed === null]);
    }

    expect(problems).toEqual([
      ['The SMS gateway answered 400', false],
      ['away', false],
      ['too late', true],
    ]);
    expect(never).toEqual([]);
  });

  it('that was given up is sent again once, under a key of its own, and is wiped (OB-02).', async () => {
    const keys: string[] = [];
    const refusing = messagesBy(() => Promise.reject(new Undeliverable('The SMS gateway answered 400')));
    const sending = messagesBy((_message, key) => Promise.resolve(void keys.push(key)));
    await queue(refusing, { minutes: 60, about: 'user:kari', register: 'r1' });
    const id = (await newest())?.id ?? '';
    await run(refusing);
    clock.advance({ minutes: 1 });

    const [listed] = await sending.givenUp('r1');
    const elsewhere = await sending.givenUp('r2');
    const answers: boolean[] = [];
    for (let time = 0; time < 2; time++) {
      answers.push(await database.store.transaction((tx) => sending.sendAgain(tx, id)));
    }
    await run(sending);

    expect(listed).toMatchObject({ id, about: 'user:kari', receiver: '…01', state: 'open' });
    expect(elsewhere.map((message) => message.id)).not.toContain(id);
    expect(answers).toEqual([true, false]);
    expect(keys).toHaveLength(1);
    expect(keys).not.toContain(id);
    expect(await newest()).toMatchObject({ sealed: null, failed: null });
    expect((await sending.givenUp('r1'))[0]).toMatchObject({ id, state: 'again', receiver: undefined });
  });

  it('that was given up is wiped when it is too late to send it again.', async () => {
    const refusing = messagesBy(() => Promise.reject(new Undeliverable('The SMS gateway answered 400')));
    await queue(refusing, { minutes: 60, register: 'r3' });
    const id = (await newest())?.id ?? '';
    await run(refusing);
    clock.advance({ minutes: 61 });

    const isSent = await database.store.transaction((tx) => refusing.sendAgain(tx, id));
    await refusing.sweep();

    expect(isSent).toBe(false);
    expect(await newest()).toMatchObject({ id, sealed: null });
    expect((await refusing.givenUp('r3'))[0]).toMatchObject({ state: 'late' });
  });

  it('is shown in no inbox where texts are wiped.', async () => {
    const messages = messagesBy(() => Promise.resolve());
    await queue(messages);

    expect(await messages.inbox()).toEqual([]);
  });
});
