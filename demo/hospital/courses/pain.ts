/**
 * A patient on a ward whom the pain team is asked to see: admission, diagnoses, drugs, the request, what the patient says.
 */
import type { Observation, Resource, ServiceRequest } from '../../../src/fhir/types.ts';
import {
  type Coded,
  concept,
  condition,
  departmentRef,
  type Drug,
  encounter,
  medication,
  observation,
  patient,
  patientRef,
  procedure,
  quantity,
  type Stay,
} from '../fhir/build.ts';
import { CLINICIANS, DEPARTMENTS, SYSTEMS } from '../organisation.ts';
import type { Person } from '../people/people.ts';
import { type Course, EVENT_RATES, instant, type RecordEvent } from './course.ts';

const SERVICE = 'https://ryggrad.no/fhir/CodeSystem/smertereg-service';

/** What is known of somebody in pain; days are counted back from the day of the course. */
export interface PainFacts {
  readonly admitted: number;
  readonly referred: number;
  readonly diagnoses: readonly Coded[];
  readonly operation?: Coded;
  readonly drugs: readonly Drug[];
  readonly nrs: number;
  readonly weight: number;
}

const drug = (
  atc: string,
  name: string,
  route: Drug['route'],
  text: string,
  [dose, unit, perDay]: readonly [dose: number, unit: string, perDay: number],
): Drug => ({ atc, name, route, text, dose, unit, perDay });

export const PAIN_DRUGS = {
  oxycodone: drug('N02AA05', 'Oksykodon', 'oral', 'Oksykodon depottablett 10 mg morgen og kveld', [
    10,
    'mg',
    2,
  ]),
  morphine: drug('N02AA01', 'Morfin', 'intravenous', 'Morfin 5 mg intravenøst inntil 4 ganger daglig', [
    5,
    'mg',
    4,
  ]),
  morphineTablet: drug(
    'N02AA01',
    'Morfin',
    'oral',
    'Morfin tablett 10 mg ved behov, inntil 6 ganger daglig',
    [10, 'mg', 6],
  ),
  paracetamol: drug('N02BE01', 'Paracetamol', 'oral', 'Paracetamol 1 g 4 ganger daglig', [1000, 'mg', 4]),
  fentanyl: drug(
    'N02AB03',
    'Fentanyl',
    'transdermal',
    'Fentanyl depotplaster 50 mikrogram/time, byttes hver tredje dag',
    [50, 'ug/h', 1],
  ),
  gabapentin: drug('N02BF01', 'Gabapentin', 'oral', 'Gabapentin 300 mg 3 ganger daglig', [300, 'mg', 3]),
  tapentadol: drug('N02AX06', 'Tapentadol', 'oral', 'Tapentadol depottablett 50 mg morgen og kveld', [
    50,
    'mg',
    2,
  ]),
  pregabalin: drug('N02BF02', 'Pregabalin', 'oral', 'Pregabalin 75 mg morgen og kveld', [75, 'mg', 2]),
} as const satisfies Record<string, Drug>;

const { oxycodone, morphine, morphineTablet, paracetamol, fentanyl, gabapentin, tapentadol, pregabalin } =
  PAIN_DRUGS;

type History = Pick<PainFacts, 'diagnoses' | 'operation' | 'drugs'>;

/** Histories that pain teams see: after surgery, with cancer, and with long-lasting pain. */
export const PAIN_HISTORIES: readonly History[] = [
  {
    diagnoses: [
      { code: 'M51.1', display: 'Lumbalt skiveprolaps med radikulopati' },
      { code: 'M54.4', display: 'Lumbago med isjias' },
    ],
    operation: { code: 'ABC16', display: 'Mikrokirurgisk operasjon for lumbalt skiveprolaps' },
    drugs: [oxycodone, morphine, paracetamol],
  },
  {
    diagnoses: [
      { code: 'C25.9', display: 'Ondartet svulst i bukspyttkjertel, uspesifisert' },
      { code: 'R52.1', display: 'Kronisk behandlingsresistent smerte' },
    ],
    drugs: [fentanyl, morphineTablet, gabapentin],
  },
  {
    diagnoses: [
      { code: 'G90.5', display: 'Komplekst regionalt smertesyndrom' },
      { code: 'T91.3', display: 'Følgetilstander etter skade på ryggmarg' },
    ],
    operation: { code: 'NAG76', display: 'Bakre ryggfusjon med intern fiksasjon' },
    drugs: [tapentadol, pregabalin],
  },
  {
    diagnoses: [{ code: 'M54.5', display: 'Korsryggsmerte' }],
    drugs: [paracetamol, pregabalin],
  },
  {
    diagnoses: [{ code: 'C34.9', display: 'Ondartet svulst i bronkie eller lunge, uspesifisert' }],
    operation: { code: 'GDC01', display: 'Torakoskopisk lobektomi' },
    drugs: [morphineTablet, paracetamol],
  },
];

