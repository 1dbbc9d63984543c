/** Texts of launches from an EHR, in bokmål, nynorsk and English: how it is begun, what came with it, what went wrong. */
import type { Language } from '../../sdc/language.ts';
import type { LaunchFailureKind } from '../../smart/launch-failure.ts';

/** What happened, and what to do now. */
interface Failure {
  readonly title: string;
  readonly whatToDo: (ehr: string) => string;
}

const nb = {
  pickTitle: 'Åpne fra journalen',
  pickLead:
    'Velg journalsystemet du arbeider i. Der logger du inn og velger pasienten, og så kommer du tilbake hit med det journalen har om pasienten.',
  pickNone: 'Ingen journalsystemer er knyttet til registeret. Snakk med den som drifter det.',
  pickLink: 'Hent pasienten fra journalen',
  missingTitle: 'Journalen ga ikke alt',
  missing: 'Dette fikk registeret ikke lese, og det må fylles ut for hånd:',
  types: {
    Encounter: 'opphold og konsultasjoner',
    Condition: 'diagnoser',
    Procedure: 'prosedyrer og operasjoner',
    MedicationStatement: 'legemidler',
    MedicationRequest: 'forskrivninger',
    Observation: 'målinger og observasjoner',
    ServiceRequest: 'henvisninger',
    AllergyIntolerance: 'allergier',
    DiagnosticReport: 'svarrapporter',
  } as Readonly<Record<string, string>>,
  taskGone: 'Skjemaet som journalen ville åpne, er ikke åpent for denne pasienten. Velg blant disse.',
  someEhr: 'Journalsystemet',
  logIn: 'Logg inn her i stedet',
  again: 'Velg journalsystem',
  failures: {
    'unknown-ehr': {
      title: 'Ukjent journalsystem',
      whatToDo: () =>
        'Dette journalsystemet er ikke knyttet til registeret, og ingen forespørsel er sendt til det. Be den som drifter journalsystemet om å melde det inn hos registeret.',
    },
    'ehr-unreachable': {
      title: 'Journalsystemet svarer ikke',
      whatToDo: (ehr) =>
        `${ehr} svarte ikke. Prøv å åpne skjemaet fra journalen igjen om noen minutter. Haster det, kan du logge inn her og registrere for hånd.`,
    },
    'ehr-broken': {
      title: 'Journalsystemet er ikke satt opp riktig',
      whatToDo: (ehr) =>
        `${ehr} svarte, men ikke med det registeret trenger for å koble seg til. Meld fra til den som drifter journalsystemet. Imens kan du logge inn her og registrere for hånd.`,
    },
    expired: {
      title: 'Åpningen er for gammel',
      whatToDo: () =>
        'Åpningen fra journalen er utløpt, brukt fra før eller begynt i en annen nettleser. Åpne skjemaet fra journalen på nytt.',
    },
    'not-confirmed': {
      title: 'Svaret fra journalen lot seg ikke bekrefte',
      whatToDo: (ehr) =>
        `Svaret som kom tilbake, passer ikke med det registeret spurte ${ehr} om, og er ikke brukt. Åpne skjemaet fra journalen på nytt. Skjer det igjen, meld fra til den som drifter journalsystemet.`,
    },
    'request-refused': {
      title: 'Journalsystemet tok ikke imot forespørselen',
      whatToDo: (ehr) =>
        `${ehr} godtok ikke forespørselen. Den kan være for gammel: åpne skjemaet fra journalen på nytt. Skjer det igjen, er registeret meldt inn der med feil adresse; meld fra til den som drifter journalsystemet.`,
    },
    denied: {
      title: 'Tilgangen ble avslått',
      whatToDo: (ehr) =>
        `Du, eller ${ehr}, sa nei til at registeret får lese i journalen. Ingenting er hentet. Åpne skjemaet på nytt og svar ja, eller logg inn her og registrer for hånd.`,
    },
    'scope-denied': {
      title: 'Registeret får ikke lese om pasienten',
      whatToDo: (ehr) =>
        `${ehr} gir ikke registeret lov til å lese pasientens navn og fødselsnummer. Meld fra til den som drifter journalsystemet. Imens kan du logge inn her og registrere for hånd.`,
    },
    'token-refused': {
      title: 'Journalsystemet slapp ikke registeret inn',
      whatToDo: (ehr) =>
        `${ehr} avviste registeret. Åpne skjemaet fra journalen på nytt. Skjer det igjen, kjenner journalsystemet ikke registerets nøkkel; meld fra til den som drifter det.`,
    },
    'no-patient': {
      title: 'Ingen pasient er valgt',
      whatToDo: (ehr) => `${ehr} oppga ingen pasient. Velg en pasient i journalen, og åpne skjemaet derfra.`,
    },
    'patient-unknown': {
      title: 'Pasienten finnes ikke i journalen',
      whatToDo: (ehr) =>
        `${ehr} oppga en pasient som det selv ikke kjenner. Åpne pasienten i journalen på nytt, og så skjemaet.`,
    },
    'patient-unreadable': {
      title: 'Pasienten kan ikke leses',
      whatToDo: (ehr) =>
        `${ehr} lar ikke registeret lese om denne pasienten. Journalen kan være sperret. Har du tilgang til pasienten i journalen, kan du logge inn her og registrere for hånd.`,
    },
    'ehr-down': {
      title: 'Journalsystemet falt ut',
      whatToDo: (ehr) =>
        `${ehr} sluttet å svare underveis. Ingenting er lagret. Åpne skjemaet fra journalen igjen om noen minutter, eller logg inn her og registrer for hånd.`,
    },
    'session-ended': {
      title: 'Økten er over',
      whatToDo: (ehr) =>
        `Det er en stund siden du gjorde noe her. Det som er lagret, er tatt vare på. Åpne skjemaet fra ${ehr} på nytt.`,
    },
  } satisfies Record<LaunchFailureKind, Failure> as Record<LaunchFailureKind, Failure>,
};

