/**
 * What happens with patients' forms when two servers are at it, when one dies in the middle, and what the pages and the FHIR API make
 * of it (registers.md section 5, rules 23 to 28; OB-01, OB-02).
 */
import type { Browser } from '../../../demo/walk/browser.ts';
import { asWithdrawn } from '../../../src/registry/consent/withdrawal.ts';
import type {
  Communication,
  CommunicationRequest,
  Consent,
  JsonObject,
  Task,
} from '../../../src/fhir/types.ts';
import { hasContentOf } from '../../../src/registry/registry.ts';
import { readRegistry } from '../../../src/registry/registry.ts';
import {
  type Addressee,
  type Channel,
  type Contact,
  noContacts,
} from '../../../src/registry/sending/channel.ts';
import { packsOf } from '../../../src/registry/sending/content-packs.ts';
import { deliverForm } from '../../../src/registry/sending/deliver.ts';
import { content } from '../../content/fill-form.ts';
import { enterByLink, newestLink } from './link-visitor.ts';
import {
  CONSENTING,
  type Person,
  reasonOf,
  type SendingServer,
  staff,
  startSendingServer,
  stateOf,
} from './sending-server.ts';

let server: SendingServer;

beforeAll(async () => {
  server = await startSendingServer('2027-02-01T09:00:00+01:00');
});

afterAll(() => server[Symbol.asyncDispose]());

async function consenting(day: string, last?: RegExp): Promise<Person> {
  server.clock.set(`${day}T09:00:00+01:00`);
  const person = await server.person(last);
  expect(await server.save(person, 'to', CONSENTING(day))).toEqual([]);
  return person;
}

const requestsOf = (person: Person) => server.all<CommunicationRequest>(person, 'CommunicationRequest');
const messagesTo = async (person: Person): Promise<number> => {
  const about = Object.values(person.tasks).map((id) => `Task/${id}`);
  const { rows } = await server.app.database.db.pool.query<{ n: number }>(
    `select count(*)::int as n from message where about = any($1) and purpose = 'patient-form'`,
    [about],
  );
  return rows[0]?.n ?? 0;
};

