/** What the register has no code for: a task for its coordinator, a page, and the forms filled when the mapping is mended. */
import type { Browser } from '../../../demo/walk/browser.ts';
import type { Registered } from '../../../demo/walk/push.ts';
import type { QuestionnaireResponse, Task } from '../../../src/fhir/types.ts';
import { mendValues } from '../../../src/registry/form/mend-values.ts';
import { withSourceValues } from '../../../src/sdc/source-value.ts';
import { type Answered, startWalkServer, to, type WalkServer } from './walk-server.ts';

let server: WalkServer;
let coordinator: Browser;

beforeAll(async () => {
  server = await startWalkServer();
  coordinator = await server.user('lc-bjorn');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** The TO form saved as a draft, with this code of a record beside an unanswered [Henvist via]. */
async function saveWith(person: Registered, system: string, code: string): Promise<Answered> {
  const beside = withSourceValues({ linkId: 'referred-via' }, [
    {
      kind: 'unmapped',
      value: { valueCoding: { system, code, display: `Kanal ${code}` } },
      source: {
        reference: 'https://epj.example/fhir/ServiceRequest/1',
        display: 'EPJ Nord: Tilsyn',
        system: 'urn:ryggrad:client:ehr',
      },
      isDeclined: false,
    },
  ]);
  const tamper = (response: QuestionnaireResponse): QuestionnaireResponse => ({
    ...response,
    item: response.item?.map((group) => ({
      ...group,
      ...(group.item !== undefined && {
        item: group.item.map((item) => (item.linkId === 'referred-via' ? beside : item)),
      }),
    })) as NonNullable<QuestionnaireResponse['item']>,
  });
  return server.save(person, 'to', to.included, { tamper });
}

const work = async (): Promise<void> => {
  expect(await server.app.app.jobs.runOnce()).toHaveLength(0);
};

const tasksFor = async (code: string): Promise<readonly Task[]> =>
  (await server.coordinator.search<Task>('Task?code=https://ryggrad.no/fhir/CodeSystem/task-code|')).filter(
    ({ description }) => description?.includes(`(${code})`),
  );

describe('A value that the register has no code for', () => {
  it('becomes one task of its department, sender and code, with every form that waits; on the page with the count.', async () => {
    const [one, two] = [await server.person(), await server.person()];

    expect((await saveWith(one, 'urn:lokal', 'FAX')).body).toMatchObject({ status: 'in-progress' });
    expect((await saveWith(two, 'urn:lokal', 'FAX')).body).toMatchObject({ status: 'in-progress' });
    await work();

    const tasks = await tasksFor('FAX');
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).toMatchObject({ status: 'requested', requester: { display: 'EPJ Nord' } });
    const page = await coordinator.open('/kan-ikke-kodes');
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/Kanal FAX \(FAX\)\s*urn:lokal\s*Henvist via\s*EPJ Nord\s*2/);
    for (const { tasks: forms } of [one, two]) {
      expect(page.html).toContain(`/skjema/${forms['to'] ?? '-'}`);
    }
  });

  it('is not for users, and not for other departments.', async () => {
    const [user, other] = [await server.user('lu-ane'), await server.user('lc-knut')];

    expect((await user.open('/kan-ikke-kodes')).status).toBe(403);
    expect((await other.open('/kan-ikke-kodes')).text).not.toContain('Kanal FAX');
  });

  it('is filled in the forms that are still open when the mapping is mended, and its task is done.', async () => {
    const person = await server.person();
    // What a mended mapping gives: the value is one of the register's own by now.
    await saveWith(person, 'https://ryggrad.no/fhir/CodeSystem/smertereg-referred-via', 'request');
    await work();
    expect((await tasksFor('request')).map(({ status }) => status)).toEqual(['requested']);

    expect(await mendValues(server.app.app.forms)).toBe(1);
    await work();

    expect((await tasksFor('request')).map(({ status }) => status)).toEqual(['completed']);
    const task = await server.coordinator.read<Task>(`Task/${person.tasks['to'] ?? ''}`);
    const stored = await server.coordinator.read<QuestionnaireResponse>(
      task.output?.[0]?.valueReference?.reference ?? '',
    );
    const filled = stored.item?.[0]?.item?.find(({ linkId }) => linkId === 'referred-via');
    expect(filled?.answer?.[0]?.valueCoding?.code).toBe('request');
    expect((await coordinator.open('/kan-ikke-kodes')).text).not.toContain('(request)');
  });
});
