/** Messages that did not arrive, as the system coordinator meets them (OB-02) */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { browser } from '../launch/ehr-server.ts';
import { application, type AccountServer, startAccountServer } from './account-server.ts';

let gateway: Server;
let status = 400;
const taken: string[] = [];
let server: AccountServer;

beforeAll(async () => {
  gateway = createServer((request, response) => {
    taken.push(String(request.headers['idempotency-key']));
    response.statusCode = status;
    response.end();
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const { port } = gateway.address() as AddressInfo;
  server = await startAccountServer({ SMS_URL: `http://127.0.0.1:${port}/`, SMS_FROM: 'Register' });
}, 180_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await new Promise((resolve) => gateway.close(resolve));
});

describe('A message that was given up', () => {
  it('is seen by SC without its text and receiver, and sent again by SC, once (OB-02).', async () => {
    await server.post(browser(), '/ny-bruker', application());
    const [stored] = await server.test.database.db.query<{ id: string }>({
      text: `select id from account_application where status = 'new'`,
    });
    const lc = await server.logIn('lc-bjorn');
    await server.post(lc, `/brukere/soknader/${stored?.id ?? ''}`, { svar: 'ja', grunn: '' });
    await server.messages();
    const sc = await server.logIn('sc-siri');
    const users = await server.get(sc, '/brukere');
    const list = await server.get(sc, '/brukere/meldinger');
    const [, path = ''] = /action="(\/brukere\/meldinger\/[^"]+)"/.exec(list.text) ?? [];

    const byLc = [await server.get(lc, '/brukere/meldinger'), await server.post(lc, path, {})];
    status = 200;
    const sent = await server.post(sc, path, {});
    await server.messages();
    const again = await server.post(sc, path, {});

    expect(users.text).toContain('Meldinger som ikke kom fram (1)');
    expect(list.text).toContain('Første passord');
    expect(list.text).toContain('SMS-tjenesten svarte 400');
    expect(list.text).toContain('kari.nordmann');
    expect(list.text).not.toContain('40000001');
    expect(list.text).not.toContain('Passord:');
    expect(byLc.map((answer) => answer.status)).toEqual([403, 403]);
    expect(sent.to).toBe('/brukere/meldinger?status=igjen');
    expect(taken).toHaveLength(2);
    expect(new Set(taken).size).toBe(2);
    expect(again.status).toBe(409);
    expect((await server.get(sc, '/brukere/meldinger')).text).toContain('Sendt på nytt');
    expect((await server.events('message-sent-again'))[0]).toMatchObject({ agent: 'user:sc-siri' });
  });
});
