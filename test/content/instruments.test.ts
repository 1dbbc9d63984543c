/** The instruments of the repository: each has all that a score needs, and forms and code systems agree with them. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { listConcepts } from '../../src/content/concepts.ts';
import type { CodeSystem } from '../../src/fhir/types.ts';
import { compilePath } from '../../src/fhir/path.ts';
import { bindInstruments } from '../../src/registry/scoring/bind.ts';
import { compileForm } from '../../src/sdc/form.ts';
import { content } from './fill-form.ts';

const root = join(import.meta.dirname, '../..');
const instruments = content.instruments.all();
const scores = instruments.flatMap((instrument) => instrument.scores.map((score) => ({ instrument, score })));
const system = (id: string): CodeSystem =>
  content.codeSystems.get(`https://ryggrad.no/fhir/CodeSystem/${id}`) as CodeSystem;
const codesOf = (id: string): readonly string[] =>
  (system(id).concept ?? []).map(({ code }) => code ?? '').toSorted();

const IDS = [
  'asa',
  'bmi',
  'ems',
  'eq-5d-3l',
  'eq-5d-5l',
  'eq-vas',
  'fabq',
  'gpe',
  'hads',
  'hscl-10',
  'mjoa',
  'ndi',
  'nrs',
  'odi',
  'omeq',
  'pass',
  'rand-12',
  'rand-36',
  'satisfaction',
  'srs-22r',
];

describe('The instruments', () => {
  it('are these.', () => {
    expect(instruments.map(({ id }) => id)).toEqual(IDS);
  });

  it.each(instruments)(
    '$id has names in three languages, sources, and who owns its wording.',
    (instrument) => {
      const texts = [instrument.title, ...instrument.items.map(({ label }) => label)];
      const titles = instrument.scores.flatMap(({ title, bands }) => [
        title,
        ...bands.map((band) => band.title),
      ]);

      expect(instrument.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(instrument.source.length).toBeGreaterThan(0);
      expect(['own', 'licensed']).toContain(instrument.wording.status);
      expect(instrument.wording.holder).not.toBe('');
      expect([...texts, ...titles].flatMap(({ nb, nn, en }) => [nb, nn, en]).filter((text) => !text)).toEqual(
        [],
      );
    },
  );

  it.each(scores)(
    '$score.code has an algorithm with a version, a rule for what is missing, a range, a direction and a unit.',
    ({ instrument, score }) => {
      expect(score.algorithm.version).toMatch(/^\d+$/);
      expect(score.missing.basis.length).toBeGreaterThan(10);
      expect(score.range.min).toBeLessThan(score.range.max ?? Infinity);
      expect(['higher-better', 'higher-worse', 'none']).toContain(score.direction);
      expect(score.unit.code).not.toBe('');
      expect(score.decimals).toBeGreaterThanOrEqual(0);
      expect(score.algorithm.table === undefined || instrument.tables.has(score.algorithm.table)).toBe(true);
    },
  );

  it.each(scores.filter(({ score }) => score.bands.length > 0))(
    '$score.code has bands that follow each other and have one end that is open.',
    ({ score: { bands, range } }) => {
      const ends = bands.map(({ below, upTo }) => below ?? upTo ?? Infinity);

      expect(ends).toEqual(ends.toSorted((a, b) => a - b));
      expect(ends.at(-1)).toBe(Infinity);
      expect(ends[0]).toBeGreaterThan(range.min - 1);
      expect(new Set(bands.map(({ code }) => code)).size).toBe(bands.length);
    },
  );

  it.each(scores.filter(({ score }) => score.thresholds.length > 0))(
    '$score.code has thresholds that each say what they are for, from where, and how it is known.',
    ({ score: { thresholds } }) => {
      expect(new Set(thresholds.map(({ id }) => id)).size).toBe(thresholds.length);
      for (const { use, source, evidence, improvement, worsening, level } of thresholds) {
        expect([use, source].filter((text) => text === '')).toEqual([]);
        expect(['read', 'public-code', 'reported']).toContain(evidence);
        expect([improvement, worsening, level].filter((rule) => rule !== undefined)).toHaveLength(1);
      }
    },
  );

  it('are what the code systems list.', () => {
    const sorted = (codes: readonly string[]): readonly string[] => codes.toSorted();

    expect(codesOf('instrument')).toEqual(sorted(instruments.map(({ id }) => id)));
    expect(codesOf('instrument-item')).toEqual(
      sorted(instruments.flatMap(({ items }) => items.map(({ code }) => code))),
    );
    expect(codesOf('instrument-score')).toEqual(sorted(scores.map(({ score }) => score.code)));
    expect(codesOf('scoring-algorithm')).toEqual(
      sorted([...new Set(scores.map(({ score: { algorithm } }) => `${algorithm.id}-${algorithm.version}`))]),
    );
    expect(codesOf('score-table')).toEqual(sorted(instruments.flatMap(({ tables }) => [...tables.keys()])));
  });

  it('score by tables that say where their numbers are from and by which licence they are here.', () => {
    const tables = instruments.flatMap((instrument) => [...instrument.tables.values()]);
    const notice = readFileSync(join(root, 'instruments/tables/LICENSE-fragla-eq5d.md'), 'utf8');

    expect(notice).toContain('Copyright (c) 2019 Fraser Morton');
    for (const { id, version, publication, source, licence } of tables) {
      expect([id, [version, publication, source, licence].filter((text) => text === '')]).toEqual([id, []]);
    }
    const named = tables
      .filter(({ licence }) => licence.includes('LICENSE-fragla-eq5d.md'))
      .map(({ id }) => id);
    expect(named).toEqual(['eq5d3l-tto-uk', 'eq5d5l-crosswalk-uk', 'eq5d5l-vt-norway', 'eq5d5l-vt-uk']);
  });

  it('leave no file of their folder unread.', () => {
    const files = readdirSync(join(root, 'instruments')).filter((name) => name.endsWith('.json'));

    expect(files.toSorted()).toEqual(IDS.map((id) => `${id}.json`));
  });

  it('have neutral labels of a few words, and no wording of a question.', () => {
    const licensed = instruments.filter(({ wording }) => wording.status === 'licensed');
    const labels = licensed.flatMap(({ items }) => items.flatMap(({ label }) => Object.values(label)));

    expect(labels.filter((label: string) => label.split(' ').length > 3 || /[?!]/.test(label))).toEqual([]);
  });

  it('count an opioid by the same factor as a form that has it as an option.', () => {
    const omeq = content.instruments.get('omeq')?.tables.get('omeq-no-draft-1');
    const factors = omeq?.kind === 'factors' ? omeq.factors : [];
    const known = new Map(
      factors.map(({ item, factor, doses }) => [item, doses === undefined ? factor : undefined]),
    );
    const forms = content.codeSystems
      .all()
      .filter(({ id }) => id?.endsWith('-opioid-form'))
      .flatMap(({ concept = [] }) => concept);

    expect(forms.length).toBeGreaterThan(20);
    for (const { code = '', extension = [] } of forms) {
      const ordinal = extension.find(({ url }) => url.endsWith('/ordinalValue'))?.valueDecimal;
      expect([code, known.get(`omeq-${code}`)]).toEqual([code, ordinal]);
    }
  });
});

describe.each(content.questionnaires.all())('The form $id', (questionnaire) => {
  it('has every item of the instruments that it names, with their weights.', () => {
    const form = compileForm(questionnaire, {
      compilePath,
      resolveValueSet: (canonical) => listConcepts(content, canonical),
    });

    expect(bindInstruments(form, content.instruments).problems).toEqual([]);
  });
});
