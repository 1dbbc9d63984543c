/**
 * What was done, in plain words, by the name of the interaction: a registered person reads them in the list of who has seen
 * the data.
 */
import type { Language } from '../../sdc/language.ts';

/** In bokmål, nynorsk and English. */
type Words = readonly [nb: string, nn: string, en: string];

const AT: Readonly<Record<Language, 0 | 1 | 2>> = { nb: 0, nn: 1, en: 2 };

const EARLIER: Words = ['Leste tidligere versjoner', 'Las tidlegare versjonar', 'Read earlier versions'];
const CHANGED: Words = ['Endret opplysninger', 'Endra opplysningar', 'Changed data'];
const SENT: Words = ['Sendte inn opplysninger', 'Sende inn opplysningar', 'Sent in data'];
const TAKEN: Words = ['Hentet ut data', 'Henta ut data', 'Took out data'];

const KINDS: Readonly<Record<string, Words>> = {
  'work-list': ['Så på arbeidslisten', 'Såg på arbeidslista', 'Looked at the work list'],
  'patient-page': ['Åpnet pasientsiden', 'Opna pasientsida', 'Opened the patient’s page'],
  'received-data': [
    'Så på data fra journalen',
    'Såg på data frå journalen',
    'Looked at data from the health record',
  ],
  'open-form': ['Åpnet et skjema', 'Opna eit skjema', 'Opened a form'],
  'save-form': ['Lagret et skjema', 'Lagra eit skjema', 'Saved a form'],
  'form-history': [
    'Så på endringene i et skjema',
    'Såg på endringane i eit skjema',
    'Looked at the changes of a form',
  ],
  'empty-form': ['Hentet et tomt skjema', 'Henta eit tomt skjema', 'Fetched an empty form'],
  files: ['Så på filarkivet', 'Såg på filarkivet', 'Looked at the file archive'],
  file: ['Lastet ned en fil', 'Lasta ned ei fil', 'Downloaded a file'],
  'file-added': ['La ut en fil', 'La ut ei fil', 'Laid out a file'],
  'file-deleted': ['Slettet en fil', 'Sletta ei fil', 'Deleted a file'],
  places: [
    'Så på avdelinger og lokasjoner',
    'Såg på avdelingar og lokasjonar',
    'Looked at departments and locations',
  ],
  place: [
    'Åpnet en avdeling eller lokasjon',
    'Opna ei avdeling eller ein lokasjon',
    'Opened a department or location',
  ],
  'place-added': [
    'La til en avdeling eller lokasjon',
    'La til ei avdeling eller ein lokasjon',
    'Added a department or location',
  ],
  'place-changed': [
    'Endret en avdeling eller lokasjon',
    'Endra ei avdeling eller ein lokasjon',
    'Changed a department or location',
  ],
  'place-deleted': [
    'Slettet en avdeling eller lokasjon',
    'Sletta ei avdeling eller ein lokasjon',
    'Deleted a department or location',
  ],
  overview: ['Så på den lokale oversikten', 'Såg på den lokale oversikta', 'Looked at the local overview'],
  resource: ['Så på en lagret ressurs', 'Såg på ein lagra ressurs', 'Looked at a stored resource'],
  'print-form': ['Skrev ut et skjema', 'Skreiv ut eit skjema', 'Printed a form'],
  launch: [
    'Åpnet registeret fra journalen',
    'Opna registeret frå journalen',
    'Opened the register from the health record',
  ],
  'choose-patient': [
    'Valgte pasient for en app',
    'Valde pasient for ein app',
    'Chose the patient for an app',
  ],
  'consent-page': ['Så på samtykket', 'Såg på samtykket', 'Looked at the consent'],
  'withdraw-consent': [
    'Trakk tilbake samtykket, slik du ba om',
    'Trekte tilbake samtykket, slik du bad om',
    'Withdrew the consent, as you asked',
  ],
  reservations: ['Så på reservasjoner', 'Såg på reservasjonar', 'Looked at opt-outs'],
  reserve: [
    'Registrerte reservasjonen din og slettet opplysningene',
    'Registrerte reservasjonen din og sletta opplysningane',
    'Recorded your opt-out and deleted the data',
  ],
  'take-back-reservation': ['Opphevet reservasjonen', 'Oppheva reservasjonen', 'Took back the opt-out'],
  'patient-forms': [
    'Så på skjemaene som er sendt til deg',
    'Såg på skjemaa som er sende til deg',
    'Looked at the forms that were sent to you',
  ],
  'state-patient-forms': [
    'Bestilte, stoppet eller ferdigstilte skjemaer til deg',
    'Tinga, stoppa eller ferdigstilte skjema til deg',
    'Ordered, stopped or completed forms for you',
  ],
  'received-form': [
    'Så på skårene i skjemaet du sendte inn',
    'Såg på skårane i skjemaet du sende inn',
    'Looked at the scores of the form you sent in',
  ],
  'hand-over-form': [
    'Gjorde klart et skjema til deg',
    'Gjorde klart eit skjema til deg',
    'Made a form ready for you',
  ],
  'import-form': [
    'Importerte skjemaet du sendte inn',
    'Importerte skjemaet du sende inn',
    'Imported the form you sent in',
  ],
  'discard-form': [
    'Forkastet skjemaet du sendte inn',
    'Forkasta skjemaet du sende inn',
    'Discarded the form you sent in',
  ],
  'undo-discard-form': [
    'Hentet tilbake skjemaet du sendte inn',
    'Henta tilbake skjemaet du sende inn',
    'Brought back the form you sent in',
  ],
  'send-forms': ['Sendte eller låste et skjema', 'Sende eller låste eit skjema', 'Sent or locked a form'],
  'deliver-form': ['Ga deg beskjed om et skjema', 'Gav deg beskjed om eit skjema', 'Told you of a form'],
  'message-report': [
    'Fikk vite om beskjeden til deg kom fram',
    'Fekk vite om beskjeden til deg kom fram',
    'Was told whether the message to you arrived',
  ],
  'invite-patient': [
    'Ba deg svare på et skjema',
    'Bad deg svare på eit skjema',
    'Asked you to answer a form',
  ],
  'patient-invited': [
    'Laget en kode eller lenke til skjemaet ditt',
    'Laga ein kode eller ei lenkje til skjemaet ditt',
    'Made a code or a link to your form',
  ],
  'patient-code-sent': ['Fikk en kode på SMS', 'Fekk ein kode på SMS', 'Got a code by text message'],
  'patient-entered': ['Logget inn med kode', 'Logga inn med kode', 'Logged in with a code'],
  'patient-opened': ['Åpnet skjemaet', 'Opna skjemaet', 'Opened the form'],
  'patient-form': ['Lagret svarene i skjemaet', 'Lagra svara i skjemaet', 'Saved the answers of the form'],
  'patient-left': ['Gikk ut av skjemaet', 'Gjekk ut av skjemaet', 'Left the form'],
  'find-for-registration': [
    'Søkte etter deg for å registrere deg',
    'Søkte etter deg for å registrere deg',
    'Searched for you to register you',
  ],
  'register-person': ['Registrerte deg som ny pasient', 'Registrerte deg som ny pasient', 'Registered you'],
  'patient-search': ['Søkte etter pasienter', 'Søkte etter pasientar', 'Searched for patients'],
  'delete-pathway-page': ['Så på et forløp', 'Såg på eit forløp', 'Looked at a pathway'],
  'delete-pathway': ['Slettet et forløp', 'Sletta eit forløp', 'Deleted a pathway'],
  'delivered-list': [
    'Så på innleverte registreringer',
    'Såg på innleverte registreringar',
    'Looked at delivered registrations',
  ],
  'delivered-file': [
    'Lastet ned innleverte registreringer',
    'Lasta ned innleverte registreringar',
    'Downloaded delivered registrations',
  ],
  'start-pathway': ['Opprettet et forløp', 'Oppretta eit forløp', 'Opened a pathway'],
  'trail-review': ['Så i tilgangsloggen', 'Såg i tilgangsloggen', 'Looked in the access log'],
  'trail-event': [
    'Så på en hendelse i tilgangsloggen',
    'Såg på ei hending i tilgangsloggen',
    'Looked at an event of the access log',
  ],
  'trail-followed-up': [
    'Fulgte opp en hendelse i tilgangsloggen',
    'Følgde opp ei hending i tilgangsloggen',
    'Followed up an event of the access log',
  ],
  'access-list': [
    'Laget listen over hvem som har sett på deg',
    'Laga lista over kven som har sett på deg',
    'Made the list of who has looked at you',
  ],
  read: ['Leste opplysninger', 'Las opplysningar', 'Read data'],
  vread: ['Leste en tidligere versjon', 'Las ein tidlegare versjon', 'Read an earlier version'],
  history: EARLIER,
  'history-instance': EARLIER,
  'history-type': EARLIER,
  'search-type': ['Søkte', 'Søkte', 'Searched'],
  create: ['Registrerte opplysninger', 'Registrerte opplysningar', 'Registered data'],
  update: CHANGED,
  patch: CHANGED,
  delete: ['Slettet opplysninger', 'Sletta opplysningar', 'Deleted data'],
  transaction: SENT,
  batch: SENT,
  $export: TAKEN,
  '$export-file': TAKEN,
  $everything: ['Hentet alle opplysninger', 'Henta alle opplysningar', 'Fetched all data'],
  $match: ['Søkte etter personer', 'Søkte etter personar', 'Searched for people'],
  $populate: ['Fylte ut et skjema med data', 'Fylte ut eit skjema med data', 'Filled in a form with data'],
  '$viewdefinition-run': ['Laget en oversikt', 'Laga ei oversikt', 'Made an overview'],
  'subscription-notification': [
    'Fikk beskjed om nye opplysninger',
    'Fekk beskjed om nye opplysningar',
    'Was told of new data',
  ],
};

/** Those that are in the trail both for looking and for saving. */
const READ_KINDS: Readonly<Record<string, Words>> = {
  'patient-form': [
    'Så på svarene i skjemaet',
    'Såg på svara i skjemaet',
    'Looked at the answers of the form',
  ],
};

const OTHER: Words = ['Behandlet opplysninger', 'Behandla opplysningar', 'Processed data'];

/** What was done; the name of the interaction for what has no words. */
export function kindText(lang: Language, kind: string, action?: string): string {
  const words = (action === 'R' ? READ_KINDS[kind] : undefined) ?? KINDS[kind];
  return words === undefined ? `${OTHER[AT[lang]]} (${kind})` : words[AT[lang]];
}
