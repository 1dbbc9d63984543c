/**
 * Forms that are sent to patients, on the whole server with a clock that is set (registers.md section 5, rules 23 to 25).
 */
import type {
  Communication,
  CommunicationRequest,
  QuestionnaireResponse,
  Task,
} from '../../../src/fhir/types.ts';
import { complete } from '../../content/b22-answers.ts';
import {
  CONSENTING,
  type Person,
  reasonOf,
  REFUSING,
  type SendingServer,
  staff,
  startSendingServer,
  stateOf,
  UNASKED,
} from './sending-server.ts';

let server: SendingServer;

beforeAll(async () => {
  server = await startSendingServer('2027-01-11T09:00:00+01:00');
});

afterAll(() => server[Symbol.asyncDispose]());

/** Somebody who consents on this day, at ten in the morning. */
async function consenting(day: string, last?: RegExp): Promise<Person> {
  server.clock.set(`${day}T08:00:00Z`);
  const person = await server.person(last);
  expect(await server.save(person, 'to', CONSENTING(day))).toEqual([]);
  return person;
}

const lastVisit = (day: string) => ({
  ...complete,
  visits: { ...(complete['visits'] as object), 'to-start-date': day, 'end-date': day },
});

describe('The forms of a consenting patient', () => {
  it('rule 23: go out at half past four on the day of the consent, two minutes apart, in one dispatch.', async () => {
    server.clock.set('2027-01-12T10:00:00+01:00');
    const person = await server.person();
    await server.save(person, 'to', UNASKED('2027-01-12'));
    expect(stateOf(await server.task(person, 'pasreg'))).toBe('not-ready');

    server.clock.set('2027-01-12T16:29:00+01:00');
    expect(await server.save(person, 'to', CONSENTING('2027-01-12'))).toEqual([]);
    expect(stateOf(await server.task(person, 'pasreg'))).toBe('available');
    await server.at('2027-01-12T16:29:59+01:00');
    expect(await server.told(person)).toEqual([]);

    await server.at('2027-01-12T16:30:00+01:00');
    await server.at('2027-01-12T16:31:59+01:00');
    expect(await server.told(person)).toEqual([
      { at: '2027-01-12 16:30', form: 'pasreg', kind: 'send', channel: 'helsenorge' },
    ]);
    await server.at('2027-01-12T16:32:00+01:00');
    await server.at('2027-01-12T18:00:00+01:00');
    expect(await server.told(person)).toEqual([
      { at: '2027-01-12 16:30', form: 'pasreg', kind: 'send', channel: 'helsenorge' },
      { at: '2027-01-12 16:32', form: 'hads', kind: 'send', channel: 'helsenorge' },
    ]);
    const requests = await server.all<CommunicationRequest>(person, 'CommunicationRequest');
    expect(new Set(requests.map(({ groupIdentifier }) => groupIdentifier?.value)).size).toBe(1);
    expect(stateOf(await server.task(person, 'pasreg'))).toBe('sent');
  });

  it('rule 23: wait for the next afternoon when consent comes a minute too late, and for none when it is refused.', async () => {
    server.clock.set('2027-01-13T16:31:00+01:00');
    const late = await server.person();
    await server.save(late, 'to', CONSENTING('2027-01-13'));
    const refusing = await server.person();
    await server.save(refusing, 'to', REFUSING('2027-01-13'));
    await server.at('2027-01-13T18:00:00+01:00');
    expect(await server.told(late)).toEqual([]);
    await server.at('2027-01-14T16:30:00+01:00');
    await server.at('2027-01-14T16:32:00+01:00');
    expect((await server.told(late)).map(({ at, form }) => `${at} ${form}`)).toEqual([
      '2027-01-14 16:30 pasreg',
      '2027-01-14 16:32 hads',
    ]);
    expect(await server.told(refusing)).toEqual([]);
  });

  it('rule 23: go out late, and still two minutes apart, when the server was down at half past four.', async () => {
    const person = await consenting('2027-01-15');
    await server.at('2027-01-15T21:00:10+01:00');
    await server.at('2027-01-15T21:01:00+01:00');
    await server.at('2027-01-15T21:02:10+01:00');
    expect((await server.told(person)).map(({ at, form }) => `${at} ${form}`)).toEqual([
      '2027-01-15 21:00 pasreg',
      '2027-01-15 21:02 hads',
    ]);
  });

  it('rule 23: the evaluation follows the last visit’s locked form, and the opioid form comes four weeks after its end date.', async () => {
    const person = await consenting('2027-01-18');
    await server.at('2027-01-18T16:32:00+01:00');
    await server.at('2027-01-18T16:34:00+01:00');
    server.clock.set('2027-01-20T12:00:00+01:00');
    expect(await server.save(person, 'b22', lastVisit('2027-01-18'))).toEqual([]);
    await server.at('2027-01-20T16:30:00+01:00');
    expect((await server.told(person)).filter(({ form }) => form === 'eval')).toEqual([]);
    server.clock.set('2027-01-21T12:00:00+01:00');
    expect(await server.save(person, 'b22', lastVisit('2027-01-18'), 'completed')).toEqual([]);
    await server.at('2027-01-21T16:30:00+01:00');
    await server.at('2027-02-15T16:29:00+01:00');
    await server.at('2027-02-15T16:30:00+01:00');
    const late = (await server.told(person)).filter(
      ({ form, kind }) => kind === 'send' && form !== 'pasreg' && form !== 'hads',
    );
    expect(late.map(({ at, form }) => `${at} ${form}`)).toEqual([
      '2027-01-21 16:30 eval',
      '2027-02-15 16:30 opioid',
    ]);
  });

  it('rule 23: is half past four by the clock on the wall on both sides of summer time.', async () => {
    server.clock.set('2027-03-27T18:00:00+01:00');
    const person = await server.person();
    await server.save(person, 'to', CONSENTING('2027-03-27'));
    await server.at('2027-03-28T14:29:59Z');
    expect(await server.told(person)).toEqual([]);
    await server.at('2027-03-28T14:30:00Z');
    expect((await server.told(person)).map(({ at }) => at)).toEqual(['2027-03-28 16:30']);
  });
});

