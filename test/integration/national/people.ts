/** Synthetic people of the national registries. */
import type { StandInPerson } from '../../../demo/national/stand-in.ts';

export const KARI: StandInPerson = {
  numbers: ['15838510237'],
  given: 'Kari',
  middle: 'Anne',
  family: 'Testnes',
  birthDate: '1985-03-15',
  gender: 'Female',
  street: { name: 'Fjordgata', number: '12', letter: 'B' },
  postalCode: '5003',
  city: 'BERGEN',
  municipality: '4601',
  urbanDistrict: '460101',
  contact: { email: 'kari@testnes.example', mobile: '+4740012345', mailbox: 'kari.testnes#1ABC' },
};

/** Had another number, has died, and lives where nobody is told. */
export const OLA: StandInPerson = {
  numbers: ['15838510156', '15838510164'],
  given: 'Ola',
  family: 'Testmo',
  birthDate: '1985-03-15',
  gender: 'Male',
  deceased: '2026-10-02',
  street: { name: 'Hemmelig vei', number: '1' },
  confidentiality: 'StrictlyConfidential',
  contact: { email: 'ola@testmo.example', isReserved: true, isStale: true },
};
