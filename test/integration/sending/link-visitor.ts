/** A patient who has got a link to a form, at home. */
import type { Page } from '../../../demo/walk/browser.ts';
import type { SendingServer } from './sending-server.ts';

/** Key of the link that was sent last, in the words of a secure channel. */
export async function newestLink({ app }: SendingServer): Promise<string> {
  const messages = await app.app.accounts.messages.inbox();
  const text = messages.find(({ purpose }) => purpose === 'patient-form')?.text ?? '';
  expect(text).toMatch(/^\[Helsenorge\] Sykehuset ber deg svare på et skjema innen /);
  return /skjema-til-deg#([\w-]{43}) /.exec(text)?.[1] ?? 'none';
}

/** Brings the link, has a code sent, and comes in with it: the page at the end. */
export async function enterByLink(server: SendingServer, key: string): Promise<Page> {
  const visitor = server.visitor();
  const page = await visitor.open('/skjema-til-deg');
  await visitor.submit(page, '/skjema-til-deg', { nokkel: key });
  const ask = await visitor.open('/skjema-til-deg/kode');
  const asked = await visitor.submit(ask, '/skjema-til-deg/send', {});
  const messages = await server.app.app.accounts.messages.inbox();
  const text = messages.find(({ purpose }) => purpose === 'patient-code')?.text ?? '';
  const [, code = ''] = /^(\d+) er engangskoden/.exec(text) ?? [];
  return visitor.submit(asked, '/skjema-til-deg/kode', { kode: code });
}
