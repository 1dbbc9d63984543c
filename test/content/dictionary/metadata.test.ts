/** What helsedata.no asks for: the dataset by the rules of DCAT-AP-NO 3.0, and every variable with its period. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadContent } from '../../../src/content/load.ts';
import { newRegister } from '../../../src/content/scaffold/register.ts';
import type { NewFile } from '../../../src/content/scaffold/artefacts.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { describedVariables, writeMetadata } from '../../../src/operations/dictionary/export-metadata.ts';
import { readRegistry } from '../../../src/registry/registry.ts';
import { contentFolder } from '../../support/content-folder.ts';
import { content } from '../fill-form.ts';

const REGISTER = 'smertereg';
const registry = readRegistry(content);

let folder: string;
let graph: readonly JsonObject[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metadata-'));
  await writeMetadata(registry, REGISTER, folder);
  const text = await readFile(join(folder, `${REGISTER}-dcat.jsonld`), 'utf8');
  graph = (JSON.parse(text) as { '@graph': JsonObject[] })['@graph'];
});
afterAll(() => rm(folder, { recursive: true }));

const typed = (type: string): JsonObject => graph.find((node) => node['@type'] === type) ?? {};
const all = (value: unknown): readonly JsonObject[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => one !== undefined) as JsonObject[];

describe('The dataset of a register', () => {
  /** The class dcat:Dataset of DCAT-AP-NO 3.0: what must be there, and how often. */
  it.each([
    ['dct:title', 1, 3],
    ['dct:description', 1, 3],
    ['dct:publisher', 1, 1],
    ['dcat:contactPoint', 1, 9],
    ['dcat:theme', 1, 9],
    ['dct:identifier', 1, 1],
    ['dct:accessRights', 1, 1],
    ['dct:modified', 1, 1],
    ['dcat:version', 1, 1],
    ['dct:temporal', 1, 9],
    ['dct:spatial', 1, 9],
    ['dcatap:applicableLegislation', 1, 9],
    ['dcat:keyword', 1, 99],
  ] as const)('has %s, %i to %i times.', (property, least, most) => {
    const values = all(typed('dcat:Dataset')[property]);

    expect(values.length).toBeGreaterThanOrEqual(least);
    expect(values.length).toBeLessThanOrEqual(most);
  });

  it('has its texts once in each language, and its themes and rights from the vocabularies of the EU.', () => {
    const dataset = typed('dcat:Dataset');
    for (const property of ['dct:title', 'dct:description']) {
      expect(all(dataset[property]).map((text) => text['@language'])).toEqual(['nb', 'nn', 'en']);
    }
    expect(dataset['dcat:theme']).toEqual({
      '@id': 'http://publications.europa.eu/resource/authority/data-theme/HEAL',
    });
    expect(dataset['dct:accessRights']).toEqual({
      '@id': 'http://publications.europa.eu/resource/authority/access-right/NON_PUBLIC',
    });
  });

  it('names a publisher and a contact point that are in the graph with all that they must have.', () => {
    const dataset = typed('dcat:Dataset');
    const organisation = typed('org:Organization');
    const contact = typed('vcard:Organization');

    expect(dataset['dct:publisher']).toEqual({ '@id': organisation['@id'] });
    expect(organisation['foaf:name']).toMatchObject({ '@language': 'nb' });
    expect(dataset['dcat:contactPoint']).toEqual({ '@id': contact['@id'] });
    expect(all(contact['vcard:fn'])).not.toEqual([]);
    expect([contact['vcard:hasEmail'], contact['vcard:hasURL']].some((way) => way !== undefined)).toBe(true);
  });

  it('has a prefix in its context for every property that it uses.', async () => {
    const text = await readFile(join(folder, `${REGISTER}-dcat.jsonld`), 'utf8');
    const context = (JSON.parse(text) as { '@context': JsonObject })['@context'];
    const used = new Set([...text.matchAll(/"([a-z]+):[A-Za-z]+"/g)].map(([, prefix]) => prefix));

    expect([...used].filter((prefix) => prefix !== 'http' && context[prefix ?? ''] === undefined)).toEqual(
      [],
    );
  });

  it('is refused, with every gap by name, when the register does not tell enough.', async () => {
    const made = newRegister({ id: 'fot', name: 'Fot', title: 'Fot', publisher: 'P', date: '2026-11-22' });
    const about: NewFile = {
      path: 'registers/fot/pages/catalogue.json',
      content: { organisation: '12', contact: { name: { nb: 'Sekretariatet' } }, description: { nb: '' } },
    };
    await using without = await contentFolder(made);
    await using half = await contentFolder([...made, about]);
    const write = async (root: string): Promise<unknown> =>
      writeMetadata(readRegistry(await loadContent([root])), 'fot', join(folder, 'fot'));

    await expect(write(without.root)).rejects.toThrow('registers/fot/pages/catalogue.json is not there');
    await expect(write(half.root)).rejects.toThrow(/nine digits.*\n.*e-mail address or a page.*\n.*bokmål/s);
  });
});

