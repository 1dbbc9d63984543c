/** registers.md section 2: the person of a pathway stays. */
import { readFile } from 'node:fs/promises';
import { startTestApp } from '../../support/app.ts';

describe('A person with a pathway', () => {
  it('is not deleted by the EHR that sent it.', async () => {
    await using server = await startTestApp();
    const ehr = await server.client('ehr');
    const input = new URL('../../../registers/smertereg/cases/kari-national/input.json', import.meta.url);
    const sent = await ehr.post('fhir', JSON.parse(await readFile(input, 'utf8')));
    const [person] = (sent.body as { entry: { response: { location: string } }[] }).entry;
    const path = `fhir/${person?.response.location.replace(/\/_history.*/, '') ?? ''}`;

    const refused = await ehr.delete(path);

    expect(refused.status).toBe(409);
    expect(JSON.stringify(refused.body)).toContain('person-in-register');
    expect((await ehr.get(path)).status).toBe(200);
  });

  it('is not mistaken for one with the same number and another birth date.', async () => {
    await using server = await startTestApp();
    const ehr = await server.client('ehr');
    const person = (birthDate: string) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: {
            resourceType: 'Patient',
            identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '15838510156' }],
            birthDate,
          },
          request: { method: 'POST', url: 'Patient' },
        },
      ],
    });

    const first = await ehr.post('fhir', person('1985-03-15'));
    const again = await ehr.post('fhir', person('1985-03-15'));
    const other = await ehr.post('fhir', person('1958-03-15'));

    expect([first.status, again.status, other.status]).toEqual([200, 200, 409]);
    expect(JSON.stringify(other.body)).toContain('person-conflict');
  });
});
