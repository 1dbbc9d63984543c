/**
 * The frame of every page: skip link, header with register, department, role and user, main column, footer.
 */
import type { ReactNode } from 'react';
import type { Assets } from '../assets.ts';
import type { FrameModel } from '../view-models.ts';
import { PageFrameProvider, usePage } from './page-context.tsx';
import { LanguageSwitch } from './language-switch.tsx';
import { type NavEntry, type NavId, navigationOf } from './navigation.ts';
import { pageTexts } from './page-texts.ts';

export interface ShellProps {
  readonly frame: FrameModel;
  readonly title: string;
  readonly assets: Assets;
  /** Pages with a form bring the script; the others need none. */
  readonly withScript?: boolean;
  /** A small script of its own that the page offers something more with. */
  readonly extraScript?: 'passkey' | 'print';
  readonly width?: 'wide' | 'narrow' | 'form';
  /** Which entry of the navigation the page belongs to. */
  readonly nav?: NavId;
  readonly children: ReactNode;
}

/** A whole page, from `<html>` down. */
export function Shell(props: ShellProps): ReactNode {
  const { frame, title, assets, withScript = false, extraScript, width = 'wide', nav, children } = props;
  const extra = extraScript === undefined ? undefined : assets[extraScript];
  const t = pageTexts[frame.lang];
  const name = frame.register ?? t.startTitle;
  return (
    <PageFrameProvider value={{ lang: frame.lang, t, needsBanner: frame.needsBanner }}>
      <html lang={frame.lang} className="light">
        <head>
          <meta charSet="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="robots" content="noindex" />
          <title>{title === name ? name : `${title} – ${name}`}</title>
          {assets.styles.map((href) => (
            <link key={href} rel="stylesheet" href={href} />
          ))}
          {withScript && <script type="module" src={assets.script} />}
          {extra !== undefined && <script type="module" src={extra} />}
          <link rel="icon" href="data:," />
        </head>
        <body>
          <a className="skip-link" href="#innhold">
            {t.skip}
          </a>
          <Header frame={frame} nav={nav} name={name} />
          <main id="innhold" tabIndex={-1} className={width === 'wide' ? 'main' : `main main--${width}`}>
            {children}
          </main>
          <footer className="footer">
            <span>{t.footer}</span>
            {frame.path !== undefined && <LanguageSwitch lang={frame.lang} path={frame.path} />}
          </footer>
        </body>
      </html>
    </PageFrameProvider>
  );
}

interface HeaderProps {
  readonly frame: FrameModel;
  readonly nav: ShellProps['nav'];
  readonly name: string;
}

function Header({ frame, nav, name }: HeaderProps): ReactNode {
  const { t } = usePage();
  const { user, department } = frame;
  return (
    <header className="header">
      {frame.isDemo && (
        <p className="demo-strip">
          {t.demo} <a href="/innboks">{t.demoInbox}</a>
        </p>
      )}
      <div className="header__inner">
        <a className="header__brand" href="/">
          <Mark />
          {name}
        </a>
        <Navigation frame={frame} nav={nav} name={name} />
        <div className="header__who">
          {department !== undefined && <span className="header__unit">{department}</span>}
          {user === undefined ? <a href="/logg-inn">{t.logIn}</a> : <Who user={user} />}
        </div>
      </div>
    </header>
  );
}

/** What people go to every day is in sight; the rest opens below [Mer], without script. */
function Navigation({ frame, nav, name }: HeaderProps): ReactNode {
  const { t, lang } = usePage();
  const entries = navigationOf(frame);
  const [daily, other] = [entries.filter(isDaily), entries.filter((entry) => !isDaily(entry))];
  const link = ({ id, href, text }: NavEntry): ReactNode => (
    <li key={id}>
      <a href={href} aria-current={nav === id ? 'page' : undefined}>
        {text(lang)}
      </a>
    </li>
  );
  return entries.length === 0 ? null : (
    <nav className="header__nav" aria-label={name}>
      <ul>
        {daily.map(link)}
        {other.length > 0 && (
          <li>
            <details className="nav-more">
              <summary className={other.some(({ id }) => id === nav) ? 'nav-more--here' : undefined}>
                {t.more}
              </summary>
              <ul className="nav-more__list">{other.map(link)}</ul>
            </details>
          </li>
        )}
      </ul>
    </nav>
  );
}

const isDaily = (entry: NavEntry): boolean => entry.isDaily === true;

function Who({ user }: { readonly user: NonNullable<FrameModel['user']> }): ReactNode {
  const { t } = usePage();
  return (
    <>
      <span>
        {user.name}
        {user.role !== undefined && `, ${t[`role${user.role}`].toLocaleLowerCase('nb')}`}
      </span>
      {user.mayChangeRole && (
        <>
          <a href="/min-side">{t.ownPage}</a>
          <a href="/velg-rolle">{t.changeRole}</a>
        </>
      )}
      <form method="post" action="/logg-ut">
        <button type="submit">{t.logOut}</button>
      </form>
    </>
  );
}

/** The mark: a spine of four vertebrae. */
const Mark = (): ReactNode => (
  <svg viewBox="0 0 20 28" aria-hidden="true" focusable="false">
    <g fill="currentColor">
      <rect x="5" y="0.5" width="10" height="5" rx="2.5" />
      <rect x="3" y="8" width="14" height="5" rx="2.5" opacity=".85" />
      <rect x="1" y="15.5" width="18" height="5" rx="2.5" opacity=".7" />
      <rect x="4" y="23" width="12" height="5" rx="2.5" opacity=".55" />
    </g>
  </svg>
);
