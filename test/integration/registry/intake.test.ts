/** What an EHR sends: kept as it came, numbered once, opened once. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { SYSTEM } from '../../../src/access/principal.ts';
import type { Register } from '../../../src/content/register.ts';
import type { JsonObject, PlanDefinition } from '../../../src/fhir/types.ts';
import { openPathways } from '../../../src/registry/episode/open.ts';
import { keepMessage } from '../../../src/registry/intake/keep-message.ts';
import { keepIdentifiers } from '../../../src/registry/person/keep-identifiers.ts';
import {
  FORLOPS_ID,
  identifierValue,
  PASIENT_ID,
} from '../../../src/registry/person/register-identifiers.ts';
import { readSchedules } from '../../../src/registry/schedule/plan.ts';
import { resolveUnits } from '../../../src/registry/unit/resolve-units.ts';
import {
  as,
  bodyOf,
  ehrOf,
  post,
  put,
  refusalOf,
  type RepositoryUnderTest,
  startRepository,
} from '../../support/repository.ts';
import { staff } from '../../unit/access/principals.ts';
import { PATHWAY, plan, REFERRAL, register } from '../../unit/registry/small-register.ts';

const ehr = ehrOf('trust', 'clinic');
const RESH = 'urn:oid:2.16.578.1.12.4.1.4.102';
const RAW = '{"resourceType":"Bundle", "type" : "transaction" }';

/** Two modules of one register: neck opens one pathway for each referral. */
const moduleOf = (name: string, extension: PlanDefinition['extension'] = []): PlanDefinition => ({
  ...plan,
  id: name,
  url: `http://test.no/PlanDefinition/${name}`,
  extension,
  topic: [{ coding: [{ system: 'http://test.no/codes', code: name }] }],
  action: [
    {
      id: 'open',
      trigger: [
        {
          type: 'data-added',
          data: [{ type: 'ServiceRequest', codeFilter: [{ path: 'code', code: [serviceOf(name)] }] }],
        },
      ],
    },
    ...(plan.action ?? []).slice(1),
  ],
});
const serviceOf = (name: string) => ({ system: 'http://test.no/codes', code: `operate-${name}` });
const PER_REFERRAL = [
  { url: 'https://ryggrad.no/fhir/StructureDefinition/pathway-opens-for', valueCode: 'referral' },
];
const modules: Register = {
  ...register,
  id: 'modules',
  plans: [moduleOf('back'), moduleOf('neck', PER_REFERRAL)],
};

