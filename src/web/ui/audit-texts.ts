/**
 * Texts of the pages on the audit trail. A registered person reads the list of who has seen the data: plain words for what
 * was done, by the name of the interaction.
 */
import type { Deviation } from '../../registry/audit/deviations.ts';
import type { Verdict } from '../../registry/audit/review.ts';

export const auditTexts = {
  title: 'Tilgangslogg',
  lead: 'Her ser du hva medarbeiderne har åpnet og endret. Merkene sier hvor det kan være grunn til å spørre; de er ikke i seg selv feil.',
  period: 'Periode',
  user: 'Brukernavn',
  from: 'Fra dato',
  to: 'Til og med dato',
  show: 'Vis',
  all: 'Alle',
  marked: 'Med merke',
  open: 'Ikke fulgt opp',
  sample: 'Stikkprøve',
  sampleLead: 'Stikkprøve på {n} tilfeldige hendelser i perioden. Adressen gir samme utvalg igjen.',
  sampleNew: 'Trekk en ny stikkprøve',
  none: 'Ingen hendelser i perioden passer med filteret. Velg en lengre periode, eller vis alle.',
  cut: 'Perioden har flere hendelser enn det er plass til her. Du ser de {n} siste. Velg en kortere periode for å se resten.',
  when: 'Når',
  who: 'Hvem',
  where: 'Hvor',
  what: 'Hva',
  patients: 'Pasienter',
  marks: 'Merker',
  followUp: 'Oppfølging',
  followedUp: 'Fulgt opp',
  openEvent: 'Se nærmere',
  event: 'Hendelse i tilgangsloggen',
  back: 'Til tilgangsloggen',
  outcome: 'Utfall',
  ok: 'Gitt',
  refused: 'Avvist ({status})',
  seen: 'Hva som ble vist eller lagret',
  purpose: 'Formål',
  legalBasis: 'Rettslig grunnlag',
  requestId: 'Forespørsel',
  verdict: 'Vurdering',
  comment: 'Hva er gjort?',
  commentHint: 'Ikke skriv navn eller fødselsnummer.',
  commentNeeded: 'Skriv hva som er gjort.',
  save: 'Merk som fulgt opp',
  saved: 'Oppfølgingen er lagret.',
  noFollowUp: 'Ingen har fulgt opp hendelsen ennå.',
  accessTitle: 'Hvem har sett på meg?',
  accessLink: 'Hvem har sett på pasienten',
  accessLead:
    'Listen viser alle som har sett på eller endret opplysninger om deg i {register}, med de nyeste først. Du har rett til å få den. Spør oss hvis det er noe du lurer på.',
  accessNone: 'Ingen har sett på opplysningene.',
  accessMade: 'Laget {at}',
  download: 'Last ned',
  print: 'Skriv ut siden med nettleserens utskrift.',
  system: 'Automatisk behandling',
  yourself: 'Deg selv',
  unknownUnit: 'Nasjonalt',
} as const;

export const deviationTexts: Readonly<Record<Deviation, string>> = {
  'other-unit': 'Annen avdeling',
  night: 'Natt',
  many: 'Mange pasienter på en time',
  colleague: 'Kollega',
  refused: 'Avvist',
};

export const verdictTexts: Readonly<Record<Verdict, string>> = {
  'in-order': 'I orden',
  asked: 'Spurt den det gjelder',
  deviation: 'Meldt som avvik',
};

/** v3-ActReason codes that are in use, in words. */
export const purposeTexts: Readonly<Record<string, string>> = {
  HQUALIMP: 'kvalitetsforbedring',
  HSYSADMIN: 'drift av registeret',
  PATRQT: 'på oppdrag fra pasienten',
  ETREAT: 'øyeblikkelig hjelp',
};

export const roleTexts: Readonly<Record<string, string>> = {
  LU: 'lokal bruker',
  LC: 'lokal koordinator',
  SC: 'registerleder',
};

const KINDS: Readonly<Record<string, string>> = {
  'work-list': 'Så på arbeidslisten',
  'patient-page': 'Åpnet pasientsiden',
  'received-data': 'Så på data fra journalen',
  'open-form': 'Åpnet et skjema',
  'save-form': 'Lagret et skjema',
  'form-history': 'Så på endringene i et skjema',
  launch: 'Åpnet registeret fra journalen',
  'choose-patient': 'Valgte pasient for en app',
  'consent-page': 'Så på samtykket',
  'withdraw-consent': 'Trakk tilbake samtykket, slik du ba om',
  reservations: 'Så på reservasjoner',
  reserve: 'Registrerte reservasjonen din og slettet opplysningene',
  'take-back-reservation': 'Opphevet reservasjonen',
  'invite-patient': 'Ba deg svare på et skjema',
  'patient-invited': 'Laget en kode eller lenke til skjemaet ditt',
  'patient-code-sent': 'Fikk en kode på SMS',
  'patient-entered': 'Logget inn med kode',
  'patient-opened': 'Åpnet skjemaet',
  'patient-form': 'Lagret svarene i skjemaet',
  'patient-left': 'Gikk ut av skjemaet',
  'start-pathway': 'Opprettet et forløp',
  'trail-review': 'Så i tilgangsloggen',
  'trail-event': 'Så på en hendelse i tilgangsloggen',
  'trail-followed-up': 'Fulgte opp en hendelse i tilgangsloggen',
  'access-list': 'Laget listen over hvem som har sett på deg',
  read: 'Leste opplysninger',
  vread: 'Leste en tidligere versjon',
  history: 'Leste tidligere versjoner',
  'history-instance': 'Leste tidligere versjoner',
  'history-type': 'Leste tidligere versjoner',
  'search-type': 'Søkte',
  create: 'Registrerte opplysninger',
  update: 'Endret opplysninger',
  patch: 'Endret opplysninger',
  delete: 'Slettet opplysninger',
  transaction: 'Sendte inn opplysninger',
  batch: 'Sendte inn opplysninger',
  $export: 'Hentet ut data',
  '$export-file': 'Hentet ut data',
  $everything: 'Hentet alle opplysninger',
  $match: 'Søkte etter personer',
  $populate: 'Fylte ut et skjema med data',
  '$viewdefinition-run': 'Laget en oversikt',
  'subscription-notification': 'Fikk beskjed om nye opplysninger',
};

/** What was done, in plain words; the name of the interaction for what has none. */
export const kindText = (kind: string, action?: string): string =>
  (action === 'R' ? READ_KINDS[kind] : undefined) ?? KINDS[kind] ?? `Behandlet opplysninger (${kind})`;

/** Those that are in the trail both for looking and for saving. */
const READ_KINDS: Readonly<Record<string, string>> = {
  'patient-form': 'Så på svarene i skjemaet',
};
