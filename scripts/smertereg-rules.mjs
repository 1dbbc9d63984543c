/**
 * Writes docs/smertereg-rules.md, every rule of the register with the tests that show it: `node scripts/smertereg-rules.mjs`.
 * The tests are found by their titles (`rule 14`, `rules 18, 19 and 21`), the cases by what they say that they show.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readTitles } from '../test/conformance/test-titles.ts';

const root = new URL('../', import.meta.url);
const page = new URL('docs/smertereg-rules.md', root);
const CASES = 'registers/smertereg/cases/';

const NUMBERS = /\brules? (\d+(?:(?:-|, | and | og )\d+)*)/g;

/** The numbers in `rule 3`, `rules 12-16`, `rules 18, 19 and 21`. */
export function rulesIn(title) {
  return [...title.matchAll(NUMBERS)].flatMap(([, list]) =>
    list.split(/, | and | og /).flatMap((part) => {
      const [first, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    }),
  );
}

/** One row per rule: the rule, its place in the guide, and the titles of its tests by file. */
export function readRules() {
  const rules = JSON.parse(readFileSync(new URL('scripts/smertereg-rules.json', root), 'utf8'));
  const tests = testFiles().flatMap((path) =>
    readTitles(fileURLToPath(new URL(path, root))).full.map((title) => ({
      path,
      title,
      rules: isAnothers(title.toLowerCase()) || title.includes('section 6') ? [] : rulesIn(title),
    })),
  );
  const cases = readdirSync(new URL(CASES, root)).map((name) => ({
    name,
    rules: rulesIn(readFileSync(new URL(`${CASES}${name}/README.md`, root), 'utf8')),
  }));
  return Object.entries(rules).map(([number, { rule, guide }]) => ({
    number: Number(number),
    rule,
    guide,
    tests: Map.groupBy(
      tests.filter((test) => test.rules.includes(Number(number))),
      ({ path }) => path,
    ),
    cases: cases.filter((each) => each.rules.includes(Number(number))).map(({ name }) => name),
  }));
}

const otherRegisters = readdirSync(new URL('questionnaires/', root))
  .map((folder) => folder.replace('-coming', ''))
  .filter((register) => register !== 'smertereg');

const testFiles = () =>
  readdirSync(new URL('test/', root), { recursive: true })
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    .filter((name) => /\.test\.tsx?$/.test(name) && !isAnothers(name))
    .toSorted();

/** Tests of another register's content, and titles that name it, have its rules, with numbers of their own. */
const isAnothers = (name) => otherRegisters.some((register) => name.includes(register));

const MOST = 3;

function testsOf({ tests, cases }) {
  const files = [...tests].map(([path, titles]) => {
    const shown = titles.slice(0, MOST).map(({ title }) => `«${escaped(title)}»`);
    const more = titles.length > MOST ? [`og ${titles.length - MOST} til`] : [];
    return `\`${path}\`: ${[...shown, ...more].join(' · ')}`;
  });
  return [...files, ...cases.map((name) => `tilfellet \`${name}\``)].join('<br>');
}

const escaped = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

export function rulesPage(rows = readRules()) {
  const lines = rows.map(
    (row) => `| ${row.number} | ${escaped(row.rule)} | ${escaped(row.guide)} | ${testsOf(row)} |`,
  );
  return `# SmerteReg: regler og tester

<!-- Skrevet av \`node scripts/smertereg-rules.mjs\` fra testenes titler. Endre en test eller scripts/smertereg-rules.json, ikke denne siden. -->

Hver regel med testene som viser den, gjennom skjemaene, over HTTP eller i nettleseren. Stedet er i brukerveiledningen, versjon 1.8.
Alle felt står i [smertereg-fields.md](smertereg-fields.md).

| Regel | Hva | Sted i veiledningen | Tester |
| --- | --- | --- | --- |
${lines.join('\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, rulesPage());
}
