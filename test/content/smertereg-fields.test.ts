/** docs/smertereg-fields.md says of every field what the content says, and why one has no name in the old solution. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldsPage, readContent, readFields } from '../../scripts/smertereg-fields.mjs';
import { repositoryRoot } from '../support/source-files.ts';
import { content } from './fill-form.ts';
import { formOf } from './run-case.ts';

const source = readContent();
const fields = readFields(source);
const guide = JSON.parse(readFileSync(join(repositoryRoot, 'scripts/smertereg-guide.json'), 'utf8')) as {
  readonly forms: Readonly<Record<string, { readonly items?: Readonly<Record<string, string>> }>>;
  readonly outside: readonly { readonly field: string; readonly place: string; readonly where: string }[];
};

describe("The table of SmerteReg's fields", () => {
  it('is what its script writes.', () => {
    const written = readFileSync(join(repositoryRoot, 'docs/smertereg-fields.md'), 'utf8');
    const isCurrent = written === fieldsPage(fields, source);

    expect(isCurrent ? 'current' : 'Run: node scripts/smertereg-fields.mjs').toBe('current');
  });

  it("has all of the register's forms that the server loads.", () => {
    const loaded = content.questionnaires
      .all()
      .flatMap(({ id = '' }) => (id.startsWith('smertereg-') ? [id] : []));

    expect(source.forms.map(({ id }) => id).sort()).toEqual(loaded.sort());
  });

  it.each(source.forms.map(({ id }) => id))('has every item of %s that is no help text.', (id) => {
    const rows = fields.filter(({ form }) => form === id).map(({ linkId }) => linkId);

    expect(rows.sort()).toEqual([...formOf(content, id).byLinkId.keys()].sort());
  });

  it('has for every item its old name or the reason why there is none.', () => {
    const without = fields.filter(({ legacy, reason }) => legacy === undefined && reason === undefined);

    expect(without.map(({ form, linkId }) => `${form} ${linkId}`)).toEqual([]);
  });

  it('excuses no question as a group or a text.', () => {
    const excused = fields.filter(
      ({ type, reason = '' }) => type !== 'group' && type !== 'display' && reason.endsWith('ikke et felt.'),
    );

    expect(excused.map(({ form, linkId }) => `${form} ${linkId}`)).toEqual([]);
  });

  it('has for every item its place in the user guide.', () => {
    expect(fields.filter(({ place }) => place === '').map(({ form, linkId }) => `${form} ${linkId}`)).toEqual(
      [],
    );
  });

  it('has places for items that exist alone.', () => {
    const known = new Set(fields.map(({ form, linkId }) => `${form} ${linkId}`));
    const forms = Object.entries(guide.forms).filter(([id]) => source.forms.some((form) => form.id === id));
    const named = forms.flatMap(([id, { items = {} }]) =>
      Object.keys(items).map((linkId) => `${id} ${linkId}`),
    );

    expect(named.filter((each) => !known.has(each))).toEqual([]);
  });

  it('has an answer and a question for every field.', () => {
    const questions = fields.filter(({ type }) => type !== 'group' && type !== 'display');

    expect(questions.filter(({ question, answers }) => question === '' || answers === '')).toEqual([]);
  });

  it('says of a field its answers with the old codes, its condition and its rules.', () => {
    const find = (form: string, linkId: string) =>
      fields.find((each) => each.form === form && each.linkId === linkId);

    expect(find('smertereg-b12', 'weakest-rest')).toMatchObject({
      question: 'Svakeste smerte i ro',
      answers: expect.stringMatching(/^0 \(0\) · 1 \(1\) · .* · 10 \(10\)$/) as string,
      condition:
        '«Er pasienten i stand til å angi smerteintensitet (0–10) når han blir spurt (verbal NRS)?» = Ja',
      rules: 'påkrevd',
      place: 'Behandlerdel 1.2: Smerte siste døgn',
      legacy: 'WEAKPAIN_STILL',
    });
    expect(find('smertereg-b11', 'lar')).toMatchObject({
      question: '7 LAR (legemiddelassistert rehabilitering)',
      answers: 'Nei (0) · Ja (1) · Usikker (2)',
      rules: 'påkrevd; beregnes',
      place: 'Behandlerdel 1.1, 7',
      legacy: 'LAR_OR_LAS',
    });
    expect(find('smertereg-pasreg', 'contact')?.rules).toBe('vanlig 0–52; minst 0; høyst 365');
    expect(find('smertereg-po', 'phone')).toMatchObject({
      legacy: undefined,
      reason: 'Kodeboken har ikke feltet: den tar ikke med identitet og kontaktopplysninger.',
    });
  });

  it('says where each field of the guide is that is no question.', () => {
    expect(guide.outside.filter(({ field, place, where }) => !field || !place || !where)).toEqual([]);
  });
});
