/** Units by number, the tree of units, and roles in departments. */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { findRoles, findRolesOfHpr } from '../../../src/registry/person/roles.ts';
import { resolveUnits } from '../../../src/registry/unit/resolve-units.ts';
import { createUnitTree } from '../../../src/registry/unit/unit-tree.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import {
  as,
  bodyOf,
  ehrOf,
  post,
  refusalOf,
  type RepositoryUnderTest,
  startRepository,
} from '../../support/repository.ts';

const OID = 'urn:oid:2.16.578.1.12.4.1.4';
const ehr = ehrOf('trust', 'clinic');

const unit = (id: string, parts: JsonObject = {}): JsonObject => ({
  resourceType: 'Organization',
  id,
  name: id,
  ...parts,
});
const below = (id: string): JsonObject => ({ partOf: { reference: `Organization/${id}` } });
const numbered = (system: string, value: string): JsonObject => ({
  identifier: [{ system: `${OID}.${system}`, value }],
});

describe('Units', () => {
  let sut: RepositoryUnderTest;

  beforeAll(async () => {
    sut = await startRepository([resolveUnits]);
    await sut.seed([
      unit('region', numbered('101', '974760673')),
      unit('trust', { ...below('region'), ...numbered('101', '974589095') }),
      unit('hospital', { ...below('trust'), ...numbered('102', '4200001') }),
      unit('clinic', { ...below('hospital'), ...numbered('102', '4200002'), alias: ['Smerteklinikken'] }),
      unit('other', numbered('102', '4200003')),
    ]);
    await sut.seed([unit('private', numbered('102', '4200009'))], { unit: 'somebody' });
  });
  afterAll(async () => {
    await sut[Symbol.asyncDispose]();
  });

  const encounter = (serviceProvider: JsonObject): JsonObject => ({
    resourceType: 'Encounter',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    serviceProvider,
  });
  const sendEncounter = (system: string, value: string) =>
    sut.repository.commit(as(ehr), [post(encounter({ identifier: { system, value } }))]);

  it.each([
    [`${OID}.102`, '4200002', 'clinic'],
    [`${OID}.101`, '974589095', 'trust'],
    ['urn:oid:2.16.578.1.12.4.1.2.102', '4200002', 'clinic'],
    ['2.16.578.1.12.4.1.2.101', '974589095', 'trust'],
    [`${OID}.1026`, '4200001', 'hospital'],
    ['http://hl7.no/fhir/NamingSystem/RESHid', '4200003', 'other'],
  ])('are known by %s, however it is spelt.', async (system, value, id) => {
    const [result] = await sendEncounter(system, value);

    expect(bodyOf(result)['serviceProvider']).toMatchObject({
      reference: `Organization/${id}`,
      identifier: { value },
    });
  });

  it('that nobody knows are refused, with the place and what to do.', async () => {
    const refused = await sendEncounter(`${OID}.102`, '4299999').catch((error: unknown) => error);

    expect(refused).toMatchObject({
      status: 422,
      issues: [
        {
          rule: 'unknown-unit',
          expression: 'Encounter.serviceProvider.identifier',
          diagnostics: expect.stringContaining('4299999') as string,
        },
      ],
    });
    expect(await refusalOf(sendEncounter(`${OID}.102`, '4200009'))).toBe('422 unknown-unit');
  });

  it('are resolved in lists, and left alone where a reference stands or the system is another.', async () => {
    const performer = [
      { identifier: { system: `${OID}.102`, value: '4200002' } },
      { identifier: { system: 'http://journal.example.no', value: '4200002' } },
      { reference: 'Organization/other', identifier: { system: `${OID}.102`, value: '4200002' } },
      { identifier: { system: `${OID}.102`, value: '4200003' } },
    ];
    const [result] = await sut.repository.commit(as(ehr), [
      post({
        resourceType: 'ServiceRequest',
        status: 'active',
        intent: 'order',
        subject: { identifier: { system: 'http://journal.example.no', value: '1' } },
        performer,
      }),
    ]);

    expect(bodyOf(result)['performer']).toEqual([
      { ...performer[0], reference: 'Organization/clinic' },
      performer[1],
      performer[2],
      { ...performer[3], reference: 'Organization/other' },
    ]);
  });

  it('speak for all below them.', async () => {
    const tree = createUnitTree(sut.database.store.as(EVERYTHING), sut.clock);

    expect(await tree.withDescendants(['trust'])).toEqual(['trust', 'hospital', 'clinic']);
    expect(await tree.withDescendants(['clinic', 'other'])).toEqual(['clinic', 'other']);
    expect(await tree.withDescendants(['unknown'])).toEqual(['unknown']);
    expect(await tree.withDescendants([])).toEqual([]);
    expect(await tree.unit('clinic')).toEqual({ id: 'clinic', name: 'Smerteklinikken', partOf: 'hospital' });
    expect(await tree.unit('region')).toEqual({ id: 'region', name: 'region', partOf: undefined });
  });

  it('are those of the register’s staff, not what senders call an organisation.', async () => {
    await sut.seed([unit('intruder', below('trust'))], { unit: 'somebody' });
    const tree = createUnitTree(sut.database.store.as(EVERYTHING), sut.clock);

    expect(await tree.withDescendants(['trust'])).not.toContain('intruder');
    expect(await tree.unit('intruder')).toBeUndefined();
  });

  it('in a circle are each there once.', async () => {
    await sut.seed([unit('round-1'), unit('round-2', below('round-1'))]);
    await sut.seed([unit('round-1', below('round-2'))]);
    const tree = createUnitTree(sut.database.store.as(EVERYTHING), sut.clock);

    expect(await tree.withDescendants(['round-1'])).toEqual(['round-1', 'round-2']);
  });

  it('that are added are seen within half a minute.', async () => {
    const tree = createUnitTree(sut.database.store.as(EVERYTHING), sut.clock);
    await tree.unit('clinic');
    await sut.seed([unit('new-clinic', below('hospital'))]);

    expect(await tree.withDescendants(['hospital'])).not.toContain('new-clinic');
    sut.clock.advance({ seconds: 31 });
    expect(await tree.withDescendants(['hospital'])).toContain('new-clinic');
  });
});