describe('A form that is not answered', () => {
  it('rule 25: is reminded of after three days, and locked with its reason three days later.', async () => {
    const person = await consenting('2027-04-05');
    await server.at('2027-04-05T16:30:00+02:00');
    await server.at('2027-04-08T16:29:00+02:00');
    expect((await server.told(person)).filter(({ form }) => form === 'pasreg')).toHaveLength(1);
    await server.at('2027-04-08T16:30:00+02:00');
    expect(
      (await server.told(person)).filter(({ form }) => form === 'pasreg').map(({ kind }) => kind),
    ).toEqual(['send', 'remind']);
    expect(stateOf(await server.task(person, 'pasreg'))).toBe('reminded');
    await server.at('2027-04-11T16:29:00+02:00');
    expect((await server.task(person, 'pasreg')).status).toBe('ready');
    await server.at('2027-04-11T16:30:00+02:00');
    expect(await server.task(person, 'pasreg')).toMatchObject({
      status: 'completed',
      statusReason: { coding: [{ code: 'eprom-not-answered', display: 'Ikke besvart ePROMS' }] },
    });
    await server.at('2027-05-01T16:30:00+02:00');
    expect((await server.told(person)).filter(({ form }) => form === 'pasreg')).toHaveLength(2);
  });

  it('rule 25: gets its three days after a reminder that came late.', async () => {
    const person = await consenting('2027-05-03');
    await server.at('2027-05-03T16:30:00+02:00');
    await server.at('2027-05-08T09:00:00+02:00');
    await server.at('2027-05-11T08:59:00+02:00');
    expect((await server.task(person, 'pasreg')).status).toBe('ready');
    await server.at('2027-05-11T09:00:00+02:00');
    expect((await server.task(person, 'pasreg')).status).toBe('completed');
  });

  it('rule 25: is neither reminded of nor locked once the patient has sent it in.', async () => {
    const person = await consenting('2027-05-12');
    await server.at('2027-05-12T16:30:00+02:00');
    expect(await server.save(person, 'pasreg', pasreg('2027-05-12'), 'completed')).toEqual([]);
    await server.at('2027-05-30T16:30:00+02:00');
    expect(
      (await server.told(person)).filter(({ form, kind }) => form === 'pasreg' && kind === 'remind'),
    ).toEqual([]);
    expect((await server.task(person, 'pasreg')).statusReason).toBeUndefined();
    const [response] = (await server.all<QuestionnaireResponse>(person, 'QuestionnaireResponse')).filter(
      ({ questionnaire }) => questionnaire?.includes('pasreg'),
    );
    expect(response?.status).toBe('completed');
  });
});

const pasreg = (day: string) => ({
  'filling-in': { 'registration-date': day },
  sleep: { 'troubles-sleeping': 'small', sleeplessness: 'large' },
  contacts: { contact: 6, history: 'no' },
  thoughts: { 'pain-thought-1': '2', 'pain-thought-2': 'unknown' },
});

