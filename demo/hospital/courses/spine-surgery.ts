/**
 * An operation of the back or the neck: referral, admission, what is known beforehand, the operation, discharge.
 */
import type { Observation, ServiceRequest } from '../../../src/fhir/types.ts';
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
import { type Course, type CourseInput, EVENT_RATES, instant, type RecordEvent } from './course.ts';

const SERVICE = 'https://ryggrad.no/fhir/CodeSystem/nkr-service';

interface Kind {
  readonly service: Coded;
  readonly diagnosis: Coded;
  readonly operation: Coded;
  readonly minutes: readonly [least: number, most: number];
}

const RYGG: Coded = { code: 'rygg', display: 'Operasjon i ryggen' };
const NAKKE: Coded = { code: 'nakke', display: 'Operasjon i nakken' };

const KINDS: readonly Kind[] = [
  {
    service: RYGG,
    diagnosis: { code: 'M51.1', display: 'Lumbalt skiveprolaps med radikulopati' },
    operation: { code: 'ABC16', display: 'Mikrokirurgisk operasjon for lumbalt skiveprolaps' },
    minutes: [35, 80],
  },
  {
    service: RYGG,
    diagnosis: { code: 'M48.0', display: 'Spinal stenose' },
    operation: { code: 'ABC56', display: 'Dekompresjon av lumbal spinalkanal' },
    minutes: [60, 140],
  },
  {
    service: RYGG,
    diagnosis: { code: 'M43.1', display: 'Spondylolistese' },
    operation: { code: 'NAG66', display: 'Bakre fusjon i lumbalkolumna med fiksasjon, få nivåer' },
    minutes: [120, 260],
  },
  {
    service: NAKKE,
    diagnosis: { code: 'M50.1', display: 'Cervikalt skiveprolaps med radikulopati' },
    operation: { code: 'ABC21', display: 'Fremre dekompresjon i nakken med implantat' },
    minutes: [70, 150],
  },
  {
    service: NAKKE,
    diagnosis: { code: 'M50.0', display: 'Cervikalt skiveprolaps med myelopati' },
    operation: { code: 'ABC60', display: 'Dekompresjon av cervikal ryggmarg' },
    minutes: [90, 200],
  },
];

const COMORBIDITY: readonly Coded[] = [
  { code: 'I10', display: 'Essensiell hypertensjon' },
  { code: 'E11.9', display: 'Diabetes mellitus type 2 uten komplikasjon' },
  { code: 'M16.1', display: 'Primær koksartrose' },
  { code: 'F32.1', display: 'Moderat depressiv episode' },
  { code: 'I48', display: 'Atrieflimmer og atrieflutter' },
  { code: 'J45.9', display: 'Astma, uspesifisert' },
];

const HABITS: readonly Coded[] = [
  { code: '266919005', display: 'Never smoked tobacco' },
  { code: '8517006', display: 'Ex-smoker' },
  { code: '77176002', display: 'Smoker' },
];

const DRUGS: readonly Drug[] = [
  {
    atc: 'N02BE01',
    name: 'Paracetamol',
    text: 'Paracetamol 1 g 4 ganger daglig',
    dose: 1000,
    unit: 'mg',
    perDay: 4,
    route: 'oral',
  },
  {
    atc: 'B01AF02',
    name: 'Apiksaban',
    text: 'Apiksaban 5 mg morgen og kveld',
    dose: 5,
    unit: 'mg',
    perDay: 2,
    route: 'oral',
  },
  {
    atc: 'M01AE01',
    name: 'Ibuprofen',
    text: 'Ibuprofen 400 mg 3 ganger daglig',
    dose: 400,
    unit: 'mg',
    perDay: 3,
    route: 'oral',
  },
  {
    atc: 'N02AJ06',
    name: 'Kodein og paracetamol',
    text: 'Kodein/paracetamol 30 mg/400 mg ved behov, inntil 4 ganger daglig',
    dose: 1,
    unit: '{tablet}',
    perDay: 4,
    route: 'oral',
  },
];

export const spineSurgery: Course = ({ person, dice, day, from }) => {
  const kind = dice.pick(KINDS);
  const stay: Stay = {
    id: `${person.id}-kir-opphold`,
    person,
    kind: 'inpatient',
    department: DEPARTMENTS.spine,
    start: instant(day, 7 * 60, 1),
    clinician: CLINICIANS[2] as (typeof CLINICIANS)[number],
  };
  const common = { person, encounter: stay.id };
  const event = (after: number, about: string, ...resources: RecordEvent['resources']): RecordEvent => ({
    course: `${person.id}-ryggkirurgi`,
    sender: 'kirurgi',
    at: instant(day, from + after),
    about,
    resources: [patient(person), encounter(stay), ...resources],
  });
  const knife = 8 * 60 + dice.int(0, 40);
  const operation = procedure({
    ...common,
    id: `${person.id}-kir-inngrep`,
    code: kind.operation,
    start: instant(day, knife),
    end: instant(day, knife + dice.int(...kind.minutes)),
    department: DEPARTMENTS.spine,
  });
  const known = beforehand(common, dice, day);
  const events = [
    event(0, 'Henvist til operasjon', referral({ person, dice, day, from }, kind)),
    event(
      20,
      'Innlagt, diagnoser',
      condition({
        ...common,
        id: `${person.id}-kir-hoved`,
        code: kind.diagnosis,
        recorded: instant(day, 7 * 60, 1),
      }),
      ...diagnosesBeforehand(common, dice, day),
    ),
    event(35, 'Anestesitilsyn', ...known),
    event(50, 'Legemidler i bruk', ...drugsInUse(common, dice, day)),
    event(120, 'Operert', operation),
  ];
  const left: Stay = { ...stay, end: instant(day, from + 300) };
  const discharge: RecordEvent = {
    ...event(300, 'Utskrevet'),
    resources: [patient(person), encounter(left)],
  };
  return [...events, discharge, ...correction({ person, dice, day, from }, left, known)];
};

