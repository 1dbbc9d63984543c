/** Captured forms whose source is taken back, marked as an error or deleted, and those that a coordinator withdraws. */
import type { JsonObject } from '../../../src/fhir/types.ts';
import type { StaffPrincipal } from '../../../src/access/principal.ts';
import type { Operation, Result } from '../../../src/repository/operation.ts';
import {
  callerOf,
  type CaptureServer,
  CHANGE_REASON,
  coordinator,
  examination,
  finding,
  refused,
  RESH,
  result,
  startCapture,
} from './capture-server.ts';

let capture: CaptureServer;

beforeAll(async () => {
  capture = await startCapture();
});

afterAll(() => capture[Symbol.asyncDispose]());

describe('A form that nobody fills, taken back', () => {
  it('withdraws a form whose source was an error, with its facts, and takes it up again when it was none.', async () => {
    const kari = await capture.person();
    await capture.diagnose(kari, '2019-05-06');
    const [stored] = await capture.send(result(kari, '2020-01-01', 500));
    await capture.send({
      ...result(kari, '2020-01-01', 500),
      status: 'entered-in-error',
      id: stored?.id ?? '',
    });

    expect(await capture.forms(kari)).toEqual([
      'Skjema base · completed',
      'Skjema result · cancelled · Kilden er slettet eller merket som feil.',
    ]);
    expect(await capture.facts(kari)).toEqual([]);
    await capture.send({ ...result(kari, '2020-01-01', 500), id: stored?.id ?? '' });
    expect(await capture.forms(kari)).toContain('Skjema result · completed');
    expect(await capture.facts(kari)).toEqual([500]);
  });

  it('is filled by nobody in the department; its coordinator withdraws a form, with a reason.', async () => {
    const kari = await capture.person();
    await capture.diagnose(kari, '2019-05-06');
    const [response] = (await capture.responses(kari)) as unknown as readonly JsonObject[];
    const write = (change: JsonObject, principal: StaffPrincipal = coordinator) =>
      capture.app.repository.commit(callerOf(principal), [
        {
          kind: 'update',
          type: 'QuestionnaireResponse',
          id: response?.['id'] as string,
          resource: { ...response, ...change },
        },
      ]);
    const because = [
      ...(response?.['extension'] as readonly JsonObject[]),
      { url: CHANGE_REASON, valueString: 'Feil person' },
    ];

    expect(await refused(write({ status: 'amended', extension: because }))).toEqual(['captured-only']);
    expect(await refused(write({ status: 'entered-in-error' }))).toEqual(['change-reason']);
    expect(
      await refused(
        write({ status: 'entered-in-error', extension: because }, { ...coordinator, role: 'LU' }),
      ),
    ).toEqual(['form-locked']);
    expect(await refused(write({ status: 'entered-in-error', extension: because }))).toEqual([]);
    await capture.diagnose(kari, '2019-05-07');
    expect(await capture.forms(kari)).toEqual(['Skjema base · cancelled · Feil person']);
  });

  it('withdraws what is stored, as it is: no other form in its place, no other answers, and not twice.', async () => {
    const kari = await capture.person();
    await capture.diagnose(kari, '2019-05-06');
    const [stored] = (await capture.responses(kari)) as unknown as readonly JsonObject[];
    const { id, ...response } = stored ?? {};
    const withdrawn = {
      ...response,
      status: 'entered-in-error',
      item: [{ linkId: 'diagnosed', answer: [{ valueDate: '2001-01-01' }] }],
      extension: [
        ...(response['extension'] as readonly JsonObject[]),
        { url: CHANGE_REASON, valueString: 'Feil person' },
      ],
    };
    const type = 'QuestionnaireResponse';
    const commit = (operation: Operation) =>
      capture.app.repository.commit(callerOf(coordinator), [operation]);
    const update = (): Promise<unknown> =>
      commit({ kind: 'update', type, id: id as string, resource: withdrawn });

    expect(await refused(commit({ kind: 'create', type, resource: withdrawn }))).toEqual(['form-status']);
    expect(await capture.forms(kari)).toEqual(['Skjema base · completed']);
    expect(await refused(update())).toEqual([]);
    const [after] = await capture.responses(kari);
    expect(after).toMatchObject({ status: 'entered-in-error', item: response['item'] });
    expect(await refused(update())).toEqual(['form-status']);
  });

  it('closes a pathway whose examination was an error, and opens one when it was none.', async () => {
    const ola = await capture.person();
    const [stored] = await capture.send(examination(ola, '2026-02-01'), finding(ola, '2026-02-01', 1));
    const again = { ...examination(ola, '2026-02-01'), id: stored?.id ?? '' };
    await capture.send({ ...again, status: 'entered-in-error' });
    expect((await capture.pathways(ola)).map(({ status }) => status)).toEqual(['entered-in-error']);

    await capture.send(again);

    expect((await capture.pathways(ola)).map(({ status }) => status).toSorted()).toEqual([
      'entered-in-error',
      'finished',
    ]);
  });

  it('stays with an examination of which another code stands, and closes with the last one.', async () => {
    const ola = await capture.person();
    const at = '2026-02-01T10:00:00+01:00';
    const [first] = await capture.send(examination(ola, at), finding(ola, '2026-02-01', 1));
    const [second] = await capture.send(examination(ola, '2026-02-01T10:20:00+01:00', 'UJF35'));
    const error = (code: string, stored: Result | undefined): JsonObject => ({
      ...examination(ola, at, code),
      status: 'entered-in-error',
      id: stored?.id ?? '',
    });
    await capture.send(error('UJF32', first));

    const [kept, ...others] = await capture.pathways(ola);
    expect(others).toEqual([]);
    expect(kept).toMatchObject({
      status: 'finished',
      extension: [{ valueReference: { reference: `Procedure/${second?.id ?? ''}` } }],
    });
    expect(await capture.forms(ola)).toEqual(['Skjema exam · completed']);

    await capture.send(error('UJF35', second));

    expect((await capture.pathways(ola)).map(({ status }) => status)).toEqual(['entered-in-error']);
    expect(await capture.forms(ola)).toEqual([
      'Skjema exam · cancelled · Kilden er slettet eller merket som feil.',
    ]);
  });

  it('goes on with what is sent together with the error, or under another id, and not with what another department did.', async () => {
    const ola = await capture.person();
    const number = { identifier: [{ system: 'urn:test:procedure', value: 'exam-1' }] };
    const [first] = await capture.send({ ...examination(ola, '2026-02-01'), ...number });
    const wrong = { ...examination(ola, '2026-02-01'), status: 'entered-in-error', id: first?.id ?? '' };
    const right = { ...examination(ola, '2026-02-03'), ...number };
    await capture.send(wrong, right, finding(ola, '2026-02-03', 1));
    expect((await capture.pathways(ola)).map(({ status }) => status)).toEqual(['finished']);
    expect((await capture.responses(ola)).map(({ item }) => item?.[0]?.answer?.[0]?.valueDate)).toEqual([
      '2026-02-03',
    ]);

    const eva = await capture.person();
    const [own] = await capture.send(examination(eva, '2026-02-01'));
    const elsewhere = { performer: [{ actor: { identifier: { system: RESH, value: '9990000' } } }] };
    await capture.send({ ...examination(eva, '2026-02-01'), ...elsewhere });
    await capture.send({ ...examination(eva, '2026-02-01'), status: 'entered-in-error', id: own?.id ?? '' });
    expect((await capture.pathways(eva)).map(({ status }) => status)).toEqual(['entered-in-error']);
  });

  it('closes a pathway whose examination is deleted, and withdraws a form whose result is.', async () => {
    const ola = await capture.person();
    const [exam] = await capture.send(examination(ola, '2026-02-01'), finding(ola, '2026-02-01', 1));
    await capture.diagnose(ola, '2019-05-06');
    const [measured] = await capture.send(result(ola, '2020-01-01', 500));
    await capture.remove('Procedure', exam);
    await capture.remove('Observation', measured);
    expect(await capture.failures()).toEqual([]);

    expect((await capture.pathways(ola)).map(({ status }) => status).toSorted()).toEqual([
      'active',
      'entered-in-error',
    ]);
    expect(await capture.forms(ola)).toEqual([
      'Skjema base · completed',
      'Skjema exam · cancelled · Kilden er slettet eller merket som feil.',
      'Skjema result · cancelled · Kilden er slettet eller merket som feil.',
    ]);
    expect(await capture.facts(ola)).toEqual([]);
  });

  it('closes a pathway whose examination is deleted, also when its form has been withdrawn.', async () => {
    const ola = await capture.person();
    const [stored] = await capture.send(examination(ola, '2026-02-01'), finding(ola, '2026-02-01', 1));
    const [response] = (await capture.responses(ola)) as unknown as readonly JsonObject[];
    const because = { url: CHANGE_REASON, valueString: 'Feil person' };
    await capture.app.repository.commit(callerOf(coordinator), [
      {
        kind: 'update',
        type: 'QuestionnaireResponse',
        id: response?.['id'] as string,
        resource: {
          ...response,
          status: 'entered-in-error',
          extension: [...(response?.['extension'] as readonly JsonObject[]), because],
        },
      },
    ]);
    await capture.remove('Procedure', stored);
    expect(await capture.failures()).toEqual([]);

    expect((await capture.pathways(ola)).map(({ status }) => status)).toEqual(['entered-in-error']);
    expect(await capture.forms(ola)).toEqual(['Skjema exam · cancelled · Feil person']);
  });
});