describe('Servers that look at the same minute', () => {
  it('rule 23: send a form once.', async () => {
    const person = await consenting('2027-02-01');
    server.clock.set('2027-02-01T16:32:30+01:00');
    const { advance } = server.app.app.patientForms;
    await Promise.all([advance(), advance(), advance()]);
    await server.at('2027-02-01T16:36:00+01:00');
    expect(await requestsOf(person)).toHaveLength(2);
    expect((await server.told(person)).map(({ form }) => form).sort()).toEqual(['hads', 'pasreg']);
    expect(await messagesTo(person)).toBe(2);
  });

  it('rule 23: send nothing twice when one is killed after the message was handed over and before that was kept.', async () => {
    const person = await consenting('2027-02-02');
    await server.state(person, ['pasreg'], { kind: 'order', method: 'secure' });
    const [request] = await requestsOf(person);
    const { repository, forms } = server.app.app;
    const registry = readRegistry(content, packsOf([]));
    let count = 0;
    const dying: Channel = {
      kind: 'helsenorge',
      isSecure: true,
      reaches: () => Promise.resolve(true),
      deliver: () => {
        count += 1;
        return Promise.reject(new Error('killed'));
      },
    };
    const sending = { repository, schedules: registry.schedules, hasContent: () => true, forms: forms.forms };
    const job = { attempt: 1, maxAttempts: 25 };
    const payload = { id: request?.id };
    await expect(
      deliverForm({ ...sending, channels: [dying], contacts: noContacts }, payload, job),
    ).rejects.toThrow('killed');
    expect(stateOf(await server.task(person, 'pasreg'))).toBe('ordered');

    const { deliver } = server.app.app.patientForms;
    const commit = repository.commit.bind(repository);
    repository.commit = () => Promise.reject(new Error('killed before it was kept'));
    await expect(deliver(payload, job)).rejects.toThrow('killed before it was kept');
    repository.commit = commit;
    expect(await messagesTo(person)).toBe(1);
    await deliver(payload, job);
    await deliver(payload, job);
    expect([count, await messagesTo(person)]).toEqual([1, 1]);
    expect(await server.all<Communication>(person, 'Communication')).toHaveLength(1);
    expect(stateOf(await server.task(person, 'pasreg'))).toBe('sent');
  });

  it('rule 26: call an order back that has not left when consent is withdrawn.', async () => {
    const person = await consenting('2027-02-03');
    await server.state(person, ['pasreg'], { kind: 'order', method: 'secure' });
    await server.state(person, ['pasreg', 'hads'], { kind: 'stop', reason: reasonOf('unable') });
    await server.at('2027-02-03T09:01:00+01:00');
    expect((await requestsOf(person)).map(({ status }) => status)).toEqual(['revoked']);
    expect(await messagesTo(person)).toBe(0);
  });

  it('a channel that fails for good leaves the form unsent, and a person to choose another way.', async () => {
    const person = await consenting('2027-02-04');
    await server.state(person, ['pasreg'], { kind: 'order', method: 'secure' });
    const [request] = await requestsOf(person);
    const { repository, forms } = server.app.app;
    const registry = readRegistry(content, packsOf([]));
    const refusing: Channel = {
      kind: 'helsenorge',
      isSecure: true,
      reaches: () => Promise.resolve(true),
      deliver: () => Promise.resolve({ kind: 'refused', reason: 'ukjent skjema' }),
    };
    const sending = { repository, schedules: registry.schedules, hasContent: () => true, forms: forms.forms };
    await deliverForm(
      { ...sending, channels: [refusing], contacts: noContacts },
      { id: request?.id },
      { attempt: 1, maxAttempts: 25 },
    );
    expect(stateOf(await server.task(person, 'pasreg'))).toBe('not-reachable');
    expect(await server.state(person, ['pasreg'], { kind: 'order', method: 'sms' })).toEqual([]);
  });
});

describe('A content pack that ends before a form is handed over', () => {
  it('leaves the form unsent, and a person to order it anew.', async () => {
    const person = await consenting('2027-02-04');
    await server.state(person, ['pasreg'], { kind: 'order', method: 'secure' });
    const [request] = await requestsOf(person);
    const { repository, forms } = server.app.app;
    const registry = readRegistry(content, packsOf([]));
    const sending = {
      repository,
      schedules: registry.schedules,
      hasContent: () => false,
      forms: forms.forms,
    };
    await deliverForm(
      { ...sending, channels: [], contacts: noContacts },
      { id: request?.id },
      { attempt: 1, maxAttempts: 25 },
    );
    expect(stateOf(await server.task(person, 'pasreg'))).toBe('not-reachable');
    expect(await server.state(person, ['pasreg'], { kind: 'order', method: 'sms' })).toEqual([]);
    await server.at('2027-02-04T09:02:00+01:00');
    expect((await server.told(person)).map(({ channel }) => channel)).toEqual(['sms']);
  });
});

