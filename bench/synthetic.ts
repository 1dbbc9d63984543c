/** Synthetic resources of the usual sizes: Patient 1.4 kB, Observation 0.6 kB, a transaction of 100 entries 80 kB. */
import { classifyPersonNumber, IDENTIFIER_SYSTEMS } from '../src/fhir/identifiers.ts';

type Json = Readonly<Record<string, unknown>>;

/** A day from 1940 on and a running number make a national identity number; synthetic ones have 80 added to the month. */
export function* personNumbers(): Generator<string, never> {
  for (let n = 0; ; n++) {
    const day = new Date(Date.UTC(1940, 0, 1 + (n % 21_000)));
    const parts = [day.getUTCDate(), day.getUTCMonth() + 81, day.getUTCFullYear() % 100];
    const date = parts.map((part) => String(part).padStart(2, '0')).join('');
    const number = withCheckDigits(date + String(Math.floor(n / 21_000) % 500).padStart(3, '0'));
    if (classifyPersonNumber(number).kind === 'fnr') {
      yield number;
    }
  }
}

function withCheckDigits(nine: string): string {
  const first = checkDigit(nine, [3, 7, 6, 1, 8, 9, 4, 5, 2]);
  return `${nine}${first}${checkDigit(`${nine}${first}`, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2])}`;
}

function checkDigit(digits: string, weights: readonly number[]): number {
  const sum = weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  return (11 - (sum % 11)) % 11;
}

export function patient(personNumber: string): Json {
  return {
    resourceType: 'Patient',
    identifier: [
      { use: 'official', system: IDENTIFIER_SYSTEMS.fnr, value: personNumber },
      { use: 'secondary', system: 'http://example.org/journal/pasient', value: `J-${personNumber}` },
    ],
    active: true,
    name: [
      { use: 'official', family: 'Fjellvik-Prøvesen', given: ['Åse', 'Marie'] },
      { use: 'maiden', family: 'Strandås', given: ['Åse', 'Marie'], period: { end: '1998-06-20' } },
    ],
    telecom: [
      { system: 'phone', value: '+47 900 00 000', use: 'mobile', rank: 1 },
      { system: 'phone', value: '+47 22 00 00 00', use: 'home' },
      { system: 'email', value: 'aase.marie@example.org', use: 'home' },
    ],
    gender: 'female',
    birthDate: '1961-03-14',
    deceasedBoolean: false,
    address: [
      {
        use: 'home',
        type: 'both',
        line: ['Øvre Prøvegate 12 B', 'Oppgang 3, leilighet H0402'],
        city: 'Tromsø',
        postalCode: '9008',
        country: 'NO',
        period: { start: '2011-08-01' },
      },
      { use: 'temp', line: ['Hytteveien 7'], city: 'Lyngen', postalCode: '9060', country: 'NO' },
    ],
    maritalStatus: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'M', display: 'Married' },
      ],
      text: 'Gift',
    },
    contact: [
      {
        relationship: [
          {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/v2-0131', code: 'N', display: 'Next-of-Kin' },
            ],
          },
        ],
        name: { family: 'Fjellvik', given: ['Ola'] },
        telecom: [{ system: 'phone', value: '+47 911 11 111', use: 'mobile' }],
      },
    ],
    communication: [
      { language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'nb' }], text: 'bokmål' }, preferred: true },
    ],
  };
}

export function observation(subject: string, n: number): Json {
  return {
    resourceType: 'Observation',
    status: 'final',
    identifier: [{ system: 'http://example.org/journal/observasjon', value: `O-${n}` }],
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' },
        ],
      },
    ],
    code: {
      coding: [{ system: 'http://loinc.org', code: '72514-3', display: 'Pain severity' }],
      text: 'Smerte, NRS',
    },
    subject: { reference: subject },
    effectiveDateTime: new Date(Date.UTC(2026, 0, 1, 8, n % 500_000)).toISOString(),
    valueInteger: n % 11,
    note: [{ text: 'Oppgitt av pasienten ved visitt, i ro.' }],
  };
}

/** A form's answers as another system sends them: `items` questions, each with one answer. */
export function response(subject: string, items: number, n: number): Json {
  return {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    identifier: { system: 'http://example.org/journal/skjema', value: `Q-${n}` },
    subject: { reference: subject },
    authored: new Date(Date.UTC(2026, 0, 1, 8, n % 500_000)).toISOString(),
    item: Array.from({ length: items }, (_, index) => ({
      linkId: `sporsmal-${index}`,
      text: `Spørsmål ${index}`,
      answer: [{ valueCoding: { system: 'http://example.org/svar', code: String((index + n) % 5) } }],
    })),
  };
}

/** One Patient, one Encounter and 98 Observations that refer to them by urn:uuid. */
export function transaction(personNumber: string, n: number): Json {
  const subject = `urn:uuid:${crypto.randomUUID()}`;
  const encounter = {
    resourceType: 'Encounter',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
    subject: { reference: subject },
    period: { start: '2026-01-02T08:00:00+01:00', end: '2026-01-05T12:00:00+01:00' },
  };
  const observations = Array.from({ length: 98 }, (_, index) => observation(subject, n * 98 + index));
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [patient(personNumber), encounter, ...observations].map((resource, index) => ({
      fullUrl: index === 0 ? subject : `urn:uuid:${crypto.randomUUID()}`,
      resource,
      request: { method: 'POST', url: String((resource as { resourceType: string }).resourceType) },
    })),
  };
}
