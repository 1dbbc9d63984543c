/** E-mail by SMTP and text messages by HTTP, against servers on this machine */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { type Message, Undeliverable } from '../../../src/adapters/message/message.ts';
import { smsGateway, type SmsGatewayOptions } from '../../../src/adapters/message/sms-gateway.ts';
import { smtpCarrier } from '../../../src/adapters/message/smtp.ts';

const sms: Message = {
  channel: 'sms',
  to: '+4740000001',
  text: '123456 er koden på øya',
  purpose: 'login-code',
};
const email: Message = { ...sms, channel: 'email', to: 'kari@example.no', subject: 'Nytt passord' };

/** A gateway that answers with these statuses, one after another, and keeps what it was sent. */
async function gateway(statuses: readonly number[], options: Partial<SmsGatewayOptions> = {}) {
  const requests: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      requests.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      const status = statuses[requests.length - 1] ?? 0;
      if (status > 0) {
        response.writeHead(status).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const send = smsGateway({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`,
    format: 'json',
    fields: { to: 'recipient', text: 'message', from: 'sender', id: 'reference' },
    from: 'Register',
    authorization: 'Bearer hemmelig',
    ...options,
  });
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { send, requests, stop };
}

describe('The SMS gateway', () => {
  it('gets one POST with its own names of the fields, and the key of the message.', async () => {
    const { send, requests, stop } = await gateway([202]);

    await send(sms, 'm-1');
    stop();

    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      recipient: '+4740000001',
      message: '123456 er koden på øya',
      sender: 'Register',
      reference: 'm-1',
    });
    expect(requests[0]?.headers).toMatchObject({
      'idempotency-key': 'm-1',
      authorization: 'Bearer hemmelig',
    });
  });

  it('gets form fields where it wants them.', async () => {
    const { send, requests, stop } = await gateway([200], {
      format: 'form',
      fields: { to: 'to', text: 'text' },
    });

    await send(sms, 'm-1');
    stop();

    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      to: sms.to,
      text: sms.text,
    });
  });

  it('is tried again with the same key after 503 and 429, and not after 400 (OB-02).', async () => {
    const { send, requests, stop } = await gateway([503, 429, 400]);

    const failures = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      failures.push(await send(sms, 'm-1').catch((error: unknown) => error instanceof Undeliverable));
    }
    stop();

    expect(failures).toEqual([false, false, true]);
    expect(requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['m-1', 'm-1', 'm-1']);
  });

  it('that does not answer in time is a failure that may pass.', async () => {
    const { send, stop } = await gateway([0], { timeoutMs: 50 });

    const failure = await send(sms, 'm-1').catch((error: unknown) => error);
    stop();

    expect(failure).toMatchObject({ name: 'TimeoutError' });
  });
});

/** A mail server that keeps what it gets, and refuses receivers of `nowhere.example` for good. */
async function mailServer() {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo({ address }, _session, done) {
      done(
        address.endsWith('nowhere.example')
          ? Object.assign(new Error('no such'), { responseCode: 550 })
          : null,
      );
    },
    onData(stream, _session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        mails.push(Buffer.concat(parts).toString());
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    mails,
    url: `smtp://127.0.0.1:${port}`,
    stop: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

describe('The mail server', () => {
  it('gets sender, receiver, subject, text, and a Message-ID that stays the same (OB-02).', async () => {
    const { mails, url, stop } = await mailServer();
    const send = smtpCarrier({ url, from: 'Registeret <ikke-svar@register.example>' });

    await send(email, 'm-7');
    await send(email, 'm-7');
    await stop();

    expect(mails).toHaveLength(2);
    expect(mails[0]).toContain('To: kari@example.no');
    expect(mails[0]).toContain('Subject: Nytt passord');
    expect(mails.map((mail) => /^Message-ID: (.*)$/im.exec(mail)?.[1]?.trim())).toEqual([
      '<m-7@register.example>',
      '<m-7@register.example>',
    ]);
  });

  it('that refuses the receiver is not tried again; one that is away is.', async () => {
    const { url, stop } = await mailServer();
    const send = smtpCarrier({ url, from: 'ikke-svar@register.example', timeoutMs: 5_000 });

    const refused = await send({ ...email, to: 'a@nowhere.example' }, 'm-8').catch((error: unknown) => error);
    await stop();
    const away = await send(email, 'm-9').catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(Undeliverable);
    expect(away).not.toBeInstanceOf(Undeliverable);
    expect((away as Error).message).toMatch(/^SMTP /);
  });
});
