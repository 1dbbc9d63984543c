/** The pages on what systems send: who sees them, and carrying out again what was refused. docs/adr/0030 */
import type { Page } from '../../../demo/walk/browser.ts';
import { findClient, saveClient } from '../../../src/smart/clients.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { startWalkServer, type WalkServer } from '../walk/walk-server.ts';

let server: WalkServer;
let ehr: HttpClient;
let names = 0;

beforeAll(async () => {
  server = await startWalkServer();
  ehr = await server.app.client('ehr');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** A message that lacks a device; answers the name of the device, and the id of its line. */
async function refused(): Promise<{ readonly device: string; readonly id: string; readonly name: string }> {
  const name = `melding-${(names += 1)}`;
  const device = `device-${names}`;
  const answer = await ehr.post(
    'fhir/Observation',
    {
      resourceType: 'Observation',
      status: 'final',
      code: { text: name },
      device: { reference: `Device/${device}` },
    },
    { 'Idempotency-Key': name },
  );
  expect(answer.status).toBe(422);
  const [row] = await server.app.app.received.inbox.list({ limit: 1 });
  return { device, id: row?.id ?? '', name };
}

const make = (device: string) => ehr.put(`fhir/Device/${device}`, { resourceType: 'Device', id: device });
const open = async (account: string, address: string): Promise<Page> =>
  (await server.user(account)).open(address);

describe('The page on connections', () => {
  it('tells coordinators of the hospital, and nobody else, who has sent and what was refused.', async () => {
    const { name, id } = await refused();

    const local = await open('lc-bjorn', '/forbindelser');
    const national = await open('sc-siri', '/forbindelser');
    const user = await open('lu-ane', '/forbindelser');
    const one = await open('lu-ane', `/forbindelser/${id}`);

    expect(local.text).toContain(name);
    expect(local.text).toContain('Avvist');
    expect(national.text).toContain(name);
    expect([user.status, one.status]).toEqual([403, 403]);
    expect(user.text).not.toContain(name);
  });

  it('has nothing of another hospital.', async () => {
    const { db } = server.app.database;
    const client = await findClient(db.pool, (await clientId()) ?? '');
    const { name, id } = await refused();
    await db.pool.query(`update inbox set unit = 'somewhere-else' where id = $1`, [id]);

    const list = await open('lc-bjorn', '/forbindelser');
    const one = await open('lc-bjorn', `/forbindelser/${id}`);

    expect(client).toBeDefined();
    expect(list.text).not.toContain(name);
    expect(one.status).toBe(404);
    expect((await open('sc-siri', `/forbindelser/${id}`)).status).toBe(200);
  });

  it('carries a message out again when what it lacked has come, and tells what is still wrong until then.', async () => {
    const { device, id } = await refused();
    const person = await server.user('lc-bjorn');
    const page = await person.open(`/forbindelser/${id}`);
    expect(page.text).toContain(device);

    const early = await person.submit(page, `/forbindelser/${id}/kjor-pa-nytt`, {});
    await make(device);
    const inTime = await person.submit(early, `/forbindelser/${id}/kjor-pa-nytt`, {});

    expect(early.text).toContain('Meldingen er fortsatt avvist.');
    expect(inTime.text).toContain('Meldingen er tatt imot.');
    expect(await server.app.app.received.inbox.read(id)).toMatchObject({
      outcome: 'replayed',
      settledBy: 'user:lc-bjorn',
    });
  });

  it('puts a message aside, and lets go of what was sent.', async () => {
    const { id } = await refused();
    const person = await server.user('lc-bjorn');
    const page = await person.open(`/forbindelser/${id}`);

    const after = await person.submit(page, `/forbindelser/${id}/legg-bort`, {});

    expect(after.text).toContain('Meldingen er lagt bort.');
    expect(await server.app.app.received.inbox.read(id)).toMatchObject({
      outcome: 'dismissed',
      isKept: false,
    });
  });

  it('carries out again all that was refused of a source, by a job.', async () => {
    const all = [await refused(), await refused()];
    await Promise.all(all.map(({ device }) => make(device)));
    const person = await server.user('lc-bjorn');
    const page = await person.open('/forbindelser');

    const after = await person.submit(page, '/forbindelser/kjor-pa-nytt', {});
    await server.app.app.jobs.runOnce();

    expect(after.text).toContain('kjøres på nytt nå');
    for (const { id } of all) {
      expect(await server.app.app.received.inbox.read(id)).toMatchObject({ outcome: 'replayed' });
    }
  });

  it('does nothing for a system that is closed: the message stays refused, and says why.', async () => {
    const { device, id } = await refused();
    await make(device);
    const { db } = server.app.database;
    const client = await findClient(db.pool, (await clientId()) ?? '');
    if (client === undefined) {
      throw new Error('The demo has no EHR client');
    }
    await db.pool.query('delete from oauth_client where client_id = $1', [client.id]);
    const person = await server.user('sc-siri');

    const page = await person.submit(
      await person.open(`/forbindelser/${id}`),
      `/forbindelser/${id}/kjor-pa-nytt`,
      {},
    );
    await saveClient(db.pool, client);

    expect(page.text).toContain('fortsatt avvist');
    expect(page.text).toContain('not registered as a record system any more');
  });
});

async function clientId(): Promise<string | undefined> {
  const [row] = await server.app.app.received.inbox.list({ limit: 1 });
  return row?.source.replace('client:', '');
}
