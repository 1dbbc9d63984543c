import { validateResponse } from '../../../src/sdc/validate-response.ts';
import { finalise } from '../../../src/sdc/clean.ts';
import { compileForm } from '../../../src/sdc/form.ts';
import { refreshed } from '../../../src/sdc/refresh.ts';
import type { QuestionnaireResponse } from '../../../src/fhir/types.ts';
import { compileOptions, context, form as opioids, values } from './fixtures/smertetilsyn.ts';
import {
  besideOf,
  DIPS,
  earlierForm,
  filledFrom,
  LAB,
  measured,
  weightForm,
} from './fixtures/weight-form.ts';

const form = weightForm();
const said = (response: QuestionnaireResponse, linkId = 'vekt', of = form) =>
  besideOf(of, response, linkId).map(({ kind, value, source }) => [
    kind,
    value.valueDecimal ?? value.valueCoding?.code ?? value.valueQuantity?.value,
    source.system,
    source.recorded,
  ]);
const rules = (response: QuestionnaireResponse, of = form): readonly (string | undefined)[] =>
  validateResponse(of, finalise(of, response, context), 'final', context).map(({ rule }) => rule);

describe('A value that a source has', () => {
  it('carries resource, version, sender and time (AP-05).', async () => {
    const { sources } = await filledFrom(form, [measured('o1', 80, { version: '3' })]);

    expect(sources).toContainEqual(
      expect.objectContaining({
        reference: 'Observation/o1',
        version: '3',
        system: LAB,
        recorded: '2026-10-01',
        display: 'Vekt',
      }),
    );
  });

  it.each([
    ['to-confirm', 'suggested', ['source-unconfirmed']],
    ['taken', 'captured', []],
  ] as const)('is %s: marked %s, and locked only as the rule says.', async (rule, adopted, refused) => {
    const of = weightForm(rule);

    const { response } = await filledFrom(of, [measured('o1', 80)]);

    expect(JSON.stringify(response.item?.[0]?.answer)).toContain(`"adopted","valueCode":"${adopted}"`);
    expect(rules(response, of)).toEqual(refused);
  });

  it('is only suggested: it stands beside, and the question is empty.', async () => {
    const of = weightForm('suggest');

    const { response, filled } = await filledFrom(of, [measured('o1', 80)]);

    expect(values(response)['vekt']).toBeUndefined();
    expect(said(response, 'vekt', of)).toEqual([['suggested', 80, LAB, '2026-10-01']]);
    expect(filled).toBe(1); // the No that stands where nobody says anything
    expect(rules(response, of)).toEqual(['required']);
  });

  it('follows the rule of the register where the form states none, and must be confirmed where nobody does.', () => {
    const { questionnaire } = form;
    const ruleOf = (adoption?: 'taken') =>
      compileForm(questionnaire, { ...compileOptions, adoption }).byLinkId.get('vekt')?.adoption;

    expect(ruleOf('taken')).toBe('taken');
    expect(ruleOf()).toBe('to-confirm');
  });
});

describe('Sources that say different things', () => {
  it('stand side by side, the newest first, and nothing is filled in.', async () => {
    const resources = [measured('o1', 80), measured('o2', 82, { source: DIPS, at: '2026-10-20' })];

    const { response } = await filledFrom(form, resources);
    const { response: reversed } = await filledFrom(form, resources.toReversed());

    expect(values(response)['vekt']).toBeUndefined();
    expect(said(response)).toEqual([
      ['conflict', 82, DIPS, '2026-10-20'],
      ['conflict', 80, LAB, '2026-10-01'],
    ]);
    expect(said(reversed)).toEqual(said(response));
    expect(rules(response)).toEqual(['source-conflict']);
  });

  it('are an EHR and an earlier form just as well.', async () => {
    const { response } = await filledFrom(form, [measured('o1', 80), earlierForm(75)]);

    expect(said(response)).toEqual([
      ['conflict', 80, LAB, '2026-10-01'],
      ['conflict', 75, 'urn:ryggrad:register', '2026-09-01T10:00:00Z'],
    ]);
  });

  it('are two measurements of one sender, where the expression chooses none.', async () => {
    const { response } = await filledFrom(form, [measured('o1', 80), measured('o2', 81)]);

    expect(said(response).map(([, value]) => value)).toEqual([80, 81]);
  });

  it('are none when they say the same: one answer, with both as its sources.', async () => {
    const { response, sources } = await filledFrom(form, [measured('o1', 80), earlierForm(80)]);

    expect(values(response)['vekt']).toEqual([80]);
    expect(sources.filter(({ linkId }) => linkId === 'vekt').map(({ reference }) => reference)).toEqual([
      'Observation/o1',
      'QuestionnaireResponse/q1',
    ]);
  });

  it('are none where one of them has nothing to say.', async () => {
    const { response } = await filledFrom(form, [
      measured('o1', 80),
      measured('o2', 1, { source: DIPS, code: 'royk' }),
    ]);

    expect(values(response)).toMatchObject({ vekt: [80], royk: ['ja'] });
  });

  it('stay beside when the form is locked without them.', async () => {
    const { response } = await filledFrom(form, [measured('o1', 80), earlierForm(75)]);

    expect(said(finalise(form, response, context))).toHaveLength(2);
  });
});

