/** Texts about apps that people give access to. Bokmål. */
import { parseScope, type SmartScope } from '../../access/scopes.ts';

export const appTexts = {
  consentTitle: (app: string) => `Gi ${app} tilgang?`,
  consentLead: (app: string, host: string) =>
    `${app} er laget av andre enn oss og vil hente opplysninger herfra på dine vegne. Appen kan aldri mer enn det du selv kan i rollen du er i nå. Du sendes tilbake til ${host}.`,
  patientChosen: 'Valgt pasient',
  changePatient: 'Velg en annen pasient',
  who: 'Hvem du er: navn og rolle',
  whichPatient: 'Hvilken pasient du har valgt',
  always: 'Appen får vite',
  scopes: 'Appen får lov til',
  scopesHint: 'Ta bort det du ikke vil gi.',
  give: 'Gi tilgang',
  refuse: 'Ikke gi tilgang',
  withdrawHint: 'Du kan ta tilgangen tilbake når som helst, under «Apper» på Min side.',
  pickTitle: 'Velg pasient',
  pickLead: (app: string) =>
    `${app} ber om opplysninger om én pasient. Her er pasientene du har tilgang til.`,
  search: 'Søk på navn eller PasientID',
  searchButton: 'Søk',
  pick: 'Velg',
  none: 'Ingen pasienter passer. Du ser bare pasienter ved din egen avdeling.',
  more: 'Flere pasienter passer enn de som vises. Søk på navnet.',
  gone: 'Forespørselen fra appen er utløpt, eller den ble åpnet i en annen nettleser. Gå tilbake til appen og prøv igjen.',
  goneTitle: 'Forespørselen er utløpt',
  appsTitle: 'Apper med tilgang',
  appsLead: 'Apper som du har gitt tilgang til opplysninger herfra. Det du tar tilbake, virker med en gang.',
  appsNone: 'Du har ikke gitt noen apper tilgang.',
  withdraw: 'Ta tilbake',
  withdrawn: 'Tilgangen er tatt tilbake.',
  app: 'App',
  given: 'Gitt',
  until: 'Gjelder til',
  lastUsed: 'Sist brukt',
  about: 'Omfang',
} as const;

const NAMES: Readonly<Record<string, string>> = {
  '*': 'alle opplysninger',
  AllergyIntolerance: 'allergier',
  CarePlan: 'behandlingsplaner',
  Condition: 'diagnoser',
  Consent: 'samtykker',
  DiagnosticReport: 'svarrapporter',
  DocumentReference: 'dokumenter',
  Encounter: 'kontakter',
  EpisodeOfCare: 'forløp',
  MedicationRequest: 'forskrivninger',
  MedicationStatement: 'legemidler',
  Observation: 'målinger og funn',
  Organization: 'enheter',
  Patient: 'personopplysninger',
  Practitioner: 'behandlere',
  PractitionerRole: 'roller',
  Procedure: 'prosedyrer',
  Questionnaire: 'skjemaer',
  QuestionnaireResponse: 'skjemasvar',
  Task: 'oppgaver',
};

const VERBS: readonly (readonly [letters: string, verb: string])[] = [
  ['rs', 'se'],
  ['c', 'registrere'],
  ['u', 'endre'],
  ['d', 'slette'],
];

/** A scope in plain words: `patient/Observation.rs` → «Se målinger og funn om den valgte pasienten». */
export function scopeText(scope: string): string {
  switch (scope) {
    case 'offline_access':
      return 'Beholde tilgangen i 30 dager, også når du ikke er logget inn';
    case 'online_access':
      return 'Beholde tilgangen så lenge du er logget inn';
    default: {
      const parsed = parseScope(scope);
      return parsed === undefined ? scope : dataText(parsed);
    }
  }
}

function dataText({ level, type, letters, constraints }: SmartScope): string {
  const verbs = VERBS.filter(([own]) => [...own].some((letter) => letters.some((given) => given === letter)));
  const names = verbs.map(([, verb]) => verb);
  const what = NAMES[type] ?? `opplysninger av typen ${type}`;
  const whose = level === 'patient' ? ' om den valgte pasienten' : ' du selv har tilgang til';
  const only = constraints.map(({ name, value }) => `${name} = ${value}`).join(', ');
  const text = `${listed(names)} ${what}${whose}${only === '' ? '' : ` (bare ${only})`}`;
  return text.charAt(0).toLocaleUpperCase('nb') + text.slice(1);
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} og ${words.at(-1) ?? ''}`;