describe('Where a person is reached', () => {
  /** Order a form of somebody and hand it over, with this registry of contact data; answers with whom the channel was given. */
  async function handOver(person: Person, contact: Contact | undefined): Promise<Addressee | undefined> {
    await server.state(person, ['pasreg'], { kind: 'order', method: 'sms' });
    const request = (await requestsOf(person)).find(({ status }) => status === 'active');
    const { repository, forms } = server.app.app;
    const registry = readRegistry(content, packsOf([]));
    let given: Addressee | undefined;
    const channel: Channel = {
      kind: 'sms',
      isSecure: false,
      reaches: () => Promise.resolve(true),
      deliver(order) {
        given = order.addressee;
        return Promise.resolve({ kind: 'not-reachable', reason: 'prøve' });
      },
    };
    const sending = { repository, schedules: registry.schedules, hasContent: () => true, forms: forms.forms };
    const contacts = { find: () => Promise.resolve(contact) };
    const job = { attempt: 1, maxAttempts: 25 };
    await deliverForm({ ...sending, channels: [channel], contacts }, { id: request?.id }, job);
    return given;
  }

  it('rule 24: is what staff have written in the pathway, unless the contact registry knows better.', async () => {
    const person = await consenting('2027-02-16');
    expect(
      await server.save(person, 'po', { contact: { phone: '400 00 001', email: 'kari@fjordheim.example' } }),
    ).toEqual([]);
    expect(await handOver(person, undefined)).toMatchObject({
      mobile: '+4740000001',
      email: 'kari@fjordheim.example',
    });
    const known = { isReserved: false, hasMailbox: true, mobile: '+4740000002' };
    expect(await handOver(person, known)).toMatchObject({
      mobile: '+4740000002',
      email: 'kari@fjordheim.example',
      hasMailbox: true,
    });
  });

  it('rule 24: is nowhere for somebody who is reserved in the contact registry.', async () => {
    const person = await consenting('2027-02-17');
    expect(await handOver(person, { isReserved: true, hasMailbox: true })).toBeUndefined();
    expect(stateOf(await server.task(person, 'pasreg'))).toBe('not-reachable');
  });
});

describe('A channel that tells more later', () => {
  it('a message that came back leaves the form unsent; one that arrived says when; twice is as once.', async () => {
    const person = await consenting('2027-02-05');
    await server.at('2027-02-05T16:30:00+01:00');
    await server.at('2027-02-05T16:32:00+01:00');
    const { report } = server.app.app.patientForms;
    const messages = await server.all<Communication & { id: string }>(person, 'Communication');
    const [first, second] = messages.map(({ id }) => id);
    await report({ key: first ?? '', status: 'failed', reason: 'Ukjent mottaker' });
    await report({ key: second ?? '', status: 'received' });
    await report({ key: second ?? '', status: 'received' });
    await report({ key: 'nothing', status: 'failed' });
    const after = await server.all<Communication>(person, 'Communication');
    expect(after.map(({ status, received }) => [status, received !== undefined])).toEqual([
      ['not-done', false],
      ['completed', true],
    ]);
    expect(stateOf(await server.task(person, 'pasreg'))).toBe('not-reachable');
    await server.at('2027-02-08T16:30:00+01:00');
    expect((await server.told(person)).map(({ form, kind }) => `${form} ${kind}`)).toEqual(['hads send']);
  });
});

describe('A patient with a link', () => {
  it('rule 24: gets in to the form with a code, and reads it in the words of the content pack.', async () => {
    await consenting('2027-03-01');
    await server.at('2027-03-01T16:30:00+01:00');
    await server.at('2027-03-01T16:32:00+01:00');
    const page = await enterByLink(server, await newestLink(server));
    expect(page.status).toBe(200);
    expect(page.text).toContain('Oppdiktet spørsmål 1');
    expect(page.text).not.toContain('nøytrale navn');
  });

  it('rule 26: is let in no more when sending is stopped.', async () => {
    const person = await consenting('2027-03-02');
    await server.at('2027-03-02T16:30:00+01:00');
    const key = await newestLink(server);
    await server.state(person, ['pasreg', 'hads'], {
      kind: 'stop',
      reason: reasonOf('critically-ill-or-dead'),
    });
    const page = await enterByLink(server, key);
    expect(page.status).toBe(403);
  });
});

