/**
 * A colonoscopy: the examination as the endoscopy system writes it, the drugs given, and the histology that comes later.
 */
import type { CodeableConcept, MedicationAdministration, Observation } from '../../../src/fhir/types.ts';
import {
  type Coded,
  concept,
  encounter,
  type Finding,
  observation,
  patient,
  patientRef,
  procedure,
  quantity,
  type Stay,
} from '../fhir/build.ts';
import { DEPARTMENTS, SYSTEMS } from '../organisation.ts';
import type { Person } from '../people/people.ts';
import type { Dice } from '../random.ts';
import { type Course, EVENT_RATES, instant, type RecordEvent } from './course.ts';

const REGISTER = 'https://ryggrad.no/fhir/CodeSystem/gastronet';

const PROCEDURES: readonly Coded[] = [
  { code: 'UJF32', display: 'Koloskopi' },
  { code: 'UJF35', display: 'Koloskopi med biopsi' },
  { code: 'JFA15', display: 'Koloskopisk polyppektomi i colon' },
];
const INDICATIONS: readonly Coded[] = [
  { code: 'symptoms', display: 'Symptomer' },
  { code: 'control', display: 'Kontroll (kreft, polypper, IBD)' },
  { code: 'screening', display: 'Screening' },
  { code: 'family', display: 'Tarmkreft i nærmeste familie' },
];

type Value = Finding['value'];

export const colonoscopy: Course = ({ person, dice, day, from }) => {
  const visit: Stay = {
    id: `${person.id}-endo-besok`,
    person,
    kind: dice.chance(0.85) ? 'outpatient' : 'inpatient',
    department: DEPARTMENTS.endoscopy,
    start: instant(day, from - 60),
    end: instant(day, from + 60),
  };
  const at = instant(day, from - 30);
  const event = (after: number, about: string, ...resources: RecordEvent['resources']): RecordEvent => ({
    course: `${person.id}-koloskopi`,
    sender: 'endoskopi',
    at: instant(day, from + after),
    about,
    resources: [patient(person), encounter(visit), ...resources],
  });
  const examination = procedure({
    person,
    encounter: visit.id,
    id: `${person.id}-endo-koloskopi`,
    code: dice.pick(PROCEDURES),
    start: at,
    department: DEPARTMENTS.endoscopy,
    reason: concept(`${REGISTER}-indication`, dice.pick(INDICATIONS)),
  });
  const polyps = dice.pick([0, 0, 0, 1, 1, 2, 4]);
  const finding = (code: string, value: Value): Observation =>
    observation({
      person,
      encounter: visit.id,
      id: `${person.id}-endo-${code}`,
      category: 'procedure',
      code: { coding: [{ system: `${REGISTER}-observation`, code }] },
      at,
      value,
    });
  const adenoma = (code: string): Observation =>
    finding('adenoma', { valueCodeableConcept: coded('adenoma', code) });
  const withdrawal = dice.int(12, 40) / 2;
  const corrected = dice.chance(EVENT_RATES.correction / 100);
  return [
    event(
      0,
      'Koloskopi gjort',
      examination,
      ...['bbps-right', 'bbps-transverse', 'bbps-left'].map((part) =>
        finding(part, { valueInteger: dice.int(1, 3) }),
      ),
      finding('caecum', { valueBoolean: dice.chance(0.95) }),
      finding('withdrawal-time', { valueQuantity: quantity(withdrawal, 'min') }),
      finding('co2', { valueBoolean: dice.chance(0.9) }),
      finding('polyps', { valueInteger: polyps }),
      adenoma(polyps === 0 ? 'no' : 'awaited'),
      finding('complication', {
        valueCodeableConcept: coded('complication', dice.chance(0.97) ? 'none' : 'bleeding'),
      }),
    ),
    ...(dice.chance(0.7) ? [event(5, 'Sedasjon', ...drugsGiven(person, visit.id, dice, at))] : []),
    ...(polyps > 0
      ? [event(240, 'Svar fra histologi', { ...adenoma(dice.chance(0.6) ? 'yes' : 'no'), status: 'amended' })]
      : []),
    ...(corrected
      ? [
          event(90, 'Uttrekkstid rettet', {
            ...finding('withdrawal-time', { valueQuantity: quantity(withdrawal + 1, 'min') }),
            status: 'corrected',
          }),
        ]
      : []),
  ];
};

const coded = (system: string, code: string): CodeableConcept => ({
  coding: [{ system: `${REGISTER}-${system}`, code }],
});

function drugsGiven(
  person: Person,
  stay: string,
  dice: Dice,
  at: string,
): readonly MedicationAdministration[] {
  const given = (id: string, drug: Coded, dose: number): MedicationAdministration => ({
    resourceType: 'MedicationAdministration',
    id: `${person.id}-endo-${id}`,
    status: 'completed',
    medicationCodeableConcept: concept(SYSTEMS.atc, drug),
    subject: patientRef(person),
    context: { reference: `Encounter/${stay}` },
    effectiveDateTime: at,
    dosage: { dose: quantity(dose, 'mg') },
  });
  return [
    given('midazolam', { code: 'N05CD08', display: 'Midazolam' }, dice.int(2, 10) / 2),
    ...(dice.chance(0.5) ? [given('fentanyl', { code: 'N01AH01', display: 'Fentanyl' }, 0.05)] : []),
  ];
}
