/**
 * A visit at the outpatient clinic for necks and backs: referral, visit, diagnoses, what was operated before.
 */
import type { ServiceRequest } from '../../../src/fhir/types.ts';
import {
  type Coded,
  concept,
  condition,
  departmentRef,
  encounter,
  patient,
  patientRef,
  procedure,
  type Stay,
} from '../fhir/build.ts';
import { CLINICIANS, DEPARTMENTS } from '../organisation.ts';
import { type Course, EVENT_RATES, instant, type RecordEvent } from './course.ts';

const SERVICE = 'https://ryggrad.no/fhir/CodeSystem/nnrr-service';

const DIAGNOSES: readonly Coded[] = [
  { code: 'M54.5', display: 'Korsryggsmerte' },
  { code: 'M54.2', display: 'Nakkesmerte' },
  { code: 'M51.1', display: 'Skivelidelse i rygg med radikulopati' },
  { code: 'M50.1', display: 'Skivelidelse i nakke med radikulopati' },
  { code: 'M47.2', display: 'Spondylose med radikulopati' },
  { code: 'M48.0', display: 'Spinal stenose' },
  { code: 'M45', display: 'Ankyloserende spondylitt' },
  { code: 'M41.9', display: 'Skoliose, uspesifisert' },
];

export const backClinic: Course = ({ person, dice, day, from }) => {
  const visit: Stay = {
    id: `${person.id}-pol-besok`,
    person,
    kind: 'outpatient',
    department: DEPARTMENTS.back,
    start: instant(day, from),
    clinician: CLINICIANS[1] as (typeof CLINICIANS)[number],
  };
  const event = (after: number, about: string, ...resources: RecordEvent['resources']): RecordEvent => ({
    course: `${person.id}-poliklinikk`,
    sender: 'journal',
    at: instant(day, from + after),
    about,
    resources: [patient(person), encounter(visit), ...resources],
  });
  const common = { person, encounter: visit.id };
  const [main, second] = dice.shuffled(DIAGNOSES);
  const diagnosis = (code: Coded, index: number) =>
    condition({
      ...common,
      id: `${person.id}-pol-diagnose-${index}`,
      code,
      recorded: instant(day, from + 30),
    });
  const operated = dice.chance(0.2);
  const changed = dice.chance(EVENT_RATES.correction / 100);
  return [
    event(0, 'Henvist til poliklinikken', referral(person, instant(day, 9 * 60, dice.int(15, 120)))),
    event(
      30,
      'Diagnoser ved besøket',
      diagnosis(main as Coded, 1),
      ...(dice.chance(0.3) ? [diagnosis(second as Coded, 2)] : []),
    ),
    ...(operated
      ? [
          event(
            40,
            'Tidligere operert',
            procedure({
              person,
              id: `${person.id}-pol-tidligere`,
              code: { code: 'ABC36', display: 'Dekompresjon av lumbale nerverøtter' },
              start: instant(day, 9 * 60, dice.int(400, 4000)),
            }),
          ),
        ]
      : []),
    ...(changed ? [event(180, 'Hoveddiagnose rettet', diagnosis(second as Coded, 1))] : []),
  ];
};

const referral = (person: Parameters<typeof patientRef>[0], authoredOn: string): ServiceRequest => ({
  resourceType: 'ServiceRequest',
  id: `${person.id}-pol-henvisning`,
  status: 'active',
  intent: 'order',
  code: concept(SERVICE, {
    code: 'poliklinikk',
    display: 'Vurdering ved tverrfaglig nakke- og ryggpoliklinikk',
  }),
  subject: patientRef(person),
  authoredOn,
  performer: [departmentRef(DEPARTMENTS.back)],
});