describe('A withdrawn consent', () => {
  it('rule 26: ends every form at once; nothing more is sent or reminded of.', async () => {
    const person = await consenting('2027-03-03');
    expect(await server.save(person, 'to', CONSENTING('2027-03-03'), 'completed')).toEqual([]);
    await server.at('2027-03-03T16:30:00+01:00');
    expect(await server.told(person)).toHaveLength(1);
    const [consent] = await server.all<Consent & { id: string }>(person, 'Consent');
    const refused = await server.commit(staff('SC'), {
      kind: 'update',
      type: 'Consent',
      id: consent?.id ?? '',
      resource: asWithdrawn(consent as never, '2027-03-03'),
    });
    expect(refused).toEqual([]);
    expect((await server.task(person, 'hads')).status).toBe('cancelled');
    await server.at('2027-03-03T16:32:00+01:00');
    await server.at('2027-03-20T16:32:00+01:00');
    expect(await server.told(person)).toHaveLength(1);
    const { rows } = await server.app.database.db.pool.query(
      'select 1 from patient_form_timer where episode = $1',
      [person.episode],
    );
    expect(rows).toEqual([]);
  });
});

describe('Licensed wording', () => {
  it('is needed for a form that names it, and not for others.', () => {
    const registry = readRegistry(content, packsOf([]));
    const hasContent = hasContentOf(registry.forms, registry.packs);
    const now = new Date('2027-02-01T09:00:00Z');
    const names = ['pasreg', 'hads', 'eval', 'opioid'];
    expect(
      names.filter(
        (name) => !hasContent(`https://ryggrad.no/fhir/Questionnaire/smertereg-${name}|1.0.0`, now),
      ),
    ).toEqual(['pasreg', 'hads']);
  });
});

