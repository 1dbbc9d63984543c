/**
 * The patients of the simulated EHR as a few facts each: three that are always there, and any number of admitted ones made
 * from their number. All are invented; national identity numbers are synthetic (month + 80).
 */
import { syntheticPerson } from './synthetic-person.ts';

export interface Case {
  readonly id: string;
  readonly fnr: string;
  readonly family: string;
  readonly given: string;
  readonly gender: 'female' | 'male';
  readonly birthDate: string;
  readonly phone: string;
  /** Days before today. */
  readonly admitted: number;
  readonly referred: number;
  readonly diagnoses: readonly (readonly [code: string, display: string])[];
  readonly operation?: readonly [code: string, display: string];
  readonly drugs: readonly Drug[];
  readonly nrs: number;
  readonly weight: number;
}

export interface Drug {
  readonly atc: string;
  readonly name: string;
  readonly text: string;
  readonly dose: number;
  readonly unit: string;
  readonly perDay: number;
  readonly route: Route;
}

type Route = 'oral' | 'intravenous' | 'transdermal';

const drug = (
  atc: string,
  name: string,
  route: Route,
  text: string,
  dose: number,
  unit: string,
  perDay: number,
): Drug => ({ atc, name, route, text, dose, unit, perDay });

const CASES: readonly Case[] = [
  {
    id: 'pasient-1',
    fnr: '15838510237',
    family: 'Fjell',
    given: 'Kari',
    gender: 'female',
    birthDate: '1985-03-15',
    phone: '+4790000001',
    admitted: 3,
    referred: 1,
    diagnoses: [
      ['M51.1', 'Lumbalt skiveprolaps med radikulopati'],
      ['M54.4', 'Lumbago med isjias'],
    ],
    operation: ['ABC16', 'Mikrokirurgisk operasjon for lumbalt skiveprolaps'],
    drugs: [
      drug('N02AA05', 'Oksykodon', 'oral', 'Oksykodon depottablett 10 mg morgen og kveld', 10, 'mg', 2),
      drug('N02AA01', 'Morfin', 'intravenous', 'Morfin 5 mg intravenøst inntil 4 ganger daglig', 5, 'mg', 4),
      drug('N02BE01', 'Paracetamol', 'oral', 'Paracetamol 1 g 4 ganger daglig', 1000, 'mg', 4),
    ],
    nrs: 7,
    weight: 68,
  },
  {
    id: 'pasient-2',
    fnr: '31925200029',
    family: 'Strand',
    given: 'Olav',
    gender: 'male',
    birthDate: '1952-12-31',
    phone: '+4790000002',
    admitted: 6,
    referred: 2,
    diagnoses: [
      ['C25.9', 'Ondartet svulst i bukspyttkjertel, uspesifisert'],
      ['R52.1', 'Kronisk behandlingsresistent smerte'],
    ],
    drugs: [
      drug(
        'N02AB03',
        'Fentanyl',
        'transdermal',
        'Fentanyl depotplaster 50 mikrogram/time, byttes hver tredje dag',
        50,
        'ug/h',
        1,
      ),
      drug(
        'N02AA01',
        'Morfin',
        'oral',
        'Morfin tablett 10 mg ved behov, inntil 6 ganger daglig',
        10,
        'mg',
        6,
      ),
      drug('N02BF01', 'Gabapentin', 'oral', 'Gabapentin 300 mg 3 ganger daglig', 300, 'mg', 3),
    ],
    nrs: 8,
    weight: 74,
  },
  {
    id: 'pasient-3',
    fnr: '29820450289',
    family: 'Bakken',
    given: 'Nora',
    gender: 'female',
    birthDate: '2004-02-29',
    phone: '+4790000003',
    admitted: 2,
    referred: 0,
    diagnoses: [
      ['G90.5', 'Komplekst regionalt smertesyndrom'],
      ['T91.3', 'Følgetilstander etter skade på ryggmarg'],
    ],
    operation: ['NAG76', 'Bakre ryggfusjon med intern fiksasjon'],
    drugs: [
      drug('N02AX06', 'Tapentadol', 'oral', 'Tapentadol depottablett 50 mg morgen og kveld', 50, 'mg', 2),
      drug('N02BF02', 'Pregabalin', 'oral', 'Pregabalin 75 mg morgen og kveld', 75, 'mg', 2),
    ],
    nrs: 6,
    weight: 61,
  },
];

/** Ids of those who are always there. */
export const PATIENT_IDS: readonly string[] = CASES.map(({ id }) => id);

/** The case of a patient id: `pasient-1` to `pasient-3`, or the admitted person of any higher number. */
export function caseOf(id: string): Case | undefined {
  const number = Number(/^pasient-([1-9]\d{0,8})$/.exec(id)?.[1] ?? 0);
  return CASES[number - 1] ?? (number === 0 ? undefined : admitted(id, number));
}

/** Someone with the history of one of the three. */
function admitted(id: string, number: number): Case {
  const history = CASES[number % CASES.length] as Case;
  return { ...history, ...syntheticPerson(number), id };
}
