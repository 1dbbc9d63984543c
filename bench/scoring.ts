/**
 * `npm run bench -- scoring`: microseconds a score takes, for each instrument and for a whole filled form; beside it, in the same run, what
 * nobody gets round: reading the filled form from its JSON. CPU of this thread, so that other work on the machine does not count.
 */
import { readInstruments } from '../src/content/instruments.ts';
import type { Instrument } from '../src/content/instrument.ts';
import { compilePath } from '../src/fhir/path.ts';
import type { Questionnaire, QuestionnaireItem, QuestionnaireResponse } from '../src/fhir/types.ts';
import { bindInstruments, INSTRUMENT, INSTRUMENT_ITEM } from '../src/registry/scoring/bind.ts';
import type { Answers } from '../src/registry/scoring/result.ts';
import { scoreForm } from '../src/registry/scoring/score-form.ts';
import { score } from '../src/registry/scoring/score.ts';
import { compileForm } from '../src/sdc/form.ts';

const WARM_UP = 2000;
const ROUNDS = 20_000;

const root = new URL('..', import.meta.url).pathname;
const { instruments } = await readInstruments([root]);

for (const instrument of instruments.all()) {
  const all = Array.from({ length: 64 }, (_, seed) => answersTo(instrument, seed));
  let round = 0;
  print(
    instrument.id,
    `${instrument.items.length} items, ${instrument.scores.length} scores`,
    microseconds(ROUNDS, () => score(instrument, all[round++ % all.length] as Answers)),
  );
}

/** What a patient's form before and after an operation holds. */
const ASKED = ['odi', 'eq-5d-5l', 'eq-vas', 'nrs', 'hscl-10', 'gpe', 'pass'];
const items = ASKED.flatMap((id) => instruments.get(id)?.items ?? []);
const form = compileForm(
  {
    resourceType: 'Questionnaire',
    status: 'active',
    language: 'nb',
    url: 'http://example.org/Questionnaire/bench',
    version: '1.0.0',
    extension: ASKED.map((id) => ({ url: INSTRUMENT, extension: [{ url: 'id', valueCode: id }] })),
    item: items.map(({ code }): QuestionnaireItem => ({
      linkId: code,
      type: 'integer',
      text: code,
      code: [{ system: INSTRUMENT_ITEM, code }],
    })),
  } satisfies Questionnaire,
  { compilePath, resolveValueSet: () => undefined },
);
const { bindings, problems } = bindInstruments(form, instruments);
if (problems.length > 0) {
  throw new Error(problems.join('\n'));
}
const response: QuestionnaireResponse = {
  resourceType: 'QuestionnaireResponse',
  id: 'bench',
  questionnaire: form.canonical,
  status: 'completed',
  subject: { reference: 'Patient/1' },
  authored: '2026-03-06T12:00:00+01:00',
  item: items.map(({ code, min }) => ({ linkId: code, answer: [{ valueInteger: min + 1 }] })),
};
const options = { now: new Date('2026-03-06T12:00:00+01:00'), launch: {}, newId: (key: string) => key };
const text = JSON.stringify(response);
const observations = scoreForm(form, bindings, response, options).length;
const each = microseconds(ROUNDS / 10, () =>
  scoreForm(form, bindings, JSON.parse(text) as typeof response, options),
);
const baseline = microseconds(ROUNDS / 10, () => JSON.parse(text) as unknown);
print('a filled form', `${items.length} questions, ${observations} Observations, read and scored`, each);
print('the same form', `${text.length} bytes, read only`, baseline);
process.stdout.write(
  `Ratio ${(each / baseline).toFixed(1)}; ${Math.round((observations * 1e6) / each)} scores a second\n`,
);

function answersTo({ items }: Instrument, seed: number): Answers {
  return Object.fromEntries(
    items.map(({ code, min, max }, index) => [
      code,
      min + ((seed * 7 + index * 3) % (Math.floor(max - min) + 1)),
    ]),
  );
}

function print(name: string, what: string, each: number): void {
  process.stdout.write(`${name} (${what}): ${each.toFixed(2)} µs, ${Math.round(1e6 / each)} a second\n`);
}

/** Microseconds of this thread's CPU a round: other work on the machine does not count. */
function microseconds(rounds: number, work: () => unknown): number {
  repeat(WARM_UP, work);
  return repeat(rounds, work);
}

function repeat(rounds: number, work: () => unknown): number {
  const start = process.threadCpuUsage();
  for (let round = 0; round < rounds; round++) {
    work();
  }
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / rounds;
}