describe('The channel', () => {
  it('rule 24: is Helsenorge, else Digipost; else nothing is sent until somebody chooses e-mail or SMS.', async () => {
    const [first, second, third] = [
      await consenting('2027-06-01'),
      await consenting('2027-06-01', /[6-8]$/),
      await consenting('2027-06-01', /9$/),
    ];
    await server.at('2027-06-01T16:30:00+02:00');
    expect((await server.told(first))[0]?.channel).toBe('helsenorge');
    expect((await server.told(second))[0]?.channel).toBe('digipost');
    expect(await server.told(third)).toEqual([]);
    expect(stateOf(await server.task(third, 'pasreg'))).toBe('not-reachable');

    expect(await server.state(third, ['pasreg'], { kind: 'order', method: 'email' })).toEqual([]);
    await server.at('2027-06-01T16:40:00+02:00');
    expect(
      (await server.told(third)).filter(({ form }) => form === 'pasreg').map(({ channel }) => channel),
    ).toEqual(['email']);
    expect(stateOf(await server.task(third, 'pasreg'))).toBe('sent');
  });
});

describe('What stops a form', () => {
  it('rule 26: is somebody who says why before half past four the same day.', async () => {
    const person = await consenting('2027-06-02');
    server.clock.set('2027-06-02T16:29:30+02:00');
    expect(
      await server.state(person, ['pasreg', 'hads'], { kind: 'stop', reason: reasonOf('other') }),
    ).toEqual(['reason-of-list', 'reason-of-list']);
    expect(
      await server.state(person, ['pasreg', 'hads'], { kind: 'stop', reason: reasonOf('unable') }),
    ).toEqual([]);
    await server.at('2027-06-02T16:30:00+02:00');
    await server.at('2027-06-03T16:30:00+02:00');
    expect(await server.told(person)).toEqual([]);
    expect(await server.task(person, 'pasreg')).toMatchObject({
      statusReason: { coding: [{ code: 'unable' }] },
    });
  });

  it('rule 26: is a withdrawal of the answer in TO, a death in the population registry, and nothing that was not sent leaves.', async () => {
    const changing = await consenting('2027-06-04');
    const dying = await consenting('2027-06-04');
    await server.save(changing, 'to', REFUSING('2027-06-04'));
    await server.change(dying.patient, { deceasedDateTime: '2027-06-04' });
    await server.at('2027-06-04T16:30:00+02:00');
    await server.at('2027-06-05T16:30:00+02:00');
    expect(await server.told(changing)).toEqual([]);
    expect(await server.told(dying)).toEqual([]);
    expect(stateOf(await server.task(dying, 'pasreg'))).toBe('stopped');
    expect(stateOf(await server.task(changing, 'pasreg'))).toBe('not-ready');
  });

  it('rule 26: an order by hand is sent at once, by the way that was chosen.', async () => {
    const person = await consenting('2027-06-07');
    server.clock.set('2027-06-07T11:00:00+02:00');
    expect(await server.state(person, ['pasreg'], { kind: 'order', method: 'sms' })).toEqual([]);
    await server.at('2027-06-07T11:00:05+02:00');
    expect((await server.told(person)).map(({ at, channel }) => `${at} ${channel}`)).toEqual([
      '2027-06-07 11:00 sms',
    ]);
    await server.at('2027-06-07T16:30:00+02:00');
    await server.at('2027-06-07T16:32:00+02:00');
    expect((await server.told(person)).map(({ form }) => form)).toEqual(['pasreg', 'hads']);
  });
});

