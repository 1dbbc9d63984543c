/** HL7's cases for FHIRPath with the R4 model: http://hl7.org/fhirpath */
import { jest } from '@jest/globals';
import { faultOf, ratesOf, readCases, readInputs } from './fhirpath-cases.ts';
import { FAILURES } from './fhirpath-failures.ts';

const cases = readCases();
const inputs = readInputs();
const known = Object.values(FAILURES).flat();

describe("HL7's cases of FHIRPath", () => {
  it('are all there, in their groups.', () => {
    expect(cases).toHaveLength(935);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(935);
    expect(ratesOf(cases, new Set()).size).toBe(99);
  });

  it('pass, but for those that are listed with the reason.', () => {
    jest.spyOn(console, 'warn').mockReturnValue(); // the package tells of fractions of days that it cuts off
    const failed = cases.filter((one) => faultOf(one, inputs) !== undefined).map(({ name }) => name);

    expect(failed.toSorted()).toEqual(known.toSorted());
  });
});
