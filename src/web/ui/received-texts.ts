/** Texts on forms that are handed to the patient and come back to staff, in bokmål, nynorsk and English. */
import type { Language } from '../../sdc/language.ts';

const nb = {
  status: (form: string) => `${form}: klar til import`,
  title: 'Pasientregistrering klar til import',
  sentIn: (when: string) => `Pasienten sendte inn svarene ${when}.`,
  answered: (n: number, m: number) => `${n} av ${m} spørsmål er besvart.`,
  import: 'Importer',
  importLead:
    'Svarene blir en kladd. Gå gjennom den sammen med pasienten, fyll ut det som mangler, og ferdigstill.',
  seeAnswers: 'Se svarene før du importerer',
  discard: 'Forkast …',
  discardLead:
    'Svarene tas bort, og pasienten kan få en ny engangskode og svare på nytt. Til det skjer, kan en lokal koordinator angre.',
  why: 'Hvorfor?',
  discardSure: 'Ja, forkast svarene',
  discarded: (when: string, why: string) =>
    `Det pasienten sendte inn, ble forkastet ${when}. Årsak: ${why}. Lag en ny engangskode hvis pasienten skal svare på nytt.`,
  mayUndo: 'Var det en feil, kan du hente svarene tilbake.',
  othersUndo: 'Var det en feil, kan en lokal koordinator hente svarene tilbake før pasienten får ny kode.',
  undo: 'Angre, og hent svarene tilbake',
  isBack: 'Svarene er hentet tilbake og venter på import.',
  lead: 'Pasienten svarer på pc-en på poliklinikken, med fødselsdato og en engangskode som gjelder én gang.',
  generate: 'Generer engangskode',
  link: 'Send lenke på SMS i stedet',
  byHand: 'Registrer svarene selv, for eksempel fra papir',
  back: (form: string) => `Tilbake til ${form}`,
  toPatient: 'Tilbake til pasientoversikten',
  notOpen: (form: string) => `Skjemaet åpnes når ${form} er lagret.`,
  hub: 'et annet skjema',
  ended: 'Skjemaet er ferdigstilt, og pasienten kan ikke svare på det mer.',
  underWay: 'Noen har begynt på skjemaet. Det som er lagret, blir stående når pasienten logger inn.',
};

const nn: typeof nb = {
  ...nb,
  status: (form) => `${form}: klar til import`,
  sentIn: (when) => `Pasienten sende inn svara ${when}.`,
  answered: (n, m) => `Det er svart på ${n} av ${m} spørsmål.`,
  import: 'Importer',
  importLead:
    'Svara blir ein kladd. Gå gjennom han saman med pasienten, fyll ut det som manglar, og ferdigstill.',
  seeAnswers: 'Sjå svara før du importerer',
  discard: 'Forkast …',
  discardLead:
    'Svara blir tekne bort, og pasienten kan få ein ny eingongskode og svare på nytt. Til det skjer, kan ein lokal koordinator angre.',
  why: 'Kvifor?',
  discardSure: 'Ja, forkast svara',
  discarded: (when, why) =>
    `Det pasienten sende inn, blei forkasta ${when}. Årsak: ${why}. Lag ein ny eingongskode om pasienten skal svare på nytt.`,
  mayUndo: 'Var det ein feil, kan du hente svara tilbake.',
  othersUndo: 'Var det ein feil, kan ein lokal koordinator hente svara tilbake før pasienten får ny kode.',
  undo: 'Angre, og hent svara tilbake',
  isBack: 'Svara er henta tilbake og ventar på import.',
  lead: 'Pasienten svarar på pc-en på poliklinikken, med fødselsdato og ein eingongskode som gjeld éin gong.',
  generate: 'Generer eingongskode',
  link: 'Send lenkje på SMS i staden',
  byHand: 'Registrer svara sjølv, til dømes frå papir',
  back: (form) => `Tilbake til ${form}`,
  toPatient: 'Tilbake til pasientoversikta',
  notOpen: (form) => `Skjemaet blir opna når ${form} er lagra.`,
  hub: 'eit anna skjema',
  ended: 'Skjemaet er ferdigstilt, og pasienten kan ikkje svare på det meir.',
  underWay: 'Nokon har byrja på skjemaet. Det som er lagra, blir ståande når pasienten loggar inn.',
};

const en: typeof nb = {
  status: (form) => `${form}: ready for import`,
  title: 'Patient’s answers ready for import',
  sentIn: (when) => `The patient sent in the answers ${when}.`,
  answered: (n, m) => `${n} of ${m} questions are answered.`,
  import: 'Import',
  importLead:
    'The answers become a draft. Go through it with the patient, fill in what is missing, and complete it.',
  seeAnswers: 'See the answers before you import',
  discard: 'Discard …',
  discardLead:
    'The answers are taken away, and the patient can get a new one-time code and answer again. Until then a local coordinator can undo it.',
  why: 'Why?',
  discardSure: 'Yes, discard the answers',
  discarded: (when, why) =>
    `What the patient sent in was discarded ${when}. Reason: ${why}. Make a new one-time code if the patient is to answer again.`,
  mayUndo: 'If it was a mistake, you can bring the answers back.',
  othersUndo:
    'If it was a mistake, a local coordinator can bring the answers back before the patient gets a new code.',
  undo: 'Undo, and bring the answers back',
  isBack: 'The answers are back and wait for import.',
  lead: 'The patient answers on the clinic’s PC, with the date of birth and a code that works once.',
  generate: 'Generate one-time code',
  link: 'Send a link by text message instead',
  byHand: 'Register the answers yourself, for example from paper',
  back: (form) => `Back to ${form}`,
  toPatient: 'Back to the patient',
  notOpen: (form) => `The form opens when ${form} is saved.`,
  hub: 'another form',
  ended: 'The form is completed, and the patient cannot answer it any more.',
  underWay: 'Somebody has begun the form. What is saved stays when the patient logs in.',
};

export const receivedTexts: Readonly<Record<Language, typeof nb>> = { nb, nn, en };
