/** What leaves to an analytics platform (ID-02, BK-10, CO-02): all that became national, and nobody's name or number. */
import type { Patient, Resource } from '../../../src/fhir/types.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { b11, b12, startWalkServer, to, type WalkServer } from '../walk/walk-server.ts';
import { exportAll } from './exports.ts';

const locked = { status: 'completed' } as const;
const PO_SECRETS = ['400 00 321', 'kari@eksempel.example'] as const;
const po = {
  registration: { 'registration-date': '2026-01-02' },
  contact: { phone: PO_SECRETS[0], email: PO_SECRETS[1] },
};

describe('The export of the national store', () => {
  let server: WalkServer;
  let analytics: HttpClient;

  beforeAll(async () => {
    server = await startWalkServer();
    analytics = await server.app.client('analytics');
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  /** Every name, number and address of a person that the EHR has sent, and of the staff. */
  async function secretsOf(id: string): Promise<readonly string[]> {
    const patient = await server.ehr.read<Patient>(`Patient/${id}`);
    const people = await server.coordinator.search<Resource & Pick<Patient, 'name'>>(
      'Practitioner?_count=50',
    );
    const names = [...(patient.name ?? []), ...people.flatMap(({ name }) => name ?? [])];
    return [
      ...(patient.identifier ?? [])
        .filter(({ system }) => system?.startsWith('urn:oid:'))
        .map(({ value }) => value),
      ...names.flatMap(({ family, given }) => [family, ...(given ?? [])]),
      ...(patient.telecom ?? []).map(({ value }) => value),
      ...(patient.address ?? []).flatMap(({ line }) => line ?? []),
      patient.birthDate,
    ].filter((text) => text !== undefined && text.length > 2) as readonly string[];
  }

  it('holds what became national since the one before, though it was written earlier, and no one’s name or number.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.consenting);
    await server.save(person, 'b11', b11, locked);
    await server.save(person, 'b12', b12('6'), locked);
    await server.save(person, 'po', po, locked);
    const before = await exportAll(server.app, analytics);

    const locking = await server.save(person, 'to', to.consenting, locked);
    const since = await exportAll(server.app, analytics, `?_since=${before.manifest.transactionTime}`);
    const whole = await exportAll(server.app, analytics);
    const secrets = await secretsOf(person.patient);

    expect(locking.status).toBe(200);
    expect(before.names.filter((name) => !/^(Organization|Location|Basic)\//.test(name))).toEqual([]);
    expect(since.names).toEqual(
      expect.arrayContaining([`Patient/${person.patient}`, `EpisodeOfCare/${person.episode}`]),
    );
    const ofPerson = (names: readonly string[]): readonly string[] =>
      names.filter((name) => !/^(Organization|Basic)\//.test(name)).toSorted();
    expect(ofPerson(since.names)).toEqual(ofPerson(whole.names));
    expect(since.names.filter((name) => name.startsWith('QuestionnaireResponse/'))).toHaveLength(4);

    const text = [...Object.values(since.files), ...Object.values(whole.files)].join('\n');
    expect(secrets.length).toBeGreaterThan(6);
    expect([...secrets, ...PO_SECRETS].filter((secret) => text.includes(secret))).toEqual([]);
    expect(text).not.toMatch(/(?<![0-9a-f-])\d{11}(?![0-9a-f-])/);
    expect(text).not.toMatch(/lu-ane|user:/);
  });

  it('holds nothing of a person who has not consented.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.refusing, locked);

    const { files } = await exportAll(server.app, analytics);

    expect(Object.values(files).join('\n')).not.toContain(person.patient);
  });

  it('does not hand out whom has withdrawn since it was made, and names them as deleted in the next one (BK-03, BK-10).', async () => {
    const person = await server.person();
    const staying = await server.person();
    for (const one of [person, staying]) {
      await server.save(one, 'to', to.consenting, locked);
      await server.save(one, 'b11', b11, locked);
    }
    const made = await exportAll(server.app, analytics);
    const withdrawn = await server.save(person, 'to', to.refusing, {
      status: 'amended',
      reason: 'Samtykket er trukket.',
    });
    expect(withdrawn.status).toBe(200);

    const handedOut = await Promise.all(
      made.manifest.output.map(async ({ url }) => String((await analytics.get(url)).body)),
    );
    const next = await exportAll(server.app, analytics, `?_since=${made.manifest.transactionTime}`);
    const deleted = await Promise.all(
      next.manifest.deleted.map(async ({ url }) => String((await analytics.get(url)).body)),
    );

    expect(made.names).toContain(`Patient/${person.patient}`);
    expect(handedOut.join('')).not.toContain(person.patient);
    expect(handedOut.join('')).toContain(staying.patient);
    expect(next.names).not.toContain(`Patient/${person.patient}`);
    expect(deleted.join('')).toContain(`"DELETE","url":"Patient/${person.patient}"`);
    expect(deleted.join('')).toContain(`"DELETE","url":"EpisodeOfCare/${person.episode}"`);
    expect(deleted.join('')).not.toContain(staying.patient);
  });
});
