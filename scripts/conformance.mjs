/**
 * Writes docs/conformance.md from the rows in test/conformance/rows/: `node scripts/conformance.mjs`.
 * A row says what is done, partly done or not done, and names the tests that show it; test/conformance/table.test.ts checks both.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const rowsFolder = new URL('../test/conformance/rows/', import.meta.url);
const page = new URL('../docs/conformance.md', import.meta.url);

/** Headings and first sentences in the order of the page. An area that is not here comes last, by its own name. */
const sections = {
  rest: [
    'REST',
    'A server of persons’ data refuses what it does not understand: parameters, modifiers, elements. `Prefer: handling=lenient` ' +
      'lets it pass over what may be passed over, and the answer says what that was.',
  ],
  'search-structure': ['Search: links, pages, answers'],
  'search-values': ['Search: parameters, values, modifiers'],
  validation: ['Validation', 'Every write is validated against R4 and the profiles that are loaded.'],
  terminology: ['Terminology'],
  operations: ['Operations', '`$export` has the ids (BK-…) of its criteria.'],
  forms: ['Forms', 'The dialect of Questionnaires is in [sdc-dialect.md](sdc-dialect.md).'],
  subscriptions: ['Subscriptions'],
  'sql-on-fhir': ['SQL on FHIR'],
  consent: ['Consent', 'Withdrawal and reservation; the design is in [ADR 0019](adr/0019-reservation.md).'],
  audit: [
    'Audit trail',
    'The shape of events is IHE Basic Audit’s; the design is in [ADR 0015](adr/0015-audit-chain.md).',
  ],
  'patient-access': ['Patients’ own forms', 'The design is in [ADR 0018](adr/0018-patient-access.md).'],
  smart: ['SMART and OAuth'],
  'smart-kit': [
    'SMART: what the Inferno kits ask',
    'The subjects of the tests in Inferno’s SMART App Launch kit (STU 2.2), which need a browser and a public address, with the tests ' +
      'of ours that ask the same.',
  ],
  helseid: ['HelseID'],
  security: ['Security'],
};

const states = { yes: 'done', partly: 'partly', no: 'not done' };

/** All rows, file by file. */
export function readRows() {
  return readdirSync(rowsFolder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .flatMap((name) => JSON.parse(readFileSync(new URL(name, rowsFolder), 'utf8')));
}

/** The page as it should be. */
export function conformancePage(rows) {
  const areas = [...new Set([...Object.keys(sections), ...rows.map(({ area }) => area)])];
  return [
    '# What conforms, and what does not',
    '',
    '<!-- Written by `node scripts/conformance.mjs` from test/conformance/rows/. Change the rows, not this page. -->',
    '',
    'What the server can is generated into its CapabilityStatement (`GET /fhir/metadata`) and its smart-configuration',
    '(`GET /fhir/.well-known/smart-configuration`). Here it is said feature by feature, with the limits and with the tests that',
    'show it (their titles are shown by the links): a test checks that each of them is there. Criteria of security that tests cover carry their ids in their titles.',
    '',
    ...totals(rows, areas),
    ...areas.flatMap((area) => section(area, rows)),
    '## Other people’s tests and clients',
    '',
    'The cases that HL7 publishes for FHIRPath, patches, validators and XML, and those of SQL on FHIR, run with ours; where one',
    'fails, a list in the repository says why, and a test fails when that list is no longer right. fhir-kit-client and',
    'MedplumClient run one script against the server; the same script for Python is `test/clients/python/script.py`:',
    '',
    '```sh',
    'pip install fhirpy PyJWT cryptography',
    'python test/clients/python/script.py data/demo/ehr-client.json   # while npm start runs',
    '```',
    '',
  ].join('\n');
}

function totals(rows, areas) {
  const count = (area, state) =>
    rows.filter((row) => (area === '' || row.area === area) && row.state === state).length;
  const line = (name, area) =>
    `| ${name} | ${Object.keys(states)
      .map((state) => count(area, state))
      .join(' | ')} |`;
  return [
    '| | done | partly | not done |',
    '|---|--:|--:|--:|',
    ...areas.filter((area) => rows.some((row) => row.area === area)).map((area) => line(titleOf(area), area)),
    line('**All**', ''),
    '',
  ];
}

function section(area, rows) {
  const own = rows.filter((row) => row.area === area);
  if (own.length === 0) {
    return [];
  }
  const [, text] = sections[area] ?? [];
  return [
    `## ${titleOf(area)}`,
    '',
    ...(text === undefined ? [] : [text, '']),
    '| Feature | State | Limits | Tests |',
    '|---|---|---|---|',
    ...own.map(lineOf),
    '',
  ];
}

const titleOf = (area) => sections[area]?.[0] ?? area;

function lineOf({ feature, spec, state, note, tests }) {
  const files = [...new Set(tests.map(({ file }) => file))].map((file) =>
    link(
      file,
      tests.filter((test) => test.file === file).map(({ title }) => title),
    ),
  );
  return `| [${cell(feature)}](${spec}) | ${states[state] ?? state} | ${cell(note ?? '')} | ${files.join('<br>')} |`;
}

/** A link to the file that shows the titles of its tests. */
function link(file, titles) {
  const shown = titles.join(' / ').replaceAll('"', '”').replaceAll(/[\\|]/g, '\\$&');
  return `[${file.split('/').at(-1)}](../${file} "${shown}")`;
}

/** Text that ends neither the cell nor the link, and is no HTML. */
const cell = (text) => text.replaceAll(/[[\]<>*_]/g, (sign) => `\\${sign}`).replaceAll('|', '\\|');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, conformancePage(readRows()));
}