describe('Roles', () => {
  let sut: RepositoryUnderTest;
  const DAY = '2026-11-20';

  const role = (id: string, parts: JsonObject = {}, ...codes: readonly string[]): JsonObject => ({
    resourceType: 'PractitionerRole',
    id,
    practitioner: { reference: 'Practitioner/ane' },
    organization: { reference: 'Organization/clinic', display: 'Smerteklinikken' },
    code: [
      {
        coding: (codes.length === 0 ? ['LU'] : codes).map((code) => ({
          system: 'https://ryggrad.no/fhir/CodeSystem/register-role',
          code,
        })),
      },
      { coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/register', code: 'small' }] },
    ],
    ...parts,
  });

  beforeAll(async () => {
    sut = await startRepository();
    await sut.seed([
      unit('clinic'),
      { resourceType: 'Practitioner', id: 'ane', identifier: [{ system: `${OID}.4`, value: '9999999' }] },
      role('lu'),
      role('sc', {}, 'SC'),
      role('retired', { active: false }),
      role('unknown-role', {}, 'ADMIN'),
      role('no-register', {
        code: [{ coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/register-role', code: 'LU' }] }],
      }),
      role('no-person', { practitioner: { display: 'Ane' } }),
      role('no-unit', { organization: { display: 'Klinikk' } }),
      role('nothing', { code: [{ text: 'sykepleier' }] }),
    ]);
  });
  afterAll(async () => {
    await sut[Symbol.asyncDispose]();
  });

  const find = (...ids: readonly string[]) => findRoles(sut.database.store.as(EVERYTHING), ids, DAY);

  it('are found in the order asked for, with department, register and person.', async () => {
    expect(await find('sc', 'unknown', 'lu')).toEqual([
      { id: 'sc', role: 'SC', register: 'small', display: 'SC, Smerteklinikken', practitioner: 'ane' },
      {
        id: 'lu',
        role: 'LU',
        register: 'small',
        display: 'LU, Smerteklinikken',
        unit: 'clinic',
        practitioner: 'ane',
      },
    ]);
  });

  it.each(['retired', 'unknown-role', 'no-register', 'nothing'])(
    'are not those of a resource that is %s.',
    async (id) => {
      expect(await find(id)).toEqual([]);
    },
  );

  it('may lack person and department.', async () => {
    const [person, department] = await find('no-person', 'no-unit');

    expect(person).not.toHaveProperty('practitioner');
    expect(department).not.toHaveProperty('unit');
  });

  it.each<[JsonObject, boolean]>([
    [{ start: '2026-11-20' }, true],
    [{ start: '2026-11-20T12:00:00+01:00' }, true],
    [{ start: '2026-11-21' }, false],
    [{ start: '2027' }, false],
    [{ end: '2026-11-20' }, true],
    [{ end: '2026-11-20T07:00:00+01:00' }, true],
    [{ end: '2026-11-19' }, false],
    [{ end: '2026-11' }, true],
    [{ end: '2026' }, true],
    [{ end: '2025' }, false],
    [{ start: '2026-01-01', end: '2026-12-31' }, true],
  ])('count on the days of their period %j: %s.', async (period, isCurrent) => {
    const id = `period-${JSON.stringify(period).replaceAll(/[^0-9a-z]/g, '')}`;
    await sut.seed([role(id, { period })]);

    expect((await find(id)).map((found) => found.id)).toEqual(isCurrent ? [id] : []);
  });

  it('are found by HPR number, of shared records alone.', async () => {
    await sut.seed([role('of-a-sender')], { unit: 'somebody' });

    const roles = await findRolesOfHpr(sut.database.store.as(EVERYTHING), '9999999', DAY);

    expect(roles.map(({ id }) => id)).toEqual(expect.arrayContaining(['lu', 'sc', 'no-unit']));
    expect(roles.map(({ id }) => id)).not.toContain('of-a-sender');
    expect(await findRolesOfHpr(sut.database.store.as(EVERYTHING), '1', DAY)).toEqual([]);
  });
});
