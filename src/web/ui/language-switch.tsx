/** The switch of the language: a form, so that it works without script, and comes back to the page it stands on. */
import type { ReactNode } from 'react';
import type { Language } from '../../sdc/language.ts';

/** Each language in its own words. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  nb: 'Bokmål',
  nn: 'Nynorsk',
  en: 'English',
};

const LABELS: Readonly<Record<Language, string>> = { nb: 'Språk', nn: 'Språk', en: 'Language' };

export interface LanguageSwitchProps {
  readonly lang: Language;
  readonly path: string;
}

export const LanguageSwitch = ({ lang, path }: LanguageSwitchProps): ReactNode => (
  <form method="post" action="/sprak" className="language-switch no-print" aria-label={LABELS[lang]}>
    <input type="hidden" name="tilbake" value={path} />
    {Object.entries(LANGUAGE_NAMES).map(([language, name]) => (
      <button
        key={language}
        type="submit"
        name="sprak"
        value={language}
        lang={language}
        aria-current={language === lang ? 'true' : undefined}
      >
        {name}
      </button>
    ))}
  </form>
);
