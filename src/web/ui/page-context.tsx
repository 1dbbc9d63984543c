/**
 * Language and texts of the page, for every part of it.
 */
import { createContext, useContext } from 'react';
import type { Language } from '../../sdc/language.ts';
import { pageTexts, type PageTexts } from './page-texts.ts';

export interface PageFrame {
  readonly lang: Language;
  readonly t: PageTexts;
  readonly needsBanner?: boolean | undefined;
}

const Context = createContext<PageFrame>({ lang: 'nb', t: pageTexts.nb });
export const PageFrameProvider = Context.Provider;
export const usePage = (): PageFrame => useContext(Context);

/** The texts of a page in the reader's language. */
export const useTexts = <T,>(texts: Readonly<Record<Language, T>>): T => texts[usePage().lang];
