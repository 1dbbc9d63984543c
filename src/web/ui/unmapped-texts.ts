/** Texts of the page on values that cannot be coded, in bokmål, nynorsk and English. */
import type { Language } from '../../sdc/language.ts';

const nb = {
  title: 'Kan ikke kodes',
  lead: 'Verdier fra andre systemer som registeret ikke har kode eller enhet for. De er ikke forkastet: de står ved siden av spørsmålet i skjemaene under. Når oversettelsen er rettet i registerets innhold, fylles skjemaer som fortsatt er åpne, og linjen forsvinner.',
  none: 'Alt som er mottatt, lar seg kode.',
  value: 'Verdi hos avsender',
  question: 'Spørsmål',
  sender: 'Avsender',
  count: 'Åpne skjemaer',
  since: 'Sist endret',
  form: 'Skjema {n}',
};
export type UnmappedTexts = Readonly<Record<keyof typeof nb, string>>;

const nn: UnmappedTexts = {
  title: 'Kan ikkje kodast',
  lead: 'Verdiar frå andre system som registeret ikkje har kode eller eining for. Dei er ikkje forkasta: dei står ved sida av spørsmålet i skjemaa under. Når omsetjinga er retta i innhaldet til registeret, blir skjema som framleis er opne, fylte, og linja forsvinn.',
  none: 'Alt som er motteke, lèt seg kode.',
  value: 'Verdi hos avsendar',
  question: 'Spørsmål',
  sender: 'Avsendar',
  count: 'Opne skjema',
  since: 'Sist endra',
  form: 'Skjema {n}',
};

const en: UnmappedTexts = {
  title: 'Cannot be coded',
  lead: 'Values from other systems that the register has no code or unit for. They are not discarded: they stand beside the question in the forms below. When the mapping is mended in the content of the register, forms that are still open are filled, and the line goes.',
  none: 'Everything that was received can be coded.',
  value: 'Value at the sender',
  question: 'Question',
  sender: 'Sender',
  count: 'Open forms',
  since: 'Last changed',
  form: 'Form {n}',
};

export const unmappedTexts: Readonly<Record<Language, UnmappedTexts>> = { nb, nn, en };
