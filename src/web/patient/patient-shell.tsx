/** The frame of the pages for patients: no menu, no login, nothing of the register. */
import type { ReactNode } from 'react';
import { PageFrameProvider } from '../ui/page-context.tsx';
import type { Language } from '../../sdc/language.ts';
import { LanguageSwitch } from '../ui/language-switch.tsx';
import { pageTexts } from '../ui/page-texts.ts';
import { patientTexts } from '../ui/patient-texts.ts';

export interface PatientShellProps {
  readonly lang: Language;
  readonly title: string;
  readonly assets: { readonly script: string; readonly styles: readonly string[] };
  /** `form`: the form's own script; `link`: the one that reads the address. */
  readonly script?: 'form' | 'link';
  /** Address of the page, for the switch of the language; absent on the answer to a post. */
  readonly path?: string | undefined;
  readonly children: ReactNode;
}

export const LINK_SCRIPT = '/skjema-til-deg.js';

export function PatientShell({ lang, title, assets, script, path, children }: PatientShellProps): ReactNode {
  const t = pageTexts[lang];
  return (
    <PageFrameProvider value={{ lang, t }}>
      <html lang={lang} className="light">
        <head>
          <meta charSet="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="robots" content="noindex" />
          <title>{title}</title>
          {assets.styles.map((href) => (
            <link key={href} rel="stylesheet" href={href} />
          ))}
          {script === 'form' && <script type="module" src={assets.script} />}
          {script === 'link' && <script defer src={LINK_SCRIPT} />}
          <link rel="icon" href="data:," />
        </head>
        <body>
          <a className="skip-link" href="#innhold">
            {t.skip}
          </a>
          <header className="header">
            <div className="header__inner">
              <span className="header__name">{patientTexts[lang].site}</span>
            </div>
          </header>
          <main id="innhold" tabIndex={-1} className="main main--narrow">
            {children}
          </main>
          <footer className="footer">
            {path !== undefined && <LanguageSwitch lang={lang} path={path} />}
          </footer>
        </body>
      </html>
    </PageFrameProvider>
  );
}
