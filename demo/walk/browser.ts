/**
 * A browser without a screen: keeps cookies, follows redirects, reads pages and posts their forms as HTML forms.
 */
import { WalkError } from './narrator.ts';
import { type PageForm, readForms, textOf } from './html.ts';
import { send, type Walk } from './walk.ts';

export interface Page {
  /** Where the redirects ended. */
  readonly url: string;
  readonly status: number;
  readonly html: string;
  /** What a reader sees, without tags. */
  readonly text: string;
  readonly forms: readonly PageForm[];
}

export interface Browser {
  /** One request with the session's cookies; redirects are handed back. */
  request(address: string, init?: RequestInit): Promise<Response>;
  open(address: string): Promise<Page>;
  /** From now on paths are below the one of the launch that this page belongs to. */
  stayIn(page: Page): void;
  /** Send a form of a page with these fields instead of its own values; `null` takes a field away. */
  submit(page: Page, action: string | undefined, changes: Fields): Promise<Page>;
}

export type Fields = Readonly<Record<string, string | readonly string[] | null>>;

const MOST_REDIRECTS = 10;

export function browser(walk: Walk): Browser {
  const cookies = new Map<string, string>();
  let root = '';
  const below = (address: string): string =>
    address.startsWith('/') && !address.startsWith(`${root}/`) ? `${root}${address}` : address;

  async function request(address: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await send(walk, address, {
      ...init,
      headers: { origin: walk.url, ...init.headers, cookie },
    });
    keep(cookies, response.headers.getSetCookie());
    return response;
  }

  async function go(address: string, init: RequestInit, left = MOST_REDIRECTS): Promise<Page> {
    const response = await request(address, init);
    const location = response.headers.get('location');
    const url = new URL(address, `${walk.url}/`).href;
    if (response.status >= 300 && response.status < 400 && location !== null) {
      if (left === 0) {
        throw new WalkError(`${address} redirects without an end.`);
      }
      await response.body?.cancel();
      return go(new URL(location, url).href, {}, left - 1);
    }
    const html = await response.text();
    return { url, status: response.status, html, text: textOf(html), forms: readForms(html) };
  }

  return {
    request: (address, init) => request(below(address), init),
    open: (address) => go(below(address), {}),
    stayIn({ url }) {
      root = /\/(?:oppstart|ramme)\/[^/]+\/[^/]+/.exec(url)?.[0] ?? '';
    },
    submit(page, action, changes) {
      const form = page.forms.find(
        (one) => action === undefined || one.action === action || one.action === below(action),
      );
      if (form === undefined) {
        throw new WalkError(
          `${page.url} has no form ${action ?? ''}: ${page.status} ${page.text.slice(0, 300)}`,
        );
      }
      return go(new URL(form.action === '' ? page.url : form.action, page.url).href, {
        method: 'POST',
        body: withChanges(form, changes),
      });
    },
  };
}

function keep(cookies: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '') {
      cookies.delete(name);
    } else {
      cookies.set(name, value);
    }
  }
}

function withChanges({ fields }: PageForm, changes: Fields): URLSearchParams {
  const kept = fields.filter(([name]) => !(name in changes));
  const changed = Object.entries(changes).flatMap(([name, value]) =>
    (value === null ? [] : [value].flat()).map((one) => [name, one]),
  );
  return new URLSearchParams([...kept.map((pair) => [...pair]), ...changed]);
}