describe('A fact that two senders have told', () => {
  it('is one row with the sources of both; two of one sender are two.', async () => {
    const drug = (id: string, source: string) => ({
      resourceType: 'MedicationStatement' as const,
      id,
      status: 'active' as const,
      meta: { source },
      subject: { reference: 'Patient/p1' },
      medicationCodeableConcept: {
        coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/opioid', code: 'morfin-po' }],
      },
    });
    const draft = {
      resourceType: 'QuestionnaireResponse',
      status: 'in-progress',
      questionnaire: opioids.canonical,
      item: [
        {
          linkId: 'analgetika',
          answer: [
            { valueCoding: { system: 'https://ryggrad.no/fhir/CodeSystem/analgetika', code: 'opioid' } },
          ],
        },
      ],
    } as QuestionnaireResponse;

    const { response } = await filledFrom(
      opioids,
      [drug('m1', LAB), drug('m2', LAB), drug('m3', DIPS)],
      draft,
    );

    const rows = response.item?.find(({ linkId }) => linkId === 'opioider')?.item ?? [];
    const marks = rows
      .filter(({ linkId }) => linkId === 'rad')
      .map((row) => JSON.stringify(row).match(/MedicationStatement\/m\d/g));
    expect(marks).toEqual([['MedicationStatement/m1', 'MedicationStatement/m3'], ['MedicationStatement/m2']]);
  });
});

describe('A draft that is opened again', () => {
  const answer = (response: QuestionnaireResponse, adopted: string): QuestionnaireResponse =>
    JSON.parse(JSON.stringify(response).replaceAll('"suggested"', `"${adopted}"`)) as QuestionnaireResponse;
  const reopened = async (draft: QuestionnaireResponse, now: Parameters<typeof filledFrom>[1]) =>
    refreshed(form, draft, (await filledFrom(form, now)).response, context);

  it('takes the newer version of the resource that nobody has stood by.', async () => {
    const { response } = await filledFrom(form, [measured('o1', 80)]);

    const next = await reopened(response, [measured('o1', 81, { version: '2' })]);

    expect(values(next)['vekt']).toEqual([81]);
    expect(JSON.stringify(next.item?.[0])).toContain('"version","valueString":"2"');
  });

  it.each(['confirmed', 'changed'])('shows it beside an answer that is %s.', async (adopted) => {
    const { response } = await filledFrom(form, [measured('o1', 80)]);

    const next = await reopened(answer(response, adopted), [measured('o1', 81, { version: '2' })]);

    expect(values(next)['vekt']).toEqual([80]);
    expect(said(next)).toEqual([['changed', 81, LAB, '2026-10-01']]);
  });

  it('asks when another source has come that says something else.', async () => {
    const { response } = await filledFrom(form, [measured('o1', 80)]);

    const next = await reopened(response, [measured('o1', 80), measured('o2', 82, { source: DIPS })]);

    expect(values(next)['vekt']).toBeUndefined();
    expect(said(next)).toHaveLength(2);
  });

  it('is filled with what has come since, and is the same when nothing has.', async () => {
    const { response } = await filledFrom(form, []);

    const next = await reopened(response, [measured('o1', 80)]);

    expect(values(next)['vekt']).toEqual([80]);
    expect(await reopened(next, [measured('o1', 80)])).toBe(next);
  });
});