const nn: typeof nb = {
  ...nb,
  pickTitle: 'Opne frå journalen',
  pickLead:
    'Vel journalsystemet du arbeider i. Der loggar du inn og vel pasienten, og så kjem du tilbake hit med det journalen har om pasienten.',
  pickNone: 'Ingen journalsystem er knytte til registeret. Snakk med den som driftar det.',
  pickLink: 'Hent pasienten frå journalen',
  missingTitle: 'Journalen gav ikkje alt',
  missing: 'Dette fekk registeret ikkje lese, og det må fyllast ut for hand:',
  types: {
    Encounter: 'opphald og konsultasjonar',
    Condition: 'diagnosar',
    Procedure: 'prosedyrar og operasjonar',
    MedicationStatement: 'legemiddel',
    MedicationRequest: 'forskrivingar',
    Observation: 'målingar og observasjonar',
    ServiceRequest: 'tilvisingar',
    AllergyIntolerance: 'allergiar',
    DiagnosticReport: 'svarrapportar',
  },
  taskGone: 'Skjemaet som journalen ville opne, er ikkje ope for denne pasienten. Vel mellom desse.',
  logIn: 'Logg inn her i staden',
  again: 'Vel journalsystem',
  failures: {
    'unknown-ehr': {
      title: 'Ukjent journalsystem',
      whatToDo: () =>
        'Dette journalsystemet er ikkje knytt til registeret, og ingen førespurnad er send til det. Be den som driftar journalsystemet om å melde det inn hos registeret.',
    },
    'ehr-unreachable': {
      title: 'Journalsystemet svarer ikkje',
      whatToDo: (ehr) =>
        `${ehr} svarte ikkje. Prøv å opne skjemaet frå journalen igjen om nokre minutt. Hastar det, kan du logge inn her og registrere for hand.`,
    },
    'ehr-broken': {
      title: 'Journalsystemet er ikkje sett opp rett',
      whatToDo: (ehr) =>
        `${ehr} svarte, men ikkje med det registeret treng for å kople seg til. Meld frå til den som driftar journalsystemet. Imens kan du logge inn her og registrere for hand.`,
    },
    expired: {
      title: 'Opninga er for gammal',
      whatToDo: () =>
        'Opninga frå journalen er gått ut, brukt frå før eller byrja i ein annan nettlesar. Opne skjemaet frå journalen på nytt.',
    },
    'not-confirmed': {
      title: 'Svaret frå journalen lét seg ikkje stadfeste',
      whatToDo: (ehr) =>
        `Svaret som kom tilbake, passar ikkje med det registeret spurde ${ehr} om, og er ikkje brukt. Opne skjemaet frå journalen på nytt. Skjer det igjen, meld frå til den som driftar journalsystemet.`,
    },
    'request-refused': {
      title: 'Journalsystemet tok ikkje imot førespurnaden',
      whatToDo: (ehr) =>
        `${ehr} godtok ikkje førespurnaden. Han kan vere for gammal: opne skjemaet frå journalen på nytt. Skjer det igjen, er registeret meldt inn der med feil adresse; meld frå til den som driftar journalsystemet.`,
    },
    denied: {
      title: 'Tilgangen vart avslått',
      whatToDo: (ehr) =>
        `Du, eller ${ehr}, sa nei til at registeret får lese i journalen. Ingenting er henta. Opne skjemaet på nytt og svar ja, eller logg inn her og registrer for hand.`,
    },
    'scope-denied': {
      title: 'Registeret får ikkje lese om pasienten',
      whatToDo: (ehr) =>
        `${ehr} gir ikkje registeret lov til å lese namnet og fødselsnummeret til pasienten. Meld frå til den som driftar journalsystemet. Imens kan du logge inn her og registrere for hand.`,
    },
    'token-refused': {
      title: 'Journalsystemet sleppte ikkje registeret inn',
      whatToDo: (ehr) =>
        `${ehr} avviste registeret. Opne skjemaet frå journalen på nytt. Skjer det igjen, kjenner journalsystemet ikkje nøkkelen til registeret; meld frå til den som driftar det.`,
    },
    'no-patient': {
      title: 'Ingen pasient er vald',
      whatToDo: (ehr) =>
        `${ehr} oppgav ingen pasient. Vel ein pasient i journalen, og opne skjemaet derifrå.`,
    },
    'patient-unknown': {
      title: 'Pasienten finst ikkje i journalen',
      whatToDo: (ehr) =>
        `${ehr} oppgav ein pasient som det sjølv ikkje kjenner. Opne pasienten i journalen på nytt, og så skjemaet.`,
    },
    'patient-unreadable': {
      title: 'Pasienten kan ikkje lesast',
      whatToDo: (ehr) =>
        `${ehr} lèt ikkje registeret lese om denne pasienten. Journalen kan vere sperra. Har du tilgang til pasienten i journalen, kan du logge inn her og registrere for hand.`,
    },
    'ehr-down': {
      title: 'Journalsystemet fall ut',
      whatToDo: (ehr) =>
        `${ehr} slutta å svare undervegs. Ingenting er lagra. Opne skjemaet frå journalen igjen om nokre minutt, eller logg inn her og registrer for hand.`,
    },
    'session-ended': {
      title: 'Økta er over',
      whatToDo: (ehr) =>
        `Det er ei stund sidan du gjorde noko her. Det som er lagra, er teke vare på. Opne skjemaet frå ${ehr} på nytt.`,
    },
  },
};