function referral({ person, dice, day }: CourseInput, { service }: Kind): ServiceRequest {
  return {
    resourceType: 'ServiceRequest',
    id: `${person.id}-kir-henvisning`,
    status: 'active',
    intent: 'order',
    code: concept(SERVICE, service),
    subject: patientRef(person),
    authoredOn: instant(day, 10 * 60, dice.int(20, 90)),
    requester: { reference: 'Practitioner/lege-3', display: 'Kirsten Haug' },
    performer: [departmentRef(DEPARTMENTS.spine)],
  };
}

type Common = { readonly person: CourseInput['person']; readonly encounter: string };

const diagnosesBeforehand = (common: Common, dice: CourseInput['dice'], day: string) =>
  dice
    .shuffled(COMORBIDITY)
    .slice(0, dice.int(0, 2))
    .map((code, index) =>
      condition({
        ...common,
        id: `${common.person.id}-kir-annen-${index + 1}`,
        code,
        recorded: instant(day, 7 * 60 + 5, 1),
        isLocal: dice.chance(EVENT_RATES.localCode / 100),
      }),
    );

const drugsInUse = (common: Common, dice: CourseInput['dice'], day: string) =>
  dice
    .shuffled(DRUGS)
    .slice(0, dice.int(1, 3))
    .map((drug, index) =>
      medication({ ...common, id: `${common.person.id}-kir-legemiddel-${index + 1}` }, drug, {
        start: instant(day, 7 * 60, dice.int(10, 400)),
      }),
    );

/** Height, weight, ASA and smoking, as the anaesthetist writes them down the day before. */
function beforehand(common: Common, dice: CourseInput['dice'], day: string): readonly Observation[] {
  const at = instant(day, 13 * 60, 1);
  const id = (name: string): string => `${common.person.id}-kir-${name}`;
  const loinc = (code: string, display: string) => concept(SYSTEMS.loinc, { code, display });
  const height = common.person.gender === 'female' ? dice.int(155, 178) : dice.int(166, 195);
  const bmi = 19 + dice.next() * 15;
  return [
    observation({
      ...common,
      id: id('hoyde'),
      category: 'vital-signs',
      code: loinc('8302-2', 'Body height'),
      at,
      value: { valueQuantity: quantity(height, 'cm') },
    }),
    observation({
      ...common,
      id: id('vekt'),
      category: 'vital-signs',
      code: loinc('29463-7', 'Body weight'),
      at,
      value: { valueQuantity: quantity(Math.round((bmi * height * height) / 10_000), 'kg') },
    }),
    observation({
      ...common,
      id: id('asa'),
      category: 'survey',
      code: concept(SYSTEMS.snomed, {
        code: '302132005',
        display: 'American Society of Anesthesiologists physical status class',
      }),
      at,
      value: { valueInteger: dice.pick([1, 1, 2, 2, 2, 3]) },
    }),
    observation({
      ...common,
      id: id('royk'),
      category: 'social-history',
      code: loinc('72166-2', 'Tobacco smoking status'),
      at,
      value: { valueCodeableConcept: concept(SYSTEMS.snomed, dice.pick(HABITS)) },
    }),
  ];
}

/** Somebody sees afterwards that the weight was wrong, that it was somebody else's, or that it should not be there. */
function correction(
  { person, dice, day, from }: CourseInput,
  stay: Stay,
  known: readonly Observation[],
): readonly RecordEvent[] {
  const weight = known.find(({ id }) => id?.endsWith('-vekt') === true);
  const of100 = dice.next() * 100;
  const { correction: corrected, enteredInError, removed } = EVENT_RATES;
  if (weight?.valueQuantity === undefined || of100 >= corrected + enteredInError + removed) {
    return [];
  }
  const event = {
    course: `${person.id}-ryggkirurgi`,
    sender: 'kirurgi' as const,
    at: instant(day, from + 330),
  };
  const around = [patient(person), encounter(stay)];
  if (of100 < corrected) {
    const value = { ...weight.valueQuantity, value: (weight.valueQuantity.value ?? 0) + dice.int(1, 6) };
    const mended: Observation = { ...weight, status: 'corrected', valueQuantity: value };
    return [{ ...event, about: 'Vekt rettet', resources: [...around, mended] }];
  }
  return of100 < corrected + enteredInError
    ? [
        {
          ...event,
          about: 'Vekt var feilført',
          resources: [...around, { ...weight, status: 'entered-in-error' }],
        },
      ]
    : [{ ...event, about: 'Vekt slettet', resources: around, removed: [`Observation/${weight.id ?? ''}`] }];
}
