/** Scopes of apps in plain words, in bokmål, nynorsk and English. https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html */
import { parseScope, type SmartScope } from '../../access/scopes.ts';
import type { Language } from '../../sdc/language.ts';

type Names = Readonly<Record<string, string>>;

interface ScopeWords {
  readonly names: Names;
  readonly verbs: Readonly<Record<'rs' | 'c' | 'u' | 'd', string>>;
  readonly other: (type: string) => string;
  readonly ofPatient: string;
  readonly ofOwn: string;
  readonly only: string;
  readonly and: string;
  readonly offline: string;
  readonly online: string;
}

const nb: ScopeWords = {
  names: {
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
  },
  verbs: { rs: 'se', c: 'registrere', u: 'endre', d: 'slette' },
  other: (type) => `opplysninger av typen ${type}`,
  ofPatient: ' om den valgte pasienten',
  ofOwn: ' du selv har tilgang til',
  only: 'bare',
  and: 'og',
  offline: 'Beholde tilgangen i 30 dager, også når du ikke er logget inn',
  online: 'Beholde tilgangen så lenge du er logget inn',
};

const nn: ScopeWords = {
  names: {
    '*': 'alle opplysningar',
    AllergyIntolerance: 'allergiar',
    CarePlan: 'behandlingsplanar',
    Condition: 'diagnosar',
    Consent: 'samtykke',
    DiagnosticReport: 'svarrapportar',
    DocumentReference: 'dokument',
    Encounter: 'kontaktar',
    EpisodeOfCare: 'forløp',
    MedicationRequest: 'forskrivingar',
    MedicationStatement: 'legemiddel',
    Observation: 'målingar og funn',
    Organization: 'einingar',
    Patient: 'personopplysningar',
    Practitioner: 'behandlarar',
    PractitionerRole: 'roller',
    Procedure: 'prosedyrar',
    Questionnaire: 'skjema',
    QuestionnaireResponse: 'skjemasvar',
    Task: 'oppgåver',
  },
  verbs: { rs: 'sjå', c: 'registrere', u: 'endre', d: 'slette' },
  other: (type) => `opplysningar av typen ${type}`,
  ofPatient: ' om den valde pasienten',
  ofOwn: ' du sjølv har tilgang til',
  only: 'berre',
  and: 'og',
  offline: 'Behalde tilgangen i 30 dagar, òg når du ikkje er logga inn',
  online: 'Behalde tilgangen så lenge du er logga inn',
};

const en: ScopeWords = {
  names: {
    '*': 'all data',
    AllergyIntolerance: 'allergies',
    CarePlan: 'care plans',
    Condition: 'diagnoses',
    Consent: 'consents',
    DiagnosticReport: 'reports',
    DocumentReference: 'documents',
    Encounter: 'contacts',
    EpisodeOfCare: 'pathways',
    MedicationRequest: 'prescriptions',
    MedicationStatement: 'medication',
    Observation: 'measurements and findings',
    Organization: 'units',
    Patient: 'personal details',
    Practitioner: 'practitioners',
    PractitionerRole: 'roles',
    Procedure: 'procedures',
    Questionnaire: 'forms',
    QuestionnaireResponse: 'answers of forms',
    Task: 'tasks',
  },
  verbs: { rs: 'see', c: 'register', u: 'change', d: 'delete' },
  other: (type) => `data of the type ${type}`,
  ofPatient: ' about the chosen patient',
  ofOwn: ' that you have access to yourself',
  only: 'only',
  and: 'and',
  offline: 'Keep the access for 30 days, also when you are not logged in',
  online: 'Keep the access as long as you are logged in',
};

/** For the test that no language lacks a word. */
export const scopeWords: Readonly<Record<Language, ScopeWords>> = { nb, nn, en };

/** A scope in plain words: `patient/Observation.rs` → «Se målinger og funn om den valgte pasienten». */
export function scopeText(scope: string, lang: Language): string {
  const words = scopeWords[lang];
  switch (scope) {
    case 'offline_access':
      return words.offline;
    case 'online_access':
      return words.online;
    default: {
      const parsed = parseScope(scope);
      return parsed === undefined ? scope : dataText(parsed, words);
    }
  }
}

function dataText({ level, type, letters, constraints }: SmartScope, words: ScopeWords): string {
  const verbs = Object.entries(words.verbs)
    .filter(([own]) => [...own].some((letter) => letters.some((given) => given === letter)))
    .map(([, verb]) => verb);
  const what = words.names[type] ?? words.other(type);
  const whose = level === 'patient' ? words.ofPatient : words.ofOwn;
  const limits = constraints.map(({ name, value }) => `${name} = ${value}`).join(', ');
  const only = limits === '' ? '' : ` (${words.only} ${limits})`;
  const text = `${listed(verbs, words.and)} ${what}${whose}${only}`;
  return text.charAt(0).toLocaleUpperCase('nb') + text.slice(1);
}

const listed = (words: readonly string[], and: string): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${and} ${words.at(-1) ?? ''}`;
