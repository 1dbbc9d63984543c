/** The instruments of the repository, and short ways to answer and score them. */
import { join } from 'node:path';
import type { Instrument } from '../../../../src/content/instrument.ts';
import { readInstruments } from '../../../../src/content/instruments.ts';
import type { Answers, ScoreResult } from '../../../../src/registry/scoring/result.ts';
import { score } from '../../../../src/registry/scoring/score.ts';

export const root = join(import.meta.dirname, '../../../..');
const read = await readInstruments([root]);

export const { instruments, problems } = read;

export function instrument(id: string): Instrument {
  const found = instruments.get(id);
  if (found === undefined) {
    throw new Error(`No instrument ${id}.`);
  }
  return found;
}

/** Answers in the order of the items; undefined is not answered. */
export function inOrder(id: string, answers: readonly (number | undefined)[]): Answers {
  return Object.fromEntries(instrument(id).items.map(({ code }, index) => [code, answers[index]]));
}

/** `eq-5d-5l` and `11221`. */
export const state = (id: string, levels: string): Answers => inOrder(id, [...levels].map(Number));

/** The result of one score. */
export function resultOf(id: string, code: string, answers: Answers): ScoreResult {
  const [result] = score(instrument(id), answers, [code]);
  if (result === undefined) {
    throw new Error(`No score ${code}.`);
  }
  return result;
}

/** The value, or the reason why there is none. */
export const valueOf = (id: string, code: string, answers: Answers): number | string => {
  const { value, absent } = resultOf(id, code, answers);
  return value ?? absent ?? '';
};

/** Codes of items that begin with the instrument's id, given by what follows it: `{ 23: 4 }`. */
export const numbered = (id: string, answers: Readonly<Record<string, number>>): Answers =>
  Object.fromEntries(Object.entries(answers).map(([number, answer]) => [`${id}-${number}`, answer]));