describe('The description of variables', () => {
  it('has every variable of every form, with name, definition, type, codes, period and form.', () => {
    const variables = describedVariables(registry, REGISTER);
    const nrs = variables.find(({ name }) => name === 'STRONGPAIN_STILL');

    expect(variables.length).toBeGreaterThan(150);
    expect(variables.filter(({ name, type, from, form }) => !name || !type || !from || !form.title)).toEqual(
      [],
    );
    expect(nrs).toMatchObject({ type: 'choice', to: '', isDirectIdentifier: false });
    expect(nrs?.codes).toHaveLength(11);
    expect(variables.some(({ isDirectIdentifier }) => isDirectIdentifier)).toBe(true);
  });

  it('is a table with a line for each of them, and JSON with the three languages.', async () => {
    const table = await readFile(join(folder, `${REGISTER}-variabler.csv`), 'utf8');
    const json = JSON.parse(await readFile(join(folder, `${REGISTER}-variabler.json`), 'utf8')) as {
      variables: { label: { en: string } }[];
    };

    expect(table).toMatch(/^\uFEFFvariabel;navn;definisjon;type;/);
    expect(json.variables).toHaveLength(describedVariables(registry, REGISTER).length);
    expect(json.variables.filter(({ label }) => label.en === '')).toEqual([]);
  });

  it('tells from when to when, over the versions of a form that are here.', async () => {
    const made = newRegister({ id: 'fot', name: 'Fot', title: 'Fot', publisher: 'P', date: '2026-11-22' });
    const change = (path: string, replace: (text: string) => string, to = path): NewFile => {
      const file = made.find((one) => one.path === path);
      return { path: to, content: JSON.parse(replace(JSON.stringify(file?.content))) as JsonObject };
    };
    const form = 'questionnaires/fot/Questionnaire-fot-start.json';
    const older = change(
      form,
      (text) => text.replace('"id":"fot-start"', '"id":"fot-start-1-0-0"'),
      'questionnaires/fot/Questionnaire-fot-start-1-0-0.json',
    );
    const newer = change(form, (text) =>
      text
        .replace('"version":"1.0.0"', '"version":"1.1.0"')
        .replace('"date":"2026-11-22"', '"date":"2027-03-01"')
        .replaceAll('SEVERITY_WHY', 'NEW_FIELD'),
    );
    const manifest = change('registers/fot/manifest.json', (text) =>
      text.replace(
        '{"reference":{"reference":"https://ryggrad.no/fhir/Questionnaire/fot-start|1.0.0"',
        '{"reference":{"reference":"https://ryggrad.no/fhir/Questionnaire/fot-start|1.1.0","type":"Questionnaire"}},{"reference":{"reference":"https://ryggrad.no/fhir/Questionnaire/fot-start|1.0.0"',
      ),
    );
    const plan = change('registers/fot/schedule/PlanDefinition-fot-forlop.json', (text) =>
      text.replace('fot-start|1.0.0', 'fot-start|1.1.0'),
    );
    const names = change('valuesets/fot/CodeSystem-fot-variable.json', (text) =>
      text.replace('{"code":"SEVERITY_WHY"', '{"code":"NEW_FIELD"},{"code":"SEVERITY_WHY"'),
    );
    await using at = await contentFolder([...made, older, newer, manifest, plan, names]);

    const variables = describedVariables(readRegistry(await loadContent([at.root])), 'fot');

    expect(variables.map(({ name, from, to }) => [name, from, to])).toEqual([
      ['REGISTERED_DATE', '2026-11-22', ''],
      ['SEVERITY', '2026-11-22', ''],
      ['NEW_FIELD', '2027-03-01', ''],
      ['SEVERITY_WHY', '2026-11-22', '2027-03-01'],
    ]);
  });
});