describe('A message from an EHR', () => {
  let sut: RepositoryUnderTest;

  beforeAll(async () => {
    const rules = [
      resolveUnits,
      keepIdentifiers,
      openPathways([...readSchedules(register), ...readSchedules(modules)]),
      keepMessage,
    ];
    sut = await startRepository(rules);
    await sut.seed([
      { resourceType: 'Organization', id: 'trust', name: 'HF' },
      {
        resourceType: 'Organization',
        id: 'clinic',
        name: 'Klinikk',
        identifier: [{ system: RESH, value: '4200002' }],
      },
      {
        resourceType: 'Organization',
        id: 'elsewhere',
        name: 'Annen',
        identifier: [{ system: RESH, value: '4200003' }],
      },
    ]);
  });
  afterAll(async () => {
    await sut[Symbol.asyncDispose]();
  });

  const referral = (patient: string, resh = '4200002', parts: JsonObject = {}): JsonObject => ({
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    code: { coding: [REFERRAL] },
    subject: { reference: patient },
    performer: [{ identifier: { system: RESH, value: resh } }],
    authoredOn: '2026-11-01',
    ...parts,
  });
  const ofPatient = async (type: string, patient: string): Promise<readonly JsonObject[]> => {
    const rows = await sut.repository.select(as(SYSTEM), {
      text: `r.patient = $1 and r.content like '{"resourceType":"' || $2 || '"%'`,
      values: [patient, type],
    });
    return rows.map(bodyOf);
  };
  const newPatient = async (): Promise<string> => {
    const [result] = await sut.repository.commit(as(ehr), [post({ resourceType: 'Patient' })]);
    return result?.id ?? '';
  };

  it('is kept byte for byte, with its hash and all that came of it.', async () => {
    const results = await sut.repository.commit(
      as(ehr),
      [
        post({ resourceType: 'Patient' }, { fullUrl: 'urn:uuid:p' }),
        post({
          resourceType: 'Observation',
          status: 'final',
          code: { text: 'x' },
          subject: { reference: 'urn:uuid:p' },
        }),
      ],
      { message: { door: 'fhir', raw: RAW, isBundle: true } },
    );

    const rows = await sut.repository.select(as(ehr), {
      text: `r.content like '{"resourceType":"Provenance"%' and r.content like '%' || $1 || '%'`,
      values: [results[0]?.id],
    });
    const provenance = bodyOf(rows[0]) as {
      target: unknown;
      entity: [{ what: { reference: string; identifier: JsonObject } }];
    };
    const { reference, identifier } = provenance.entity[0].what;
    const binary = bodyOf(
      await sut.repository.read(as(ehr, 'read'), { type: 'Binary', id: reference.slice('Binary/'.length) }),
    );

    expect(rows).toHaveLength(1);
    expect(provenance.target).toEqual(results.map(({ type, id }) => ({ reference: `${type}/${id}` })));
    expect(identifier['value']).toBe(`ni:///sha-256;${createHash('sha256').update(RAW).digest('base64url')}`);
    expect(binary['contentType']).toBe('application/gzip');
    expect(gunzipSync(Buffer.from(String(binary['data']), 'base64')).toString()).toBe(RAW);
    expect(results).toHaveLength(2);
  });

  it('is kept only of EHRs, and only when something came of it.', async () => {
    const before = await sut.count('Binary');
    await sut.repository.commit(as(ehr), [post({ resourceType: 'Patient' })]);
    await sut.repository.commit(as(staff('LU')), [post({ resourceType: 'Patient' })], {
      message: { door: 'fhir', raw: RAW, isBundle: true },
    });
    await sut.repository.commit(as(ehr), [{ kind: 'delete', type: 'Patient', condition: '_id=none' }], {
      message: { door: 'fhir', raw: RAW, isBundle: true },
    });

    expect(await sut.count('Binary')).toBe(before);
  });

  it('with a referral opens one pathway with its tasks, and numbers person and pathway once.', async () => {
    const id = await newPatient();

    await sut.repository.commit(as(ehr), [post(referral(`Patient/${id}`))]);
    const [patient] = await ofPatient('Patient', id);
    const [episode, ...more] = await ofPatient('EpisodeOfCare', id);
    const tasks = await ofPatient('Task', id);

    expect(more).toEqual([]);
    expect(identifierValue(patient ?? {}, PASIENT_ID)).toMatch(/^[0-9]{5}$/);
    expect(identifierValue(episode ?? {}, FORLOPS_ID)).toMatch(/^[0-9]{5}$/);
    expect(episode).toMatchObject({
      status: 'active',
      managingOrganization: { reference: 'Organization/clinic' },
      period: { start: '2026-11-01' },
    });
    expect(tasks.map(({ status }) => String(status)).toSorted()).toEqual(['draft', 'ready']);

    await sut.repository.commit(as(ehr), [post(referral(`Patient/${id}`))]);
    expect(await ofPatient('EpisodeOfCare', id)).toHaveLength(1);
    expect(await ofPatient('Patient', id)).toEqual([patient]);
  });

  it('with referrals to two units opens two pathways of one PasientID.', async () => {
    const id = await newPatient();

    await sut.repository.commit(as(ehr), [
      post(referral(`Patient/${id}`)),
      post(referral(`Patient/${id}`, '4200003')),
    ]);

    const episodes = await ofPatient('EpisodeOfCare', id);
    const [patient] = await ofPatient('Patient', id);
    expect(new Set(episodes.map((episode) => identifierValue(episode, FORLOPS_ID))).size).toBe(2);
    expect((patient?.['identifier'] as readonly unknown[]).length).toBe(1);
  });

  it('with the same referral from eight senders at once opens one pathway.', async () => {
    const id = await newPatient();
    const identifier = [{ system: 'urn:referral', value: id }];

    await Promise.all(
      Array.from({ length: 8 }, () =>
        sut.repository.commit(as(ehr), [
          post(referral(`Patient/${id}`, '4200002', { identifier }), {
            ifNoneExist: `identifier=urn:referral|${id}`,
          }),
        ]),
      ),
    );

    expect(await ofPatient('EpisodeOfCare', id)).toHaveLength(1);
    expect(await ofPatient('Task', id)).toHaveLength(2);
  });

  const operation = (name: string, patient: string, parts: JsonObject = {}) =>
    post(referral(`Patient/${patient}`, '4200002', { code: { coding: [serviceOf(name)] }, ...parts }));
  const numbered = (value: string): JsonObject => ({ identifier: [{ system: 'urn:operation', value }] });
  const opened = async (patient: string): Promise<readonly string[]> =>
    (await ofPatient('EpisodeOfCare', patient))
      .map(({ type }) => (type as [{ coding: [{ code: string }] }])[0].coding[0].code)
      .toSorted();

  it('opens a pathway for each register and each module that it refers a person to, also in one message.', async () => {
    const id = await newPatient();

    await sut.repository.commit(as(ehr), [
      post(referral(`Patient/${id}`)),
      operation('back', id),
      operation('neck', id),
    ]);
    const tasks = await ofPatient('Task', id);

    expect(await opened(id)).toEqual(['back', 'neck', 'pathway']);
    expect(new Set(tasks.map(({ instantiatesCanonical }) => instantiatesCanonical))).toEqual(
      new Set(['plan', 'back', 'neck'].map((name) => `http://test.no/PlanDefinition/${name}|1.0.0`)),
    );
  });

  it('about a second operation opens a pathway beside the first where each referral has its own, and none elsewhere.', async () => {
    const id = await newPatient();
    const days = ['2026-11-01', '2026-11-05', '2026-10-20'];

    for (const authoredOn of days) {
      await sut.repository.commit(as(ehr), [
        operation('back', id, { authoredOn }),
        operation('neck', id, { authoredOn }),
      ]);
    }

    expect(await opened(id)).toEqual(['back', 'neck', 'neck', 'neck']);
  });

  it('that is sent again opens nothing where each referral has its own: by its number, else by when it was written.', async () => {
    const id = await newPatient();
    const both = [operation('neck', id, numbered('1')), operation('neck', id, numbered('2'))];

    await sut.repository.commit(as(ehr), both);
    await sut.repository.commit(as(ehr), [
      operation('neck', id, { ...numbered('2'), authoredOn: '2026-11-03' }),
    ]);
    expect(await opened(id)).toEqual(['neck', 'neck']);

    await sut.repository.commit(as(ehr), [operation('neck', id)]);
    expect(await opened(id)).toEqual(['neck', 'neck']);

    await sut.repository.commit(as(ehr), [operation('neck', id, { authoredOn: '2026-11-04' })]);
    expect(await opened(id)).toEqual(['neck', 'neck', 'neck']);
  });

  it('with a referral for which staff have opened a pathway by hand opens no other.', async () => {
    const id = await newPatient();
    await sut.seed([{ ...(await ofPatient('Patient', id))[0] } as JsonObject], { unit: 'clinic' });
    await sut.repository.commit(as(staff('LU', { register: 'modules' })), [
      post({
        resourceType: 'EpisodeOfCare',
        status: 'active',
        type: [{ coding: [{ system: 'http://test.no/codes', code: 'neck' }] }],
        patient: { reference: `Patient/${id}` },
        managingOrganization: { reference: 'Organization/clinic' },
        period: { start: '2026-11-02' },
      }),
    ]);

    await sut.repository.commit(as(ehr), [operation('neck', id)]);

    expect(await opened(id)).toEqual(['neck']);
  });

  it('with different referrals of a person to a unit at once opens one pathway.', async () => {
    const id = await newPatient();

    await sut.repository.commit(as(ehr), [post(referral(`Patient/${id}`, '4200003'))]);

    await Promise.all(
      Array.from({ length: 8 }, () => sut.repository.commit(as(ehr), [post(referral(`Patient/${id}`))])),
    );

    expect(await ofPatient('EpisodeOfCare', id)).toHaveLength(2);
  });

  it('that is the first of a person, from eight senders at once, gives one PasientID.', async () => {
    const id = await newPatient();

    await Promise.all(
      Array.from({ length: 8 }, (_, sender) =>
        sut.repository.commit(as(ehr), [
          post(referral(`Patient/${id}`, sender % 2 === 0 ? '4200002' : '4200003')),
        ]),
      ),
    );

    const [patient] = await ofPatient('Patient', id);
    expect(patient?.['identifier']).toHaveLength(1);
    expect(await ofPatient('EpisodeOfCare', id)).toHaveLength(2);
  });

  it.each<[string, JsonObject]>([
    ['another code', { code: { coding: [{ ...REFERRAL, code: 'x-ray' }] } }],
    ['another status', { status: 'draft' }],
    ['no person here', { subject: { display: 'Kari' } }],
  ])('with a referral of %s opens none.', async (_what, parts) => {
    const id = await newPatient();

    await sut.repository.commit(as(ehr), [post(referral(`Patient/${id}`, '4200002', parts))]);

    expect(await ofPatient('EpisodeOfCare', id)).toEqual([]);
  });

  it('with a referral to nobody is refused.', async () => {
    const id = await newPatient();

    expect(
      await refusalOf(
        sut.repository.commit(as(ehr), [post(referral(`Patient/${id}`, '', { performer: [] }))]),
      ),
    ).toMatch(/^4(00|22) /);
    expect(
      await refusalOf(
        sut.repository.commit(as(ehr), [
          post(referral(`Patient/${id}`, '', { performer: [{ display: 'Klinikken' }] })),
        ]),
      ),
    ).toBe('422 unit-required');
  });

  it('neither makes, changes nor takes away the register’s numbers.', async () => {
    const [made] = await sut.repository.commit(as(ehr), [
      post({ resourceType: 'Patient', identifier: [{ system: PASIENT_ID, value: '99999' }] }),
    ]);
    const id = made?.id ?? '';
    await sut.repository.commit(as(ehr), [post(referral(`Patient/${id}`))]);
    const [given] = await ofPatient('Patient', id);
    const number = identifierValue(given ?? {}, PASIENT_ID);

    const other = { system: 'urn:mrn', value: '7' };
    await sut.repository.commit(as(ehr), [
      put({ resourceType: 'Patient', id, identifier: [other, { system: PASIENT_ID, value: '88888' }] }),
    ]);
    const [changed] = await ofPatient('Patient', id);
    await sut.repository.commit(as(ehr), [put({ resourceType: 'Patient', id, gender: 'female' })]);
    const [taken] = await ofPatient('Patient', id);

    expect(identifierValue(bodyOf(made), PASIENT_ID)).toBeUndefined();
    expect(number).toMatch(/^[0-9]{5}$/);
    expect(changed?.['identifier']).toEqual([other, { system: PASIENT_ID, value: number }]);
    expect(taken?.['identifier']).toEqual([{ system: PASIENT_ID, value: number }]);
  });

  it('of staff opens a pathway in the own department alone.', async () => {
    const id = await newPatient();
    const pathway = (unit: string): JsonObject => ({
      resourceType: 'EpisodeOfCare',
      status: 'active',
      type: [{ coding: [PATHWAY] }],
      identifier: [{ system: FORLOPS_ID, value: '1' }],
      patient: { reference: `Patient/${id}` },
      managingOrganization: { reference: `Organization/${unit}` },
    });
    await sut.seed([{ ...(await ofPatient('Patient', id))[0] } as JsonObject], { unit: 'clinic' });

    const [opened] = await sut.repository.commit(as(staff('LU', { register: 'small' })), [
      post(pathway('clinic')),
    ]);

    expect(identifierValue(bodyOf(opened), FORLOPS_ID)).toMatch(/^[0-9]{5}$/);
    expect(await ofPatient('Task', id)).toHaveLength(2);
    expect(
      await refusalOf(
        sut.repository.commit(as(staff('LU', { register: 'small' })), [post(pathway('elsewhere'))]),
      ),
    ).toBe('422 own-unit');
  });
});
