/** Texts of the local overview, in bokmål, nynorsk and English. `{x}` is filled by `fill`. */
import type { Language } from '../../sdc/language.ts';

const nb = {
  title: 'Lokal oversikt',
  lead: '{department}. Bare ferdigstilte skjemaer er med, om ikke annet står.',
  national:
    'Alle avdelinger, i det nasjonale registeret. Bare ferdigstilte skjemaer er med, om ikke annet står.',
  none: 'Registeret har ingen oversikt.',
  nothing: 'Ingenting å telle ennå.',
  table: 'Vis tallene',
  month: 'Måned',
  sum: 'Sum',
  share: 'Andel',
  of: '{n} av {of}',
  what: 'Hva',
  count: 'Antall',
  days: 'Dager',
  range: '{from}–{to}',
  more: '{from} eller flere',
  median: 'Medianen er {median} dager (n = {n}).',
  describe: '{name}: {n} til sammen. Flest i {month}: {most}.',
};

const nn: typeof nb = {
  title: 'Lokal oversikt',
  lead: '{department}. Berre ferdigstilte skjema er med, om ikkje anna står.',
  national:
    'Alle avdelingar, i det nasjonale registeret. Berre ferdigstilte skjema er med, om ikkje anna står.',
  none: 'Registeret har inga oversikt.',
  nothing: 'Ingenting å telje enno.',
  table: 'Vis tala',
  month: 'Månad',
  sum: 'Sum',
  share: 'Del',
  of: '{n} av {of}',
  what: 'Kva',
  count: 'Tal',
  days: 'Dagar',
  range: '{from}–{to}',
  more: '{from} eller fleire',
  median: 'Medianen er {median} dagar (n = {n}).',
  describe: '{name}: {n} til saman. Flest i {month}: {most}.',
};

const en: typeof nb = {
  title: 'Local overview',
  lead: '{department}. Only completed forms are counted, unless it says otherwise.',
  national:
    'All departments, in the national register. Only completed forms are counted, unless it says otherwise.',
  none: 'The register has no overview.',
  nothing: 'Nothing to count yet.',
  table: 'Show the figures',
  month: 'Month',
  sum: 'Total',
  share: 'Share',
  of: '{n} of {of}',
  what: 'What',
  count: 'Number',
  days: 'Days',
  range: '{from}–{to}',
  more: '{from} or more',
  median: 'The median is {median} days (n = {n}).',
  describe: '{name}: {n} in all. Most in {month}: {most}.',
};

export const overviewTexts: Readonly<Record<Language, typeof nb>> = { nb, nn, en };
