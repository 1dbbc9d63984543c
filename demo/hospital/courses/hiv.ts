/**
 * Somebody with HIV: visit, diagnosis and consent, then laboratory results as they come, and treatment.
 */
import type { Consent, Observation } from '../../../src/fhir/types.ts';
import {
  type Coded,
  concept,
  condition,
  type Drug,
  encounter,
  type Finding,
  medication,
  observation,
  patient,
  patientRef,
  type Stay,
} from '../fhir/build.ts';
import { DEPARTMENTS, SYSTEMS } from '../organisation.ts';
import type { Person } from '../people/people.ts';
import { type Course, EVENT_RATES, dateBefore, instant, type RecordEvent } from './course.ts';

const REGISTER = 'https://ryggrad.no/fhir/CodeSystem/norhiv';

const DIAGNOSES: readonly Coded[] = [
  { code: 'Z21', display: 'Asymptomatisk hiv-infeksjon' },
  { code: 'B24', display: 'Uspesifisert hiv-sykdom' },
  { code: 'B20.6', display: 'Hiv-sykdom med Pneumocystis jirovecii-pneumoni' },
];
const TRANSMISSION = ['msm', 'heterosexual', 'injection', 'unknown'] as const;
const TREATMENT: readonly Coded[] = [
  { code: 'J05AR20', display: 'Bictegravir, emtricitabin og tenofoviralafenamid' },
  { code: 'J05AR25', display: 'Lamivudin og dolutegravir' },
  { code: 'J05AR13', display: 'Lamivudin, abakavir og dolutegravir' },
];

export const hiv: Course = ({ person, dice, day, from }) => {
  const visit: Stay = {
    id: `${person.id}-inf-besok`,
    person,
    kind: 'outpatient',
    department: DEPARTMENTS.infection,
    start: instant(day, from - 60),
    end: instant(day, from - 20),
  };
  const event = (after: number, about: string, ...resources: RecordEvent['resources']): RecordEvent => ({
    course: `${person.id}-hiv`,
    sender: 'infeksjon',
    at: instant(day, from + after),
    about,
    resources: [patient(person), encounter(visit), ...resources],
  });
  const common = { person, encounter: visit.id };
  const result = (id: string, code: Finding['code'], value: Finding['value'], daysBefore = 0): Observation =>
    observation({
      ...common,
      id: `${person.id}-inf-${id}`,
      category: 'laboratory',
      code,
      at: instant(day, 8 * 60, daysBefore),
      value,
      department: DEPARTMENTS.infection,
    });
  const viralLoad = dice.int(200, 250_000);
  const diagnosed = dice.int(3, 30);
  const { loads, corrected } = results(dice, viralLoad, result);
  return [
    event(
      0,
      'Hivdiagnose',
      condition({
        ...common,
        id: `${person.id}-inf-diagnose`,
        code: dice.pick(DIAGNOSES),
        recorded: instant(day, 8 * 60, diagnosed),
        onset: dateBefore(day, diagnosed),
      }),
      result('smitte', local('observation', 'transmission'), {
        valueCodeableConcept: local('transmission', dice.pick(TRANSMISSION)),
      }),
    ),
    ...(dice.chance(0.85)
      ? [event(10, 'Samtykke til registeret', consent(person, dateBefore(day, 1), dice.chance(0.95)))]
      : []),
    event(60, 'Virusmengde og CD4', ...loads),
    event(
      70,
      'Hepatitt',
      result('hbsag', loinc('5195-3', 'Hepatitis B virus surface Ag'), hepatitis(dice.chance(0.06))),
      result('hcv', loinc('16128-1', 'Hepatitis C virus Ab'), hepatitis(dice.chance(0.08))),
    ),
    event(
      90,
      'Behandling startet',
      medication({ ...common, id: `${person.id}-inf-behandling` }, treatment(dice.pick(TREATMENT)), {
        start: dateBefore(day, 1),
      }),
    ),
    ...(corrected === undefined ? [] : [event(200, 'Virusmengde rettet', corrected)]),
  ];
};

function results(
  dice: Parameters<Course>[0]['dice'],
  viralLoad: number,
  result: (id: string, code: Finding['code'], value: Finding['value'], daysBefore?: number) => Observation,
): { readonly loads: readonly Observation[]; readonly corrected: Observation | undefined } {
  const load = (value: number) =>
    result('hivrna', loinc('20447-9', 'HIV 1 RNA'), { valueQuantity: { value, unit: 'kopier/mL' } }, 2);
  return {
    loads: [
      load(viralLoad),
      result(
        'cd4',
        loinc('24467-3', 'CD3+CD4+ cells'),
        { valueQuantity: { value: dice.int(60, 900), unit: '×10⁶/L' } },
        2,
      ),
    ],
    corrected: dice.chance(EVENT_RATES.correction / 100)
      ? { ...load(viralLoad + dice.int(10, 500)), status: 'corrected' }
      : undefined,
  };
}

const loinc = (code: string, display: string) => concept(SYSTEMS.loinc, { code, display });

const local = (system: string, code: string) => ({ coding: [{ system: `${REGISTER}-${system}`, code }] });

const hepatitis = (isPositive: boolean): Finding['value'] => ({
  valueCodeableConcept: concept(
    SYSTEMS.snomed,
    isPositive ? { code: '10828004', display: 'Positive' } : { code: '260385009', display: 'Negative' },
  ),
});

const treatment = ({ code, display }: Coded): Drug => ({
  atc: code,
  name: display,
  text: '1 tablett daglig',
  dose: 1,
  unit: '{tablet}',
  perDay: 1,
  route: 'oral',
});

const consent = (person: Person, dateTime: string, isGiven: boolean): Consent => ({
  resourceType: 'Consent',
  id: `${person.id}-inf-samtykke`,
  status: 'active',
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [{ coding: [{ system: `${REGISTER}-consent`, code: 'norhiv' }] }],
  patient: patientRef(person),
  dateTime,
  policy: [{ uri: 'https://ryggrad.no/fhir/ImplementationGuide/norhiv' }],
  provision: { type: isGiven ? 'permit' : 'deny' },
});
