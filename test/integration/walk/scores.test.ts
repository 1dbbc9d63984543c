/** Scores of a locked form over HTTP: stored with it, replaced by a correction, in the store of the pathway (ADR 0023). */
import type { Registered } from '../../../demo/walk/push.ts';
import type { Bundle, Consent, Observation } from '../../../src/fhir/types.ts';
import type { Answers } from '../../content/case.ts';
import { exportAll, linesOf } from '../operations/exports.ts';
import { asSender, days, startWalkServer, to, type Answered, type WalkServer } from './walk-server.ts';

const SCORE = 'https://ryggrad.no/fhir/CodeSystem/instrument-score';
const BASIS = 'https://ryggrad.no/fhir/StructureDefinition/score-basis';

/** HADS with one answer to all odd and one to all even questions; the first `unknown` odd ones are "Vet ikke". */
const hads = (odd: string, even: string, unknown = 0): Answers => ({
  'filling-in': { 'registration-date': days.today },
  hads: Object.fromEntries(
    Array.from({ length: 14 }, (_, index) => {
      const answer = index % 2 === 1 ? even : odd;
      return [`hads-${index + 1}`, index % 2 === 0 && index / 2 < unknown ? 'unknown' : answer];
    }),
  ),
});

let server: WalkServer;

beforeAll(async () => {
  server = await startWalkServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function consenting(): Promise<Registered> {
  const person = await server.person();
  await server.save(person, 'to', to.consenting, { status: 'completed' });
  return person;
}

const lock = (person: Registered, answers: Answers): Promise<Answered> =>
  server.save(person, 'hads', answers, { status: 'completed' });

const correct = (person: Registered, answers: Answers): Promise<Answered> =>
  server.save(person, 'hads', answers, { status: 'amended', reason: 'Feil i plottingen.' });

/** Stated by the national coordinator. */
async function withdraw({ patient }: Registered): Promise<void> {
  const [consent] = await server.coordinator.search<Consent>(`Consent?patient=${patient}`);
  const withdrawn = 'https://ryggrad.no/fhir/CodeSystem/missing-consent-type';
  const answer = await asSender(await server.user('sc-siri'))(`Consent/${consent?.id ?? ''}`, {
    method: 'PUT',
    body: JSON.stringify({
      ...consent,
      extension: [
        {
          url: 'https://ryggrad.no/fhir/StructureDefinition/missing-consent-type',
          valueCodeableConcept: { coding: [{ system: withdrawn, code: 'withdrawn' }] },
        },
      ],
      provision: { type: 'deny' },
    }),
    headers: { 'content-type': 'application/fhir+json' },
  });
  expect(answer.status).toBe(200);
}

const scores = (person: Registered, client = server.coordinator): Promise<readonly Observation[]> =>
  client.search<Observation>(`Observation?patient=${person.patient}&code=${SCORE}|&_sort=code`);

const codeOf = ({ code }: Observation): string | undefined =>
  code.coding?.find(({ system }) => system === SCORE)?.code;
const numbers = (found: readonly Observation[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    found.map((each) => [
      codeOf(each),
      each.valueQuantity?.value ?? each.dataAbsentReason?.coding?.[1]?.code,
    ]),
  );

describe('The scores of a form', () => {
  it('are stored when it is locked, not before, with method, basis, and what they are derived from.', async () => {
    const person = await consenting();
    const draft = await server.save(person, 'hads', hads('1', '2'));
    const before = await scores(person);

    const locked = await server.save(person, 'hads', hads('1', '2'), {
      status: 'completed',
      ifMatch: draft.version,
    });

    expect([before, locked.status]).toEqual([[], 200]);
    const found = await scores(person);
    expect(numbers(found)).toEqual({ 'hads-anxiety': 7, 'hads-depression': 14 });
    expect(found[0]).toMatchObject({
      status: 'final',
      method: { text: 'hads 1.0.0, sum-1' },
      subject: { reference: `Patient/${person.patient}` },
      effectiveDateTime: (locked.body as { authored?: string }).authored,
      derivedFrom: [{ reference: `QuestionnaireResponse/${locked.body.id ?? ''}` }],
    });
    expect(found[0]?.extension?.map(({ url }) => url)).toContain(BASIS);
  });

  it('are found by our code, by the code of others, and by the form that they are derived from.', async () => {
    const person = await consenting();
    const { body } = await lock(person, hads('3', '0'));
    const find = async (query: string): Promise<readonly (string | undefined)[]> =>
      (await server.coordinator.search<Observation>(`Observation?patient=${person.patient}&${query}`))
        .map(codeOf)
        .toSorted();

    expect(await find(`code=${SCORE}|hads-anxiety`)).toEqual(['hads-anxiety']);
    expect(await find('code=http://snomed.info/sct|401320004')).toEqual(['hads-depression']);
    expect(await find(`derived-from=QuestionnaireResponse/${body.id ?? ''}`)).toEqual([
      'hads-anxiety',
      'hads-depression',
    ]);
    expect(await find(`code=${SCORE}|hads-anxiety&value-quantity=ge21`)).toEqual(['hads-anxiety']);
  });

  it('belong to the store of their pathway: national when it is.', async () => {
    const [person, other] = [await consenting(), await server.person()];
    await server.save(other, 'to', to.included, { status: 'completed' });
    await lock(person, hads('1', '1'));

    expect(numbers(await scores(person, server.analytics))).toEqual({
      'hads-anxiety': 7,
      'hads-depression': 7,
    });
    expect(await scores(other, server.analytics)).toEqual([]);
  });

  it('leave in an export as they are, go with a consent that is withdrawn, and are told of as gone (CO-03).', async () => {
    const person = await consenting();
    await lock(person, hads('1', '2'));
    const analytics = await server.app.client('analytics');
    const own = (file = ''): readonly Observation[] =>
      linesOf(file)
        .map((line) => JSON.parse(line) as Observation)
        .filter(
          (each) => each.subject?.reference === `Patient/${person.patient}` && codeOf(each) !== undefined,
        );

    const before = await exportAll(server.app, analytics, '?_type=Observation');
    await withdraw(person);
    const since = await exportAll(
      server.app,
      analytics,
      `?_type=Observation&_since=${before.manifest.transactionTime}`,
    );
    const whole = await exportAll(server.app, analytics, '?_type=Observation');
    const gone = await Promise.all(since.manifest.deleted.map(({ url }) => analytics.get(url)));

    const exported = own(before.files['Observation']);
    expect(numbers(exported)).toEqual({ 'hads-anxiety': 7, 'hads-depression': 14 });
    expect(exported.map(({ method }) => method?.text)).toEqual(['hads 1.0.0, sum-1', 'hads 1.0.0, sum-1']);
    expect(own(whole.files['Observation'])).toEqual([]);
    expect(await scores(person, server.analytics)).toEqual([]);
    for (const { id } of exported) {
      expect(gone.map(({ body }) => String(body)).join('')).toContain(`Observation/${id ?? ''}`);
    }
    expect(numbers(await scores(person))).toEqual({ 'hads-anxiety': 7, 'hads-depression': 14 });
  });

  it('are replaced by a correction, and say why when there is none any more.', async () => {
    const person = await consenting();
    await lock(person, hads('1', '2'));
    const first = await scores(person);

    const answer = await correct(person, hads('2', '2', 4));

    expect(answer.status).toBe(200);
    const second = await scores(person);
    expect(numbers(second)).toEqual({ 'hads-anxiety': 'too-few-answers', 'hads-depression': 14 });
    expect(second.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    expect(second.map(({ meta }) => meta?.versionId)).toEqual(['2', '2']);
    expect(second[0]).not.toHaveProperty('valueQuantity');
    expect(second[0]?.dataAbsentReason?.coding?.[0]).toMatchObject({ code: 'unknown' });
  });

  it('are told of by $extract as they are stored.', async () => {
    const person = await consenting();
    const { body } = await lock(person, hads('1', '2', 1));

    const bundle = await server.coordinator.read<Bundle>(`QuestionnaireResponse/${body.id ?? ''}/$extract`);

    const stored = await scores(person);
    const told = (bundle.entry ?? []).map(({ resource }) => resource as Observation);
    expect(told.map(({ id }) => id).toSorted()).toEqual(stored.map(({ id }) => id).toSorted());
    expect(numbers(told)).toEqual({ 'hads-anxiety': 7, 'hads-depression': 14 });
  });

  it('stand on the form’s page for staff when it is locked, not before.', async () => {
    const person = await consenting();
    const draft = await server.save(person, 'hads', hads('1', '2'));
    const user = await server.user('lu-ane');
    const page = async (): Promise<string> => (await user.open(`/skjema/${person.tasks['hads']}`)).html;
    const before = await page();

    await server.save(person, 'hads', hads('1', '2', 4), { status: 'completed', ifMatch: draft.version });

    expect(before).not.toContain('HADS angst');
    const after = await page();
    expect(after).toContain('Ingen skår: for få svar');
    expect(after).toMatch(/HADS depresjon<\/th><td[^>]*>14<\/td>/);
  });
});
