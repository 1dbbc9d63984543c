/** https://hl7.org/fhir/R4/patient-operation-everything.html, resource-operation-meta.html, patient-operation-match.html */
import type { Bundle, OperationOutcome, Parameters, Resource } from '../../../src/fhir/types.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';
import { startWalkServer, to, type WalkServer } from '../walk/walk-server.ts';

const keysOf = ({ body }: HttpAnswer, mode?: string): readonly string[] =>
  ((body as Bundle).entry ?? [])
    .filter(({ search }) => mode === undefined || search?.mode === mode)
    .map(({ resource }) => `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`);
const rulesOf = ({ body }: HttpAnswer): readonly (string | undefined)[] =>
  ((body as OperationOutcome).issue ?? []).map(({ details }) => details?.coding?.[0]?.code);

describe('Operations on a record', () => {
  let server: WalkServer;
  let ehr: HttpClient;
  let coordinator: HttpClient;
  let analytics: HttpClient;

  beforeAll(async () => {
    server = await startWalkServer();
    ehr = await server.app.client('ehr');
    coordinator = await server.app.client('staff');
    analytics = await server.app.client('analytics');
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  const put = async (resource: Resource): Promise<void> => {
    const { status } = await ehr.put(`fhir/${resource.resourceType}/${resource.id ?? ''}`, resource);
    expect([200, 201]).toContain(status);
  };

  describe('$everything', () => {
    beforeAll(async () => {
      await put({ resourceType: 'Practitioner', id: 'doctor', name: [{ family: 'Lege' }] } as Resource);
      for (const id of ['kari', 'ola']) {
        await put({ resourceType: 'Patient', id, birthDate: '1950-01-01' } as Resource);
        await put({
          resourceType: 'Observation',
          id: `${id}-old`,
          status: 'final',
          code: { text: 'vekt' },
          subject: { reference: `Patient/${id}` },
          performer: [{ reference: 'Practitioner/doctor' }],
          effectiveDateTime: '2020-05-05',
        } as Resource);
        await put({
          resourceType: 'Observation',
          id: `${id}-new`,
          status: 'final',
          code: { text: 'vekt' },
          subject: { reference: `Patient/${id}` },
          effectiveDateTime: '2026-05-05',
        } as Resource);
      }
      await put({
        resourceType: 'Appointment',
        id: 'kari-visit',
        status: 'proposed',
        participant: [{ actor: { reference: 'Patient/kari' }, status: 'accepted' }],
      } as Resource);
    });

    it('gives the whole compartment, with what it refers to, and nobody else’s.', async () => {
      const answer = await ehr.get('fhir/Patient/kari/$everything');

      expect(answer.status).toBe(200);
      expect(keysOf(answer, 'match').toSorted()).toEqual([
        'Appointment/kari-visit',
        'Observation/kari-new',
        'Observation/kari-old',
        'Patient/kari',
      ]);
      expect(keysOf(answer, 'include')).toEqual(['Practitioner/doctor']);
    });

    it('takes dates of care, types and times of change, in the address or as Parameters.', async () => {
      const ask = (query: string) => ehr.get(`fhir/Patient/kari/$everything?${query}`);
      const posted = await ehr.post('fhir/Patient/kari/$everything', {
        resourceType: 'Parameters',
        parameter: [{ name: 'start', valueDate: '2026-01-01' }],
      });

      expect(keysOf(await ask('start=2026-01-01'))).not.toContain('Observation/kari-old');
      expect(keysOf(await ask('start=2026-01-01'))).toContain('Patient/kari');
      expect(keysOf(posted)).toEqual(keysOf(await ask('start=2026-01-01')));
      expect(keysOf(await ask('end=2021'))).not.toContain('Observation/kari-new');
      expect(keysOf(await ask('_type=Observation')).toSorted()).toEqual([
        'Observation/kari-new',
        'Observation/kari-old',
      ]);
      expect(keysOf(await ask('_since=2100-01-01T00:00:00Z'))).toEqual([]);
    });

    it('comes in pages that hold everything once.', async () => {
      const found: string[] = [];
      let next: string | undefined =
        'fhir/Patient/kari/$everything?_count=1&_type=Patient,Observation,Appointment';
      for (let page = 0; next !== undefined && page < 10; page++) {
        const answer: HttpAnswer = await ehr.get(next);
        expect(keysOf(answer, 'match')).toHaveLength(1);
        found.push(...keysOf(answer));
        next = (answer.body as Bundle).link?.find(({ relation }) => relation === 'next')?.url;
      }

      expect(found.toSorted()).toEqual(
        keysOf(
          await ehr.get('fhir/Patient/kari/$everything?_type=Patient,Observation,Appointment'),
        ).toSorted(),
      );
    });

    it('of all persons is for those who may have a whole store.', async () => {
      const all = await ehr.get('fhir/Patient/$everything?_type=Patient,Observation');
      const refused = await coordinator.get('fhir/Patient/$everything');

      expect(keysOf(all)).toEqual(
        expect.arrayContaining(['Patient/kari', 'Patient/ola', 'Observation/ola-new']),
      );
      expect(refused.status).toBe(403);
    });

    it('of a pathway gives episode, person and tasks, to its department alone.', async () => {
      const person = await server.person();
      const answer = await coordinator.get(`fhir/EpisodeOfCare/${person.episode}/$everything`);
      const hidden = await analytics.get(`fhir/EpisodeOfCare/${person.episode}/$everything`);

      expect(keysOf(answer)).toEqual(
        expect.arrayContaining([
          `EpisodeOfCare/${person.episode}`,
          `Patient/${person.patient}`,
          ...Object.values(person.tasks).map((id) => `Task/${id}`),
        ]),
      );
      expect(hidden.status).toBe(404);
    });

    it('hides what the caller may not see, like what is not there.', async () => {
      const hidden = await analytics.get('fhir/Patient/kari/$everything');
      const unknown = await analytics.get('fhir/Patient/never-was/$everything');

      expect([hidden.status, unknown.status]).toEqual([404, 404]);
    });

    it.each(['start=soon', '_count=0', '_type=Unicorn', '_since=2026', '_cursor=abc', '_sort=date'])(
      'is refused with %s.',
      async (query) => {
        const answer = await ehr.get(`fhir/Patient/kari/$everything?${query}`);

        expect(answer.status).toBe(400);
        expect((answer.body as Resource).resourceType).toBe('OperationOutcome');
      },
    );
  });

  describe('$meta', () => {
    const tag = { system: 'http://example.org/tags', code: 'study-a' };
    const meta = (valueMeta: object) => ({
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta }],
    });
    const metaOf = ({ body }: HttpAnswer) => (body as Parameters).parameter?.[0]?.valueMeta;

    beforeAll(() =>
      put({
        resourceType: 'Observation',
        id: 'labelled',
        status: 'final',
        code: { text: 'vekt' },
      } as Resource),
    );

    it('adds and takes away labels as new versions, and tells them at each level.', async () => {
      const added = await ehr.post('fhir/Observation/labelled/$meta-add', meta({ tag: [tag] }));
      const again = await ehr.post('fhir/Observation/labelled/$meta-add', meta({ tag: [tag] }));
      const levels = [
        await ehr.get('fhir/Observation/labelled/$meta'),
        await ehr.get('fhir/Observation/labelled/_history/2/$meta'),
        await ehr.get('fhir/Observation/$meta'),
        await ehr.get('fhir/$meta'),
      ];
      const removed = await ehr.post('fhir/Observation/labelled/$meta-delete', meta({ tag: [tag] }));

      expect(added.headers.get('etag')).toBe('W/"2"');
      expect(again.headers.get('etag')).toBe('W/"2"');
      expect(levels.map((level) => metaOf(level)?.tag)).toEqual([[tag], [tag], [tag], [tag]]);
      expect(metaOf(removed)?.tag).toBeUndefined();
      expect(metaOf(await ehr.get('fhir/Observation/$meta'))?.tag).toBeUndefined();
      const [row] = await server.app.database.db.query<{ n: number }>({
        text: `select count(*)::int as n from audit where kind in ('$meta-add', '$meta-delete') and entity_id = 'labelled' and outcome = 200`,
      });
      expect(row?.n).toBeGreaterThanOrEqual(3);
    });

    it('leaves the server’s labels, earlier versions and other units’ resources alone.', async () => {
      const ours = { system: 'https://ryggrad.no/fhir/CodeSystem/store', code: 'national' };
      const refused = [
        await ehr.post('fhir/Observation/labelled/$meta-add', meta({ security: [ours] })),
        await ehr.post('fhir/Observation/labelled/_history/1/$meta-add', meta({ tag: [tag] })),
        await ehr.post('fhir/Observation/labelled/$meta-add', { resourceType: 'Parameters' }),
        await analytics.post('fhir/Observation/labelled/$meta-add', meta({ tag: [tag] })),
      ];

      expect(refused.map(({ status }) => status)).toEqual([422, 405, 400, 404]);
      expect(rulesOf(refused[0] as HttpAnswer)).toEqual(['server-label']);
    });
  });

  describe('$match', () => {
    const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';
    const person = {
      resourceType: 'Patient',
      name: [{ family: 'Bjørnstad', given: ['Åse', 'Marie'] }],
      birthDate: '1961-04-03',
      gender: 'female',
    };
    const ask = (resource: object, more: readonly object[] = [], client = ehr): Promise<HttpAnswer> =>
      client.post('fhir/Patient/$match', {
        resourceType: 'Parameters',
        parameter: [{ name: 'resource', resource }, ...more],
      });
    const gradesOf = ({ body }: HttpAnswer) =>
      ((body as Bundle).entry ?? []).map(({ resource, search }) => [
        resource?.id,
        search?.extension?.[0]?.valueCode,
        search?.score,
      ]);

    beforeAll(() => put({ ...person, id: 'aase' } as Resource));

    it('finds a person by name and birth date, however Norwegian letters are written, but never for certain.', async () => {
      const spelled = { ...person, name: [{ family: 'Bjoernstad', given: ['Aase'] }] };
      const answer = await ask(spelled);
      const certain = await ask(spelled, [{ name: 'onlyCertainMatches', valueBoolean: true }]);

      expect(gradesOf(answer)).toEqual([['aase', 'probable', 0.95]]);
      expect(gradesOf(certain)).toEqual([]);
    });

    it('is certain of an equal national identity number alone.', async () => {
      const { patient } = await server.person();
      const stored = (await ehr.get(`fhir/Patient/${patient}`)).body as {
        identifier: readonly { system: string; value: string }[];
      };
      const number = stored.identifier.find(({ system }) => system === FNR)?.value;

      const answer = await ask({ resourceType: 'Patient', identifier: [{ system: FNR, value: number }] });

      expect(gradesOf(answer)).toEqual([[patient, 'certain', 1]]);
    });

    it('shows nobody whom the caller may not see, and nobody at all to who reads pseudonymised data.', async () => {
      const staff = await ask(person, [], coordinator);
      const pseudonymised = await ask(person, [], analytics);

      expect(gradesOf(staff)).toEqual([]);
      expect(pseudonymised.status).toBe(403);
    });

    it.each([
      ['no Patient', { resourceType: 'Observation' }, 400],
      ['a name alone', { resourceType: 'Patient', name: [{ family: 'Hansen' }] }, 422],
      ['a name that is no list', { resourceType: 'Patient', name: 'Hansen' }, 400],
    ])('is refused with %s.', async (_what, resource, status) => {
      expect((await ask(resource)).status).toBe(status);
    });
  });

  describe('on forms', () => {
    const parameters = (...parameter: readonly object[]) => ({ resourceType: 'Parameters', parameter });
    const form = async (): Promise<string> => {
      const { body } = await coordinator.get('fhir/Questionnaire?_id=smertereg-to');
      const { url, version } = (body as Bundle).entry?.[0]?.resource as { url: string; version: string };
      return `${url}|${version}`;
    };

    it('$populate fills a form for a person, by canonical, by reference and by address.', async () => {
      const person = await server.person();
      const subject = { name: 'subject', valueReference: { reference: `Patient/${person.patient}` } };
      const local = { name: 'local', valueBoolean: true };
      const answers = [
        await coordinator.post(
          'fhir/Questionnaire/$populate',
          parameters({ name: 'canonical', valueUri: await form() }, subject, local),
        ),
        await coordinator.post(
          'fhir/Questionnaire/$populate',
          parameters(
            { name: 'questionnaireRef', valueReference: { reference: 'Questionnaire/smertereg-to' } },
            subject,
            local,
          ),
        ),
        await coordinator.post(
          'fhir/Questionnaire/smertereg-to/$populate',
          parameters(subject, {
            name: 'context',
            part: [
              { name: 'name', valueString: 'unheard' },
              { name: 'content', valueReference: subject.valueReference },
            ],
          }),
        ),
      ];

      for (const { status, body } of answers) {
        expect(status).toBe(200);
        expect((body as Parameters).parameter?.[0]).toMatchObject({
          name: 'response',
          resource: { subject: { reference: `Patient/${person.patient}` }, questionnaire: await form() },
        });
      }
      expect((answers[2]?.body as Parameters).parameter?.[1]?.name).toBe('issues');
    });

    it('$populate runs no expression of a caller’s, and says which form it wants.', async () => {
      const subject = { name: 'subject', valueReference: { reference: 'Patient/kari' } };
      const answers = [
        await ehr.post(
          'fhir/Questionnaire/$populate',
          parameters({ name: 'questionnaire', resource: { resourceType: 'Questionnaire' } }, subject),
        ),
        await ehr.post(
          'fhir/Questionnaire/$populate',
          parameters({ name: 'canonical', valueUri: 'http://example.org/other' }, subject),
        ),
        await ehr.post(
          'fhir/Questionnaire/$populate',
          parameters({ name: 'canonical', valueUri: await form() }),
        ),
      ];

      expect(answers.map(({ status }) => status)).toEqual([400, 422, 400]);
    });

    it('$extract and the check of a response answer for stored and sent ones, and store nothing.', async () => {
      const person = await server.person();
      const saved = await server.save(person, 'to', to.consenting, { status: 'completed' });
      const count = async (): Promise<unknown> =>
        server.app.database.db.query({ text: 'select count(*)::int as n from resource' });
      const before = await count();
      const id = saved.body.id ?? '';

      const stored = await coordinator.get(`fhir/QuestionnaireResponse/${id}/$extract`);
      const { id: _id, ...unsaved } = saved.body;
      const sent = await coordinator.post('fhir/QuestionnaireResponse/$extract', unsaved);
      const checked = await coordinator.get(
        `fhir/QuestionnaireResponse/${id}/$questionnaire-response-validate`,
      );
      const faulty = await coordinator.post(
        'fhir/QuestionnaireResponse/$questionnaire-response-validate',
        parameters({
          name: 'questionnaire-response',
          resource: { ...saved.body, item: [{ linkId: 'no-such-item' }] },
        }),
      );

      expect(stored.body).toMatchObject({ resourceType: 'Bundle', type: 'transaction' });
      expect((stored.body as Bundle).entry?.every(({ request }) => request?.method === 'PUT')).toBe(true);
      expect((sent.body as Bundle).entry?.[0]).toMatchObject({
        request: { method: 'POST', url: 'QuestionnaireResponse' },
      });
      expect((sent.body as Bundle).entry).toHaveLength(((stored.body as Bundle).entry?.length ?? 0) + 1);
      expect(JSON.stringify(sent.body)).not.toContain('"reference":"QuestionnaireResponse/');
      expect((checked.body as OperationOutcome).issue.filter(({ severity }) => severity === 'error')).toEqual(
        [],
      );
      expect((faulty.body as OperationOutcome).issue.some(({ severity }) => severity === 'error')).toBe(true);
      expect(await count()).toEqual(before);
    });

    it('$assemble puts stored parts in their places.', async () => {
      const SUB = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-subQuestionnaire';
      await put({
        resourceType: 'Questionnaire',
        id: 'part',
        url: 'http://example.org/part',
        version: '1',
        status: 'draft',
        item: [{ linkId: 'a', type: 'string', text: 'A' }],
      } as Resource);
      const whole = {
        resourceType: 'Questionnaire',
        url: 'http://example.org/whole',
        version: '1',
        status: 'draft',
        item: [
          {
            linkId: 'here',
            type: 'display',
            text: '-',
            extension: [{ url: SUB, valueCanonical: 'http://example.org/part|1' }],
          },
        ],
      };

      const answer = await ehr.post(
        'fhir/Questionnaire/$assemble',
        parameters({ name: 'questionnaire', resource: whole }),
      );
      const missing = await ehr.post('fhir/Questionnaire/$assemble', {
        ...whole,
        item: [{ ...whole.item[0], extension: [{ url: SUB, valueCanonical: 'http://example.org/none' }] }],
      });

      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ version: '1-assembled', item: [{ linkId: 'a' }] });
      expect([missing.status, rulesOf(missing)]).toEqual([422, ['assemble-part']]);
    });
  });
});
