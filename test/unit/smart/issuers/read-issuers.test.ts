/** The issuers file: docs/operations.md. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIssuers } from '../../../../src/smart/issuers/read-issuers.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ryggrad-issuers-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function read(...issuers: readonly object[]) {
  const path = join(folder, 'issuers.json');
  await writeFile(path, JSON.stringify({ issuers }));
  return readIssuers(path);
}

const grant = { scope: 'nhn:x/lever', kind: 'ehr', opens: ['system/*.cruds'] };
const helseId = { preset: 'helseid', id: 'helseid', issuer: 'https://helseid-sts.test.nhn.no' };

describe('The issuers file', () => {
  it('is not needed.', async () => {
    expect(await readIssuers(undefined)).toEqual([]);
  });

  it('needs of HelseID only what is our own.', async () => {
    const [issuer] = await read({ ...helseId, api: { audience: 'nhn:x', grants: [grant] } });

    expect(issuer).toMatchObject({
      name: 'HelseID',
      metadataUrl: 'https://helseid-sts.test.nhn.no/.well-known/openid-configuration',
      levels: ['4'],
      api: { audience: 'nhn:x', proof: 'required', proofSeconds: 10, grants: [{ ...grant, registers: [] }] },
    });
  });

  it('describes any other issuer with names of its own.', async () => {
    const [issuer] = await read({
      id: 'hospital',
      name: 'Sykehuset',
      issuer: 'https://idp.hospital.example/realms/ehr',
      metadata: 'https://idp.hospital.example/meta',
      claims: { organisation: ['orgnr'], level: 'acr', pid: 'pid' },
      levels: ['high'],
      api: {
        audience: 'ryggrad',
        dpop: 'optional',
        algorithms: ['ES256'],
        clients: ['ehr'],
        grants: [grant],
      },
    });

    expect(issuer).toMatchObject({
      metadataUrl: 'https://idp.hospital.example/meta',
      claims: { organisation: ['orgnr'], level: 'acr', pid: 'pid' },
      api: { proof: 'optional', algorithms: ['ES256'], clients: ['ehr'] },
    });
  });

  const api = (changes: object) => ({ ...helseId, api: { audience: 'a', grants: [grant], ...changes } });
  const faults: readonly (readonly [string, readonly object[], RegExp])[] = [
    [
      'an address without https',
      [{ ...helseId, issuer: 'http://sts.example' }],
      /issuers\[0\]\.issuer must be an https/,
    ],
    [
      'a symmetric algorithm',
      [api({ algorithms: ['HS256'] })],
      /issuers\[0\]\.api\.algorithms must be asymmetric/,
    ],
    ['no algorithm at all', [api({ algorithms: ['none'] })], /algorithms must be asymmetric/],
    ['a scope that is none', [api({ grants: [{ ...grant, opens: ['everything'] }] })], /grants\[0\]\.opens/],
    ['an unknown kind', [api({ grants: [{ ...grant, kind: 'admin' }] })], /grants\[0\]\.kind/],
    [
      'analysis of no register',
      [api({ grants: [{ ...grant, kind: 'analytics' }] })],
      /grants\[0\]\.registers/,
    ],
    ['proofs of any age', [api({ proofSeconds: 3600 })], /proofSeconds/],
    ['two issuers of one name', [helseId, helseId], /same id, helseid/],
    ['a name with a slash', [{ ...helseId, id: '../x' }], /issuers\[0\]\.id/],
    ['an unknown preset', [{ ...helseId, preset: 'x' }], /issuers\[0\]\.preset must be helseid or oidc/],
    [
      'a key that is not there',
      [{ ...helseId, login: { clientId: 'x', keyFile: 'missing.json' } }],
      /cannot be read/,
    ],
  ];

  it.each(faults)('is refused with %s.', async (_name, issuers, message) => {
    await expect(read(...issuers)).rejects.toThrow(message);
  });
});