describe('The page of patients’ own forms', () => {
  let nurse: Browser;
  const LIST = '/pasientregistreringer';

  beforeEach(async () => {
    nurse = await server.user('lu-ane');
  });

  it('lists pathways with how each form stands, and leads to what can be done.', async () => {
    const person = await consenting('2027-02-08');
    await server.at('2027-02-08T16:30:00+01:00');
    nurse = await server.user('lu-ane');
    const list = await nurse.open(LIST);
    expect(list.status).toBe(200);
    expect(list.text).toContain('Sendt');
    expect(list.html).toContain(`${LIST}/${person.episode}`);
    const one = await nurse.open(`${LIST}/${person.episode}`);
    expect(one.text).toContain('Utsending');
    expect(one.text).toContain('Helsenorge');
    expect(one.text).toContain('Pasient klarer ikke');
    expect(one.text).toContain('Tidsmangel behandler');
    const patient = await nurse.open(`/pasient/${person.patient}`);
    expect(patient.html).toContain(`${LIST}/${person.episode}`);
  });

  it('keeps a pathway whose last visit is over as long as a form waits for the patient.', async () => {
    const person = await consenting('2027-02-23');
    expect(await server.save(person, 'to', CONSENTING('2027-02-23'), 'completed')).toEqual([]);
    await server.app.database.db.pool.query(
      'update pathway_list set active = false, completed = now() where episode = $1', // all that staff fill is locked
      [person.episode],
    );
    nurse = await server.user('lu-ane');
    expect((await nurse.open(LIST)).html).toContain(`${LIST}/${person.episode}`);
    await server.state(person, ['pasreg', 'hads', 'eval', 'opioid'], {
      kind: 'close',
      reason: reasonOf('other'),
    });
    expect((await nurse.open(LIST)).html).not.toContain(`${LIST}/${person.episode}`);
    expect((await nurse.open(`${LIST}?vis=all`)).html).toContain(`${LIST}/${person.episode}`);
  });

  it('rule 26: stops with a reason, asks for one when it is missing, and stops once.', async () => {
    const person = await consenting('2027-02-09');
    nurse = await server.user('lu-ane');
    const at = `${LIST}/${person.episode}`;
    const page = await nurse.open(at);
    const missing = await nurse.submit(page, `${at}/stopp`, {});
    expect([missing.status, missing.text.includes('Velg en årsak.')]).toEqual([422, true]);
    const stopped = await nurse.submit(page, `${at}/stopp`, { arsak: 'unable' });
    expect(stopped.text).toContain('Utsendingen er stoppet.');
    const again = await nurse.submit(page, `${at}/bestill`, {
      skjema: person.tasks['pasreg'] ?? '',
      metode: 'sms',
    });
    expect([again.status, again.text.includes('Utsendingen er stoppet, og skjemaet sendes ikke.')]).toEqual([
      422,
      true,
    ]);
    await server.at('2027-02-09T16:30:00+01:00');
    expect(await server.told(person)).toEqual([]);
  });

  it('rule 26: orders a form by the way that is chosen; rule 28: a second press sends nothing.', async () => {
    const person = await consenting('2027-02-10');
    nurse = await server.user('lu-ane');
    const at = `${LIST}/${person.episode}`;
    const page = await nurse.open(at);
    const fields = { skjema: person.tasks['pasreg'] ?? '', metode: 'email' };
    expect((await nurse.submit(page, `${at}/bestill`, fields)).text).toContain('Skjemaet er bestilt');
    expect((await nurse.submit(page, `${at}/bestill`, fields)).text).toContain(
      'allerede bestilt eller sendt',
    );
    await server.at('2027-02-10T09:01:00+01:00');
    expect((await server.told(person)).map(({ channel }) => channel)).toEqual(['email']);
    expect(await messagesTo(person)).toBe(1);
  });

  it('rule 27: answers all with one reason, and says no once a form is begun.', async () => {
    const person = await consenting('2027-02-11');
    nurse = await server.user('lu-ane');
    const at = `${LIST}/${person.episode}`;
    const done = await nurse.submit(await nurse.open(at), `${at}/besvar`, { arsak: 'early-discharge' });
    expect(done.text).toContain('ferdigstilt uten svar');
    expect(await server.task(person, 'opioid')).toMatchObject({ status: 'completed' });
    const begun = await consenting('2027-02-11');
    await server.save(begun, 'pasreg', { 'filling-in': { 'registration-date': '2027-02-11' } });
    const other = `${LIST}/${begun.episode}`;
    expect((await nurse.open(other)).text).toContain('så lenge ingen av skjemaene er påbegynt');
  });

  it('is the department’s: nothing of it for a national coordinator.', async () => {
    const coordinator = await server.user('sc-siri');
    expect((await coordinator.open(LIST)).status).toBe(403);
  });

  it('rule 27: a paper form after its days is closed on the form page, and says so.', async () => {
    const person = await consenting('2027-02-12', /9$/);
    await server.at('2027-02-12T16:30:00+01:00');
    server.clock.set('2027-02-19T09:00:00+01:00');
    nurse = await server.user('lu-ane');
    const page = await nurse.open(`/skjema/${person.tasks['pasreg'] ?? ''}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('Fristen for å registrere skjemaet er ute');
    expect(page.html).not.toContain('<textarea');
    expect(page.forms.some(({ action }) => action === `/skjema/${person.tasks['pasreg'] ?? ''}`)).toBe(false);
  });
});

describe('Over the FHIR API', () => {
  it('staff state what they may, and nothing else of a Task.', async () => {
    const person = await consenting('2027-02-15');
    const nurse = await server.user('lu-ane');
    const id = person.tasks['pasreg'] ?? '';
    const task = (await server.task(person, 'pasreg')) as Task & JsonObject;
    const put = async (resource: object): Promise<number> => {
      const answer = await nurse.request(`/fhir/Task/${id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/fhir+json', accept: 'application/fhir+json' },
        body: JSON.stringify(resource),
      });
      return answer.status;
    };
    expect(await put({ ...task, status: 'cancelled' })).toBe(422);
    expect(await put({ ...task, executionPeriod: { start: '2027-02-15' } })).toBe(422);
    expect(stateOf(await server.task(person, 'pasreg'))).toBe('available');
    expect(staff().role).toBe('LU');
  });
});
