/** The file of HL7 version 2 connections: every fault is named with its place. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '../../../src/adapters/hl7v2/listener.ts';
import { readConnections } from '../../../src/adapters/hl7v2/settings.ts';
import type { TakeDeps } from '../../../src/adapters/hl7v2/take.ts';

const GOOD = {
  name: 'lab',
  port: 2575,
  client: 'lab',
  senders: [{ application: 'LAB', facility: 'H' }],
  system: 'https://hospital.example/id',
};

async function read(...connections: readonly object[]) {
  const path = join(await mkdtemp(join(tmpdir(), 'ryggrad-hl7-')), 'hl7v2.json');
  await writeFile(path, JSON.stringify({ connections }));
  return readConnections(path, () => undefined);
}

describe('The file of HL7 v2 connections', () => {
  it('is not needed: without it nobody is listened to.', async () => {
    expect(await readConnections(undefined, () => undefined)).toEqual([]);
  });

  it('has what is usual where it says nothing: this machine alone, UTF-8, production, unknown codes refused.', async () => {
    expect(await read(GOOD)).toMatchObject([
      { bind: '127.0.0.1', tls: undefined, charset: 'UNICODE UTF-8', processing: ['P'], unmapped: 'refuse' },
    ]);
  });

  it.each([
    [{ port: 70_000 }, 'connections[0].port must be a whole number from 0 to 65535'],
    [{ client: '' }, 'connections[0].client'],
    [{ bind: '0.0.0.0' }, 'connections[0].tls is missing'],
    [{ charset: 'KLINGON' }, 'connections[0].charset must be one of'],
    [{ unit: '9990007' }, 'connections[0].unit must be resh:<number> or enh:<organisation number>'],
    [{ units: { A: 'x' } }, 'connections[0].units.A must be'],
    [
      { maps: ['https://x.example/map'] },
      'connections[0].maps[0]: no register here has https://x.example/map',
    ],
    [{ unmapped: 'ignore' }, 'connections[0].unmapped must be'],
    [{ ports: 1 }, 'connections[0].ports is not known'],
    [{ tls: { certFile: 'none.pem' } }, 'connections[0].tls.certFile'],
    [{ system: 'hospital' }, 'connections[0].system must be a URI'],
  ])('with %j is refused.', async (fault, words) => {
    await expect(read({ ...GOOD, ...fault })).rejects.toThrow(words);
  });

  it('names no connection and no port twice.', async () => {
    await expect(read(GOOD, { ...GOOD, port: 2576 })).rejects.toThrow('called lab');
    await expect(read(GOOD, { ...GOOD, name: 'other' })).rejects.toThrow('127.0.0.1:2575');
  });

  it('with a port that is taken ends in one sentence.', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const [connection] = await read({ ...GOOD, port });

    const started = connection === undefined ? Promise.resolve() : listen({} as TakeDeps, connection);

    await expect(started).rejects.toThrow(
      `Port ${port} of the connection lab (HL7V2_FILE) is taken by another program.`,
    );
    other.close();
  });
});
