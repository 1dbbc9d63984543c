/** What is answered when the server cannot store: never AA, and never that the message is wrong. */
import { readConnections } from '../../../src/adapters/hl7v2/settings.ts';
import { takeBytes, type TakeDeps } from '../../../src/adapters/hl7v2/take.ts';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MESSAGE = Buffer.from('MSH|^~\\&|LAB|H|R|S|20260218083000||ORU^R01|7|P|2.5.1\rPID|1||x\r');

describe('A message while the database is away', () => {
  it('is answered AR, to be sent again later, and told of in the log.', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'ryggrad-hl7-')), 'hl7v2.json');
    const senders = [{ application: 'LAB', facility: 'H' }];
    await writeFile(
      path,
      JSON.stringify({ connections: [{ name: 'lab', port: 0, client: 'lab', senders, system: 'urn:x:y' }] }),
    );
    const [connection] = await readConnections(path, () => undefined);
    const failures: string[] = [];
    const deps = {
      findSender: () => Promise.reject(new Error('ECONNREFUSED')),
      clock: { now: () => new Date('2026-02-18T08:00:00Z') },
      newId: () => 'id',
      onFailure: (_cause: unknown, name: string) => failures.push(name),
    } as unknown as TakeDeps;

    const answer = connection === undefined ? '' : String(await takeBytes(deps, connection, MESSAGE));

    expect(answer.split('\r').slice(0, 2)).toEqual([
      'MSH|^~\\&|R|S|LAB|H|20260218080000+0000||ACK^R01^ACK|id|P|2.5.1',
      expect.stringMatching(/^MSA\|AR\|/),
    ]);
    expect(failures).toEqual(['lab']);
  });
});