describe('A form on paper', () => {
  it('rule 27: is typed until six days after the consent, and refused on the seventh.', async () => {
    const person = await consenting('2027-06-08', /9$/);
    await server.at('2027-06-08T16:30:00+02:00');
    server.clock.set('2027-06-14T23:50:00+02:00');
    expect(await server.save(person, 'pasreg', pasreg('2027-06-14'))).toEqual([]);
    server.clock.set('2027-06-15T00:00:01+02:00');
    expect(await server.save(person, 'pasreg', pasreg('2027-06-14'), 'completed')).toEqual([
      'form-days-over',
    ]);
    await server.at('2027-06-15T00:01:00+02:00');
    await server.at('2027-06-15T00:02:00+02:00');
    expect((await server.task(person, 'pasreg')).status).toBe('completed');
    expect(
      await server.save(person, 'hads', { 'filling-in': { 'registration-date': '2027-06-15' } }),
    ).toEqual(['form-closed']);
  });

  it('rule 27: all forms are closed with one reason, as long as none is begun.', async () => {
    const begun = await consenting('2027-06-16', /9$/);
    const forms = ['pasreg', 'hads', 'eval', 'opioid'];
    await server.save(begun, 'pasreg', pasreg('2027-06-16'));
    expect(
      new Set(await server.state(begun, forms, { kind: 'close', reason: reasonOf('staff-time') })),
    ).toEqual(new Set(['form-started']));
    const person = await consenting('2027-06-16');
    expect(await server.state(person, forms, { kind: 'close', reason: reasonOf('missing-consent') })).toEqual(
      [],
    );
    for (const form of forms) {
      expect(await server.task(person, form)).toMatchObject({
        status: 'completed',
        statusReason: { coding: [{ code: 'missing-consent' }] },
      });
    }
    const closed = (await server.all<QuestionnaireResponse>(person, 'QuestionnaireResponse')).filter(
      ({ questionnaire }) => questionnaire?.includes('hads'),
    );
    expect(JSON.stringify(closed[0]?.item)).toContain(
      '"linkId":"incomplete-reason","answer":[{"valueCoding":{"system":"https://ryggrad.no/fhir/CodeSystem/smertereg-incomplete-reason","code":"missing-consent"',
    );
    expect(JSON.stringify(closed[0]?.item)).toContain(
      '"linkId":"completed","answer":[{"valueCoding":{"system":"https://ryggrad.no/fhir/CodeSystem/answer","code":"no"',
    );
    await server.at('2027-06-16T16:30:00+02:00');
    expect(await server.told(person)).toEqual([]);
  });
});

describe('A second press', () => {
  it('rule 28: never sends a form again that is stopped, locked, answered or on its way.', async () => {
    const person = await consenting('2027-06-21');
    const order = { kind: 'order', method: 'sms' } as const;
    expect(await server.state(person, ['pasreg'], order)).toEqual([]);
    expect(await server.state(person, ['pasreg'], order)).toEqual(['form-sent']);
    await server.at('2027-06-21T10:01:00+02:00');
    expect(await server.state(person, ['pasreg'], order)).toEqual(['form-sent']);
    expect(await server.save(person, 'pasreg', pasreg('2027-06-21'), 'completed')).toEqual([]);
    expect(await server.state(person, ['pasreg'], order)).toEqual(['form-ended']);
    await server.state(person, ['hads'], { kind: 'stop', reason: reasonOf('unable') });
    expect(await server.state(person, ['hads'], order)).toEqual(['form-stopped']);
    expect(await server.state(person, ['eval'], order)).toEqual(['form-not-ready']);
    await server.at('2027-06-30T16:30:00+02:00');
    expect((await server.told(person)).map(({ form }) => form)).toEqual(['pasreg']);
  });
});

describe('Over the FHIR API', () => {
  it('nothing is stated of forms that staff fill, or of forms that no schedule is said to have.', async () => {
    const person = await consenting('2027-02-15');
    const { repository } = server.app.app;
    const tasks = await server.all<Task>(person, 'Task');
    const closing = (changes: object) =>
      tasks.map((task) => ({
        kind: 'update' as const,
        type: 'Task',
        id: task.id ?? '',
        resource: { ...task, ...changes, status: 'completed' } as never,
      }));
    const caller = { principal: staff('LC'), requestId: 'closing', interaction: 'test' };

    const asTheyAre = repository.commit(caller, closing({}).slice(0, 1));
    const ofNothing = repository.commit(
      caller,
      closing({ instantiatesCanonical: 'https://elsewhere.example' }),
    );

    await expect(asTheyAre).rejects.toMatchObject({ status: 422 });
    await expect(ofNothing).rejects.toMatchObject({ status: 422 });
    expect((await server.all<Task>(person, 'Task')).map(({ status }) => status)).not.toContain('completed');
  });
});

describe('A link whose message is given up', () => {
  it('has not reached the patient, and the form says so.', async () => {
    const person = await consenting('2027-02-22');
    await server.at('2027-02-22T16:30:00+01:00');
    const [message] = await server.all<Communication & { id: string }>(person, 'Communication');
    const { pool } = server.app.database.db;
    await pool.query(`update message set sent = null, failed = now(), problem = 'refused' where id = $1`, [
      message?.id,
    ]);
    await server.app.app.patientForms.settle({ id: message?.id });
    expect(stateOf(await server.task(person, 'pasreg'))).toBe('not-reachable');
  });
});
