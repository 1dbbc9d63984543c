/** Rules that people at work meet, said to them when a write is refused; by the rule's code, in three languages. */
import type { Language } from '../../sdc/language.ts';

const nb = {
  'captured-register':
    'Registeret fylles av det journalen sender. Forløp opprettes når opplysningene kommer, og ikke for hånd.',
  'form-days-over':
    'Fristen for å registrere skjemaet er ute, og det tar ikke imot flere svar. Makuler papirskjemaet.',
  'form-closed': 'Skjemaet er låst uten svar. Årsaken står i Pasientregistreringer.',
  'person-reserved': 'Personen har reservert seg mot å være i registeret, og blir ikke registrert.',
  'consent-withdrawn': 'Pasienten har trukket tilbake samtykket. Ingenting mer kan registreres i forløpet.',
  'form-submitted': 'Pasienten har sendt inn skjemaet. Importer eller forkast det først.',
  'form-not-submitted':
    'Det er ingenting å importere eller forkaste: skjemaet er ikke sendt inn, eller noen har gjort det alt.',
  'reason-of-list': 'Velg en årsak.',
  'form-not-discarded':
    'Det er ingenting å hente tilbake: noen har begynt på skjemaet på nytt, eller det er ikke åpent lenger.',
  'form-sent-anew': 'Pasienten har fått en ny kode eller lenke. Svarene kan ikke hentes tilbake.',
  'restore-role': 'Bare en lokal koordinator kan hente tilbake det som er forkastet.',
};

type RuleTexts = Readonly<Record<keyof typeof nb, string>>;

const nn: RuleTexts = {
  'captured-register':
    'Registeret blir fylt av det journalen sender. Forløp blir oppretta når opplysningane kjem, og ikkje for hand.',
  'form-days-over':
    'Fristen for å registrere skjemaet er ute, og det tek ikkje imot fleire svar. Makuler papirskjemaet.',
  'form-closed': 'Skjemaet er låst utan svar. Årsaka står i Pasientregistreringer.',
  'person-reserved': 'Personen har reservert seg mot å vere i registeret, og blir ikkje registrert.',
  'consent-withdrawn': 'Pasienten har trekt tilbake samtykket. Ingenting meir kan registrerast i forløpet.',
  'form-submitted': 'Pasienten har sendt inn skjemaet. Importer eller forkast det først.',
  'form-not-submitted':
    'Det er ingenting å importere eller forkaste: skjemaet er ikkje sendt inn, eller nokon har alt gjort det.',
  'reason-of-list': 'Vel ei årsak.',
  'form-not-discarded':
    'Det er ingenting å hente tilbake: nokon har begynt på skjemaet på nytt, eller det er ikkje ope lenger.',
  'form-sent-anew': 'Pasienten har fått ein ny kode eller lenkje. Svara kan ikkje hentast tilbake.',
  'restore-role': 'Berre ein lokal koordinator kan hente tilbake det som er forkasta.',
};

const en: RuleTexts = {
  'captured-register':
    'The register is filled by what the health record sends. Pathways are opened when data arrive, and not by hand.',
  'form-days-over':
    'The days on which the form can be registered are over, and it takes no more answers. Destroy the paper form.',
  'form-closed': 'The form is locked without an answer. The reason is in Patient forms.',
  'person-reserved': 'The person has opted out of the register, and is not registered.',
  'consent-withdrawn':
    'The patient has withdrawn the consent. Nothing more can be registered in the pathway.',
  'form-submitted': 'The patient has sent in the form. Import or discard it first.',
  'form-not-submitted':
    'There is nothing to import or discard: the form is not sent in, or somebody has done so already.',
  'reason-of-list': 'Choose a reason.',
  'form-not-discarded':
    'There is nothing to bring back: somebody has begun the form anew, or it is not open any more.',
  'form-sent-anew': 'The patient has got a new code or link. The answers cannot be brought back.',
  'restore-role': 'Only a local coordinator can bring back what was discarded.',
};

export const ruleTexts: Readonly<Record<Language, RuleTexts>> = { nb, nn, en };

/** What to say of a rule; undefined for those that people do not meet. */
export const ruleText = (lang: Language, rule: string): string | undefined =>
  Object.hasOwn(nb, rule) ? ruleTexts[lang][rule as keyof typeof nb] : undefined;