const en: typeof nb = {
  pickTitle: 'Open from the health record',
  pickLead:
    'Choose the record system that you work in. You log in and choose the patient there, and come back here with what the record has about the patient.',
  pickNone: 'No record systems are connected to the register. Ask whoever runs it.',
  pickLink: 'Get the patient from the health record',
  missingTitle: 'The record did not give everything',
  missing: 'The register was not let read this, and it has to be filled in by hand:',
  types: {
    Encounter: 'stays and visits',
    Condition: 'diagnoses',
    Procedure: 'procedures and operations',
    MedicationStatement: 'medicines',
    MedicationRequest: 'prescriptions',
    Observation: 'measurements and observations',
    ServiceRequest: 'referrals',
    AllergyIntolerance: 'allergies',
    DiagnosticReport: 'reports',
  },
  taskGone: 'The form that the record wanted to open is not open for this patient. Choose among these.',
  someEhr: 'The record system',
  logIn: 'Log in here instead',
  again: 'Choose a record system',
  failures: {
    'unknown-ehr': {
      title: 'Unknown record system',
      whatToDo: () =>
        'This record system is not connected to the register, and nothing was sent to it. Ask whoever runs it to have it registered here.',
    },
    'ehr-unreachable': {
      title: 'The record system does not answer',
      whatToDo: (ehr) =>
        `${ehr} did not answer. Open the form from the record again in a few minutes. If it is urgent, log in here and register by hand.`,
    },
    'ehr-broken': {
      title: 'The record system is not set up right',
      whatToDo: (ehr) =>
        `${ehr} answered, but not with what the register needs to connect. Tell whoever runs it. Meanwhile, log in here and register by hand.`,
    },
    expired: {
      title: 'The launch is too old',
      whatToDo: () =>
        'The launch from the record has run out, was used before, or began in another browser. Open the form from the record again.',
    },
    'not-confirmed': {
      title: 'The answer from the record could not be confirmed',
      whatToDo: (ehr) =>
        `The answer does not fit what the register asked ${ehr} for, and was not used. Open the form from the record again. If it happens again, tell whoever runs the record system.`,
    },
    'request-refused': {
      title: 'The record system did not take the request',
      whatToDo: (ehr) =>
        `${ehr} did not accept the request. It may be too old: open the form from the record again. If it happens again, the register is registered there with a wrong address; tell whoever runs it.`,
    },
    denied: {
      title: 'Access was refused',
      whatToDo: (ehr) =>
        `You, or ${ehr}, said no to the register reading the record. Nothing was fetched. Open the form again and say yes, or log in here and register by hand.`,
    },
    'scope-denied': {
      title: 'The register may not read about the patient',
      whatToDo: (ehr) =>
        `${ehr} does not let the register read the patient’s name and number. Tell whoever runs it. Meanwhile, log in here and register by hand.`,
    },
    'token-refused': {
      title: 'The record system did not let the register in',
      whatToDo: (ehr) =>
        `${ehr} turned the register away. Open the form from the record again. If it happens again, it does not know the register’s key; tell whoever runs it.`,
    },
    'no-patient': {
      title: 'No patient is chosen',
      whatToDo: (ehr) =>
        `${ehr} named no patient. Choose a patient in the record, and open the form from there.`,
    },
    'patient-unknown': {
      title: 'The record does not have the patient',
      whatToDo: (ehr) =>
        `${ehr} named a patient that it does not know itself. Open the patient in the record again, and then the form.`,
    },
    'patient-unreadable': {
      title: 'The patient cannot be read',
      whatToDo: (ehr) =>
        `${ehr} does not let the register read about this patient. The record may be blocked. If you have access to the patient there, log in here and register by hand.`,
    },
    'ehr-down': {
      title: 'The record system fell out',
      whatToDo: (ehr) =>
        `${ehr} stopped answering on the way. Nothing is stored. Open the form from the record again in a few minutes, or log in here and register by hand.`,
    },
    'session-ended': {
      title: 'The session is over',
      whatToDo: (ehr) =>
        `It is a while since you did anything here. What was saved is kept. Open the form from ${ehr} again.`,
    },
  },
};

export const launchTexts: Readonly<Record<Language, typeof nb>> = { nb, nn, en };
