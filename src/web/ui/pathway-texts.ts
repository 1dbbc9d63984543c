/** Words for pathways, their events and what a health record has sent, in bokmål, nynorsk and English. `{x}` is filled by `fill`. */
import type { Language } from '../../sdc/language.ts';

const nb = {
  states: { active: 'Pågår', finished: 'Avsluttet', cancelled: 'Avbrutt' } as Readonly<
    Record<string, string>
  >,
  opened: 'Forløp {number} opprettet',
  completed: '{form}: ferdigstilt',
  draft: '{form}: kladd lagret',
  kinds: {
    Encounter: 'Opphold',
    ServiceRequest: 'Henvisning',
    Condition: 'Diagnose',
    Procedure: 'Prosedyre',
    MedicationStatement: 'Legemiddel',
    Observation: 'Måling',
  } as Readonly<Record<string, string>>,
};

const nn: typeof nb = {
  states: { active: 'Går føre seg', finished: 'Avslutta', cancelled: 'Avbrote' },
  opened: 'Forløp {number} oppretta',
  completed: '{form}: ferdigstilt',
  draft: '{form}: kladd lagra',
  kinds: {
    Encounter: 'Opphald',
    ServiceRequest: 'Tilvising',
    Condition: 'Diagnose',
    Procedure: 'Prosedyre',
    MedicationStatement: 'Legemiddel',
    Observation: 'Måling',
  },
};

const en: typeof nb = {
  states: { active: 'In progress', finished: 'Finished', cancelled: 'Cancelled' },
  opened: 'Pathway {number} opened',
  completed: '{form}: completed',
  draft: '{form}: draft saved',
  kinds: {
    Encounter: 'Stay',
    ServiceRequest: 'Referral',
    Condition: 'Diagnosis',
    Procedure: 'Procedure',
    MedicationStatement: 'Medication',
    Observation: 'Measurement',
  },
};

export const pathwayTexts: Readonly<Record<Language, typeof nb>> = { nb, nn, en };