export const painConsultation: Course = ({ person, dice, day, from }) => {
  const admitted = dice.int(2, 9);
  const history = dice.pick(PAIN_HISTORIES);
  const facts: PainFacts = {
    ...history,
    admitted,
    referred: dice.int(0, Math.min(2, admitted - 1)),
    nrs: dice.int(3, 9),
    weight: dice.int(52, 108),
  };
  const { stay, referral, findings, ...parts } = painResources(person, facts, day);
  const around = [patient(person), stay];
  const event = (after: number, about: string, resources: readonly Resource[]): RecordEvent => ({
    course: `${person.id}-smerte`,
    sender: 'journal',
    at: instant(day, from + after),
    about,
    resources: [...around, ...resources],
  });
  const [nrs] = findings;
  const said = dice.next() * 100;
  return [
    event(0, 'Innlagt, diagnoser', [...parts.conditions, ...parts.procedures]),
    event(15, 'Tilsyn av smerteteam bedt om', [referral]),
    event(30, 'Legemidler i bruk', parts.medications),
    event(60, 'Smerte og vekt målt', findings),
    ...(nrs !== undefined && said < EVENT_RATES.correction
      ? [
          event(150, 'Smerte rettet', [
            { ...nrs, status: 'corrected', valueInteger: facts.nrs + 1 } as Observation,
          ]),
        ]
      : []),
    ...(nrs !== undefined && said > 100 - EVENT_RATES.enteredInError
      ? [event(150, 'Smerte var feilført', [{ ...nrs, status: 'entered-in-error' } as Observation])]
      : []),
  ];
};

/** Everything in the record about somebody in pain. */
export function painResources(person: Person, facts: PainFacts, day: string) {
  const clinician = CLINICIANS[0] as (typeof CLINICIANS)[number];
  const stay: Stay = {
    id: `${person.id}-opphold`,
    person,
    kind: 'inpatient',
    department: DEPARTMENTS.surgery,
    start: instant(day, 9 * 60, facts.admitted),
    clinician,
  };
  const common = { person, encounter: stay.id };
  const at = instant(day, 6 * 60);
  return {
    stay: encounter(stay),
    referral: referralTo(person, facts, day),
    conditions: facts.diagnoses.map((code, index) =>
      condition({ ...common, id: `${person.id}-diagnose-${index + 1}`, code, recorded: stay.start }),
    ),
    procedures:
      facts.operation === undefined
        ? []
        : [
            procedure({
              ...common,
              id: `${person.id}-operasjon`,
              code: facts.operation,
              start: instant(day, 9 * 60, facts.admitted - 1),
            }),
          ],
    medications: facts.drugs.map((each, index) =>
      medication({ ...common, id: `${person.id}-legemiddel-${index + 1}` }, each, { start: stay.start }),
    ),
    findings: [
      observation({
        ...common,
        id: `${person.id}-nrs`,
        category: 'survey',
        code: { coding: [{ system: SYSTEMS.loinc, code: '72514-3' }], text: 'Smerte, NRS 0–10' },
        at,
        value: { valueInteger: facts.nrs },
      }),
      observation({
        ...common,
        id: `${person.id}-vekt`,
        category: 'vital-signs',
        code: { coding: [{ system: SYSTEMS.loinc, code: '29463-7' }], text: 'Kroppsvekt' },
        at,
        value: { valueQuantity: quantity(facts.weight, 'kg') },
      }),
    ],
  };
}

const referralTo = (person: Person, { referred }: PainFacts, day: string): ServiceRequest => ({
  resourceType: 'ServiceRequest',
  id: `${person.id}-henvisning`,
  status: 'active',
  intent: 'order',
  code: concept(SERVICE, { code: 'tilsyn-smerteteam', display: 'Tilsyn av smerteteam' }),
  subject: patientRef(person),
  encounter: { reference: `Encounter/${person.id}-opphold` },
  authoredOn: instant(day, 5 * 60, referred),
  requester: { reference: 'Practitioner/lege-1', display: 'Ane Lund' },
  performer: [departmentRef(DEPARTMENTS.pain)],
});
