/** The sender's guard of its own network: https alone, public addresses alone, checked where the connection is made. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isPublicAddress } from '../../../src/adapters/public-address.ts';
import { createRestHook } from '../../../src/adapters/rest-hook.ts';

const delivery = (url: string): Parameters<ReturnType<typeof createRestHook>['send']>[0] => ({
  url,
  headers: {},
  body: '{}',
  timeoutSeconds: 2,
});
const resolvingTo = (...addresses: readonly string[]) => {
  const asked: string[] = [];
  const hook = createRestHook({
    trustedHosts: [],
    resolve: (host) => {
      asked.push(host);
      return Promise.resolve(
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    },
  });
  return { hook, asked };
};

describe('A public address', () => {
  it.each(['8.8.8.8', '193.156.1.1', '172.32.0.1', '100.128.0.1', '2a00:1450:400f::1', '2600::1'])(
    'is %s.',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'localhost',
    '',
  ])('is not "%s".', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('The sender of notifications', () => {
  const { hook } = resolvingTo('8.8.8.8');

  it.each([
    ['http://example.org/', 'it must use https'],
    ['https://user:secret@example.org/', 'it may have no user name, password or fragment'],
    ['https://example.org/#part', 'it may have no user name, password or fragment'],
    ['https://127.0.0.1/', 'addresses of private networks are not reached'],
    ['https://2130706433/', 'addresses of private networks are not reached'],
    ['https://0x7f.1/', 'addresses of private networks are not reached'],
    ['https://[::1]/', 'addresses of private networks are not reached'],
    ['https://[::ffff:10.0.0.1]/', 'addresses of private networks are not reached'],
    ['https://169.254.169.254/latest', 'addresses of private networks are not reached'],
    ['example.org', 'it is no absolute URL'],
  ])('refuses %s.', (url, reason) => {
    expect(hook.refusal(url)).toBe(reason);
  });

  it('takes an https address by name.', () => {
    expect(hook.refusal('https://example.org:8443/hook?a=1')).toBeUndefined();
  });

  it.each([
    ['one private address', ['10.0.0.1']],
    ['a private address beside a public one', ['8.8.8.8', '127.0.0.1']],
    ['nothing', []],
  ])('sends nothing to a name that resolves to %s.', async (_, addresses) => {
    const sender = resolvingTo(...addresses);

    expect(await sender.hook.send(delivery('https://example.org/'))).toEqual({
      isSent: false,
      reason: 'addresses of private networks are not reached',
    });
    expect(sender.asked).toEqual(['example.org']);
  });

  it('asks for the name once for a connection, so that a second answer cannot differ.', async () => {
    const server: Server = createServer((_request, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const asked: string[] = [];
    const trusted = createRestHook({
      trustedHosts: ['receiver.test'],
      resolve: (host) => {
        asked.push(host);
        return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
      },
    });

    const answer = await trusted.send(
      delivery(`http://receiver.test:${(server.address() as AddressInfo).port}/`),
    );
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));

    expect(answer).toEqual({ isSent: true });
    expect(asked).toEqual(['receiver.test']);
  });

  it('says that a receiver is not there without telling of the network.', async () => {
    const open = createRestHook({ trustedHosts: ['*'] });

    expect(await open.send(delivery('http://127.0.0.1:1/'))).toEqual({
      isSent: false,
      reason: 'the connection was refused',
    });
  });
});
