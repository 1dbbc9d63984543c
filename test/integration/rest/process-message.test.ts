/**
 * FHIR messages of record systems: $process-message. docs/adr/0030
 * https://hl7.org/fhir/R4/messageheader-operation-process-message.html
 */
import type { Bundle, OperationOutcome } from '../../../src/fhir/types.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import type { InboxRow } from '../../../src/storage/inbox.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { HttpAnswer, HttpClient } from '../../support/http-client.ts';
import { syntheticNumber } from '../../support/synthetic-number.ts';

const MINUTE = 60_000;

let server: TestApp;
let ehr: HttpClient;
let names = 0;

beforeAll(async () => {
  server = await startTestApp();
  ehr = await server.client('ehr');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const newName = (): string => `message-${(names += 1)}`;
const ago = (minutes: number): string => new Date(Date.now() - minutes * MINUTE).toISOString();
const rows = (): Promise<readonly InboxRow[]> => server.app.received.inbox.list({ limit: 200 });
const rowOf = async (name: string): Promise<InboxRow | undefined> =>
  (await rows()).find(({ message }) => message?.endsWith(name) === true);
const ruleOf = ({ body }: HttpAnswer): string | undefined =>
  (body as OperationOutcome).issue?.[0]?.details?.coding?.[0]?.code;

describe('$process-message', () => {
  const EVENTS = 'https://ryggrad.no/fhir/CodeSystem/message-event';
  const BASE = 'https://record.example/fhir';
  const message = (
    entries: readonly { fullUrl?: string; resource: JsonObject }[],
    { id = newName(), event = 'record-changed', timestamp = ago(5) } = {},
  ): JsonObject =>
    ({
      resourceType: 'Bundle',
      type: 'message',
      timestamp,
      entry: [
        {
          fullUrl: `urn:uuid:${crypto.randomUUID()}`,
          resource: {
            resourceType: 'MessageHeader',
            id,
            eventCoding: { system: EVENTS, code: event },
            source: { endpoint: BASE },
          },
        },
        ...entries,
      ],
    }) as unknown as JsonObject;
  const process = (bundle: JsonObject): Promise<HttpAnswer> => ehr.post('fhir/$process-message', bundle);
  const { number, birthDate } = syntheticNumber(9_001);
  const person = {
    fullUrl: `${BASE}/Patient/p1`,
    resource: {
      resourceType: 'Patient',
      id: 'p1',
      identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: number }],
      birthDate,
    },
  };
  const condition = (id: string, text: string, subject: string) => ({
    fullUrl: `${BASE}/Condition/${id}`,
    resource: { resourceType: 'Condition', id, code: { text }, subject: { reference: subject } },
  });
  const conditionAt = async (id: string): Promise<readonly JsonObject[]> =>
    (
      ((await ehr.get(`fhir/Condition?identifier=urn:ietf:rfc:3986|${BASE}/Condition/${id}`)).body as Bundle)
        .entry ?? []
    ).map(({ resource }) => resource as unknown as JsonObject);

  it('stores what is in the record, knows it again by its address, and answers with a message.', async () => {
    const id = newName();
    const first = await process(
      message([person, condition(id, 'Ryggsmerte', 'Patient/p1')], { timestamp: ago(9) }),
    );
    const second = await process(
      message([person, condition(id, 'Nakkesmerte', `${BASE}/Patient/p1`)], { timestamp: ago(8) }),
    );
    const [header] = (first.body as Bundle).entry ?? [];
    const stored = await conditionAt(id);

    expect([first.status, second.status]).toEqual([200, 200]);
    expect(header?.resource).toMatchObject({ resourceType: 'MessageHeader', response: { code: 'ok' } });
    expect(stored).toHaveLength(1);
    expect(stored[0]).toMatchObject({ code: { text: 'Nakkesmerte' }, meta: { versionId: '2' } });
  });

  it('finds what another message has brought by its address in the record.', async () => {
    const [encounter, id] = [newName(), newName()];
    const visit = {
      fullUrl: `${BASE}/Encounter/${encounter}`,
      resource: {
        resourceType: 'Encounter',
        id: encounter,
        status: 'finished',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
        subject: { reference: 'Patient/p1' },
      },
    };
    await process(message([person, visit]));
    const about = condition(id, 'Ryggsmerte', 'Patient/p1');

    const { status } = await process(
      message([
        person,
        { ...about, resource: { ...about.resource, encounter: { reference: `Encounter/${encounter}` } } },
      ]),
    );

    expect(status).toBe(200);
    expect((await conditionAt(id))[0]?.['encounter']).toEqual({
      reference: expect.stringMatching(/^Encounter\/[^/?]+$/) as unknown,
    });
  });

  it('is done once: the same message again is answered, and changes nothing (IR-03).', async () => {
    const id = newName();
    const bundle = message([person, condition(id, 'Ryggsmerte', 'Patient/p1')], { id });

    const answers = [await process(bundle), await process(bundle)];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await rowOf(id)).toMatchObject({ door: 'message', outcome: 'stored', times: 2 });
    expect((await conditionAt(id))[0]).toMatchObject({ meta: { versionId: '1' } });
  });

  it('removes what is not in the record any more; an older change does not bring it back (IR-05).', async () => {
    const id = newName();
    const entry = condition(id, 'Ryggsmerte', 'Patient/p1');
    await process(message([person, entry], { timestamp: ago(30) }));

    const removed = await process(message([entry], { event: 'record-removed', timestamp: ago(20) }));

    expect(removed.status).toBe(200);
    expect(await conditionAt(id)).toEqual([]);
  });

  it.each([
    ['another Bundle', { resourceType: 'Bundle', type: 'transaction' }, 400, 'bundle-type'],
    ['no header', { resourceType: 'Bundle', type: 'message', entry: [person] }, 400, 'bdl-12'],
    ['an event that is none', message([person], { event: 'record-praised' }), 422, 'message-event'],
    [
      'what could not be known again',
      message([{ resource: { resourceType: 'Observation', status: 'final', code: { text: 'x' } } }]),
      400,
      'message-identity',
    ],
    ['a person to be removed', message([person], { event: 'record-removed' }), 422, 'message-removal'],
  ] as const)('refuses %s, and keeps it.', async (_what, bundle, status, rule) => {
    const before = (await rows()).filter(({ outcome }) => outcome === 'refused').length;

    const answer = await process(bundle as unknown as JsonObject);
    const refused = (await rows()).filter(({ outcome }) => outcome === 'refused');

    expect(answer.status).toBe(status);
    expect(ruleOf(answer)).toBe(rule);
    expect(refused).toHaveLength(before + 1);
  });

  it('is for record systems: staff and analysts are refused, and leave nothing.', async () => {
    const before = (await rows()).length;
    const staff = await server.client('staff');

    const answer = await staff.post('fhir/$process-message', message([person]));

    expect(answer.status).toBe(403);
    expect(await rows()).toHaveLength(before);
  });
});
