import { cp, mkdir, mkdtemp, rm, writeFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadContent } from '../../../src/content/load.ts';
import { ContentError } from '../../../src/content/problem.ts';

type Json = Record<string, unknown>;

const BASE = 'https://ryggrad.no/fhir';
const tools = {
  compileExpression: (expression: string) => {
    if (expression.includes('??')) {
      throw new Error(`"${expression}" is not FHIRPath`);
    }
  },
  isBase: (canonical: string) => canonical.startsWith('http://hl7.org/fhir/StructureDefinition/'),
};

const definition = (resourceType: string, id: string, more: Json = {}): Json => ({
  resourceType,
  id,
  url: `${BASE}/${resourceType}/${id}`,
  version: '1.0.0',
  status: 'active',
  ...more,
});

const form = (more: Json = {}): Json =>
  definition('Questionnaire', 'demo-form', {
    item: [
      { linkId: 'pain', type: 'choice', answerValueSet: `${BASE}/ValueSet/demo-list|1.0.0` },
      {
        linkId: 'why',
        type: 'string',
        enableWhen: [{ question: 'pain', operator: 'exists', answerBoolean: true }],
      },
    ],
    ...more,
  });

const manifest = (lines: readonly string[]): Json =>
  definition('ImplementationGuide', 'demo', {
    title: 'Demo',
    publisher: 'Ryggrad',
    definition: { resource: lines.map((line) => ({ reference: { reference: `${BASE}/${line}|1.0.0` } })) },
  });

const LINES = [
  'CodeSystem/demo-list',
  'ValueSet/demo-list',
  'Questionnaire/demo-form',
  'PlanDefinition/demo-plan',
];

const goodFiles: Readonly<Record<string, Json>> = {
  'valuesets/shared/CodeSystem-shared-list.json': definition('CodeSystem', 'shared-list', {
    content: 'complete',
  }),
  'valuesets/demo/CodeSystem-demo-list.json': definition('CodeSystem', 'demo-list', {
    content: 'complete',
    concept: [{ code: 'yes' }],
  }),
  'valuesets/demo/ValueSet-demo-list.json': definition('ValueSet', 'demo-list', {
    compose: { include: [{ system: `${BASE}/CodeSystem/demo-list`, concept: [{ code: 'yes' }] }] },
  }),
  'questionnaires/demo/Questionnaire-demo-form.json': form(),
  'registers/demo/manifest.json': manifest(LINES),
  'registers/demo/schedule/PlanDefinition-demo-plan.json': definition('PlanDefinition', 'demo-plan', {
    topic: [{ text: 'Demo' }],
    action: [{ id: 'form', definitionCanonical: `${BASE}/Questionnaire/demo-form|1.0.0` }],
  }),
  'registers/demo/access/rules.json': { basis: [{ from: '2020-01-01', mode: 'consent' }], national: 'true' },
  'registers/demo/texts/nb.json': { name: 'Demo', title: 'Demoregisteret' },
  'registers/demo/cases/kari/case.json': { anything: 'goes' },
};

/** A plan of pathways of a type, opened by referrals of a code. */
const modulePlan = (id: string, type: string, referral: string, more: Json = {}): Json =>
  definition('PlanDefinition', id, {
    topic: [{ coding: [{ system: 'http://test.no/types', code: type }] }],
    action: [
      {
        id: 'open',
        trigger: [
          {
            type: 'data-added',
            data: [
              {
                type: 'ServiceRequest',
                codeFilter: [{ path: 'code', code: [{ system: 'http://test.no/services', code: referral }] }],
              },
            ],
          },
        ],
      },
      { id: 'form', definitionCanonical: `${BASE}/Questionnaire/demo-form|1.0.0` },
    ],
    ...more,
  });

const twoModules = (first: Json, second: Json): Readonly<Record<string, Json>> => ({
  'registers/demo/manifest.json': manifest([...LINES, 'PlanDefinition/demo-second']),
  'registers/demo/schedule/PlanDefinition-demo-plan.json': first,
  'registers/demo/schedule/PlanDefinition-demo-second.json': second,
});

describe('The content loader', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'ryggrad-content-'));
  });
  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  const writeFiles = async (files: Readonly<Record<string, Json | string>>): Promise<void> => {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
    }
  };

  /** The problems, as `file: element: reason`, when these files replace or join the good ones. */
  const problemsWith = async (files: Readonly<Record<string, Json | string>>): Promise<readonly string[]> => {
    await writeFiles({ ...goodFiles, ...files });
    const error: unknown = await loadContent([root], tools).catch((cause: unknown) => cause);
    if (!(error instanceof ContentError)) {
      throw new Error('The content was expected to be refused.', { cause: error });
    }
    return error.problems.map(({ file, element, reason }) => `${file}: ${element}: ${reason}`);
  };

  it('reads shared artefacts first and then the register in the order of its manifest.', async () => {
    await writeFiles(goodFiles);

    const content = await loadContent([root], tools);

    expect(content.artefacts.map(({ resourceType, id }) => `${resourceType}/${id}`)).toEqual([
      'CodeSystem/shared-list',
      ...LINES,
    ]);
    expect(content.questionnaires.get(`${BASE}/Questionnaire/demo-form|1.0.0`)?.id).toBe('demo-form');
    expect(content.questionnaires.get(`${BASE}/Questionnaire/demo-form`)?.id).toBe('demo-form');
    expect(content.questionnaires.get(`${BASE}/Questionnaire/demo-form|2.0.0`)).toBeUndefined();
  });

  it('hands out each register with its plan, access rules and texts.', async () => {
    await writeFiles(goodFiles);

    const { registers } = await loadContent([root], tools);

    expect(registers).toHaveLength(1);
    expect(registers[0]).toMatchObject({
      id: 'demo',
      plans: [{ id: 'demo-plan' }],
      access: { national: 'true' },
      texts: { nb: { title: 'Demoregisteret' } },
    });
  });

  it('freezes everything, to the last element.', async () => {
    await writeFiles(goodFiles);

    const content = await loadContent([root], tools);
    const item = content.questionnaires.all()[0]?.item?.[1];

    expect(Object.isFrozen(content)).toBe(true);
    expect(Object.isFrozen(item?.enableWhen?.[0])).toBe(true);
    expect(Object.isFrozen(content.registers[0]?.access.basis[0])).toBe(true);
  });

  it('joins several roots, so that an operator can add content beside the product.', async () => {
    await writeFiles(goodFiles);
    const extra = join(root, 'extra');
    await mkdir(join(extra, 'valuesets/shared'), { recursive: true });
    await writeFile(
      join(extra, 'valuesets/shared/CodeSystem-more.json'),
      JSON.stringify(definition('CodeSystem', 'more')),
    );

    const content = await loadContent([root, extra], tools);

    expect(content.codeSystems.get(`${BASE}/CodeSystem/more`)?.id).toBe('more');
  });

  it('lists every problem of a broken register, not only the first.', async () => {
    const problems = await problemsWith({
      'valuesets/demo/ValueSet-demo-list.json': '{ "resourceType": "ValueSet", ',
      'registers/demo/access/rules.json': { basis: [{ from: 'spring', mode: 'maybe' }], national: 'a ?? b' },
    });

    expect(problems.length).toBeGreaterThanOrEqual(5);
    expect(problems.join('\n')).toMatch(/ValueSet-demo-list\.json: : The file is not valid JSON/);
    expect(problems.join('\n')).toMatch(/rules\.json: basis\[0\]\.from: A date/);
    expect(problems.join('\n')).toMatch(/rules\.json: basis\[0\]\.mode: Must be consent or reservation/);
    expect(problems.join('\n')).toMatch(/rules\.json: national: "a \?\? b" is not FHIRPath/);
    expect(problems.join('\n')).toMatch(
      /manifest\.json: definition\.resource\[1\]\.reference: No file defines/,
    );
  });

  it('says file, element and reason in the message that stops the start-up.', async () => {
    await writeFiles({ ...goodFiles, 'registers/demo/access/rules.json': { basis: [], national: 'true' } });

    await expect(loadContent([root], tools)).rejects.toThrow(
      'The register content has 1 problem:\n- registers/demo/access/rules.json, basis: At least one period',
    );
  });

  it.each<[string, Record<string, Json | string>, RegExp]>([
    [
      'a file whose name is not its type and id',
      { 'valuesets/shared/CodeSystem-other.json': definition('CodeSystem', 'third') },
      /CodeSystem-other\.json: id: The file must be named CodeSystem-third\.json/,
    ],
    [
      'a canonical without a version',
      {
        'valuesets/shared/CodeSystem-shared-list.json': definition('CodeSystem', 'shared-list', {
          version: undefined,
        }),
      },
      /CodeSystem-shared-list\.json: version: The canonical has no version/,
    ],
    [
      'a canonical that two files define',
      {
        'valuesets/shared/CodeSystem-twin.json': definition('CodeSystem', 'twin', {
          url: `${BASE}/CodeSystem/shared-list`,
        }),
      },
      /CodeSystem-twin\.json: url: .*shared-list\|1\.0\.0 is already defined in .*CodeSystem-shared-list\.json/,
    ],
    [
      'a key that stands twice',
      { 'valuesets/shared/CodeSystem-shared-list.json': '{"resourceType":"CodeSystem","id":"a","id":"b"}' },
      /CodeSystem-shared-list\.json: : The key "id" stands twice/,
    ],
    [
      'an artefact that the manifest does not list',
      { 'valuesets/demo/CodeSystem-extra.json': definition('CodeSystem', 'extra') },
      /CodeSystem-extra\.json: : .*extra\|1\.0\.0 is not listed in registers\/demo\/manifest\.json/,
    ],
    [
      'a manifest line without a file',
      { 'registers/demo/manifest.json': manifest([...LINES, 'ValueSet/gone']) },
      /manifest\.json: definition\.resource\[4\]\.reference: No file defines .*gone\|1\.0\.0/,
    ],
    [
      'a value set that is not defined in the version asked for',
      {
        'questionnaires/demo/Questionnaire-demo-form.json': form({
          item: [{ linkId: 'a', type: 'choice', answerValueSet: `${BASE}/ValueSet/demo-list|2.0.0` }],
        }),
      },
      /Questionnaire-demo-form\.json: item\[0\]\.answerValueSet: .*\|2\.0\.0 is not defined in that version/,
    ],
    [
      'a profile whose base is not defined',
      {
        'fhir-profiles/shared/StructureDefinition-odd.json': definition('StructureDefinition', 'odd', {
          baseDefinition: 'http://hl7.no/fhir/StructureDefinition/unknown',
        }),
      },
      /StructureDefinition-odd\.json: baseDefinition: .*unknown is not defined/,
    ],
    [
      'a code that its code system does not have',
      {
        'valuesets/demo/ValueSet-demo-list.json': definition('ValueSet', 'demo-list', {
          compose: { include: [{ system: `${BASE}/CodeSystem/demo-list`, concept: [{ code: 'perhaps' }] }] },
        }),
      },
      /ValueSet-demo-list\.json: compose\.include\[0\]: .*demo-list has no code "perhaps"/,
    ],
    [
      'an enableWhen on an unknown question',
      {
        'questionnaires/demo/Questionnaire-demo-form.json': form({
          item: [
            {
              linkId: 'a',
              type: 'string',
              enableWhen: [{ question: 'b', operator: 'exists', answerBoolean: true }],
            },
          ],
        }),
      },
      /item\[0\]\.enableWhen\[0\]\.question: No item has the linkId "b"/,
    ],
    [
      'a linkId that stands twice',
      {
        'questionnaires/demo/Questionnaire-demo-form.json': form({
          item: [{ linkId: 'a', type: 'group', item: [{ linkId: 'a', type: 'string' }] }],
        }),
      },
      /item\[0\]\.item\[0\]\.linkId: The linkId "a" stands twice/,
    ],
    [
      'an expression that does not compile',
      {
        'questionnaires/demo/Questionnaire-demo-form.json': form({
          extension: [
            { url: 'x', valueExpression: { language: 'text/fhirpath', expression: 'what ?? ever' } },
          ],
        }),
      },
      /Questionnaire-demo-form\.json: extension\[0\]\.valueExpression\.expression: "what \?\? ever" is not FHIRPath/,
    ],
    [
      'a plan for a form that is not there',
      {
        'registers/demo/schedule/PlanDefinition-demo-plan.json': definition('PlanDefinition', 'demo-plan', {
          topic: [{ text: 'Demo' }],
          action: [{ id: 'form', definitionCanonical: `${BASE}/Questionnaire/other|1.0.0` }],
        }),
      },
      /PlanDefinition-demo-plan\.json: action\[0\]\.definitionCanonical: .*other\|1\.0\.0 is not defined/,
    ],
    [
      'a register without a plan',
      {
        'registers/demo/schedule/PlanDefinition-demo-plan.json': definition(
          'ActivityDefinition',
          'demo-plan',
        ),
      },
      /registers\/demo\/schedule: : A register has at least one PlanDefinition/,
    ],
    [
      'a plan that opens pathways for something else',
      {
        'registers/demo/schedule/PlanDefinition-demo-plan.json': modulePlan('demo-plan', 'a', 'x', {
          extension: [{ url: `${BASE}/StructureDefinition/pathway-opens-for`, valueCode: 'visit' }],
        }),
      },
      /PlanDefinition-demo-plan\.json: extension\[0\]\.valueCode: Must be person or referral/,
    ],
    [
      'a consent that holds for something else',
      {
        'registers/demo/access/rules.json': {
          basis: [{ from: '2020-01-01', mode: 'consent' }],
          national: 'true',
          consent: 'country',
        },
      },
      /access\/rules\.json: consent: Must be pathway or register/,
    ],
    [
      'a module whose pathways have the type of another',
      twoModules(modulePlan('demo-plan', 'a', 'x'), modulePlan('demo-second', 'a', 'y')),
      /demo-second\.json: topic: http:\/\/test\.no\/types\|a is taken: .*demo-plan\.json types pathways by it too/,
    ],
    [
      'a module that is told from another by the code system alone',
      twoModules(
        modulePlan('demo-plan', 'a', 'x'),
        modulePlan('demo-second', 'a', 'y', {
          topic: [{ coding: [{ system: 'http://test.no/other', code: 'a' }] }],
        }),
      ),
      /demo-second\.json: topic: a is taken: .*demo-plan\.json types pathways by it too/,
    ],
    [
      'a module that is opened by the code of another',
      twoModules(modulePlan('demo-plan', 'a', 'x'), modulePlan('demo-second', 'b', 'x')),
      /demo-second\.json: action\[0\]\.trigger: http:\/\/test\.no\/services\|x is taken: .*demo-plan\.json opens pathways by it too/,
    ],
    [
      'a module whose type is a text',
      twoModules(
        modulePlan('demo-plan', 'a', 'x'),
        modulePlan('demo-second', 'b', 'y', { topic: [{ text: 'Second' }] }),
      ),
      /demo-second\.json: topic: A register with several plans needs a coded topic in each/,
    ],
    [
      'a file that nothing reads',
      { 'registers/demo/scheduel/PlanDefinition-x.json': definition('PlanDefinition', 'x') },
      /scheduel\/PlanDefinition-x\.json: : Nothing reads this file/,
    ],
  ])('refuses %s.', async (_what, files, expected) => {
    const problems = await problemsWith(files);

    expect(problems.join('\n')).toMatch(expected);
  });

  it('hands out the modules of a register in the order of its manifest; they may share a form.', async () => {
    await writeFiles({
      ...goodFiles,
      ...twoModules(modulePlan('demo-plan', 'a', 'x'), modulePlan('demo-second', 'b', 'y')),
      'registers/demo/manifest.json': manifest(['PlanDefinition/demo-second', ...LINES]),
    });

    const { registers } = await loadContent([root], tools);

    expect(registers.map(({ plans }) => plans.map(({ id }) => id))).toEqual([['demo-second', 'demo-plan']]);
  });

  it('refuses a register folder without a manifest and without access rules.', async () => {
    await writeFiles({ ...goodFiles });
    await rm(join(root, 'registers/demo/manifest.json'));
    await rm(join(root, 'registers/demo/access'), { recursive: true });

    const error = await loadContent([root], tools).catch((cause: unknown) => cause);

    expect(String(error)).toContain('registers/demo: The register has no manifest.json');
    expect(String(error)).toContain('registers/demo/access/rules.json: The register has no access rules.');
  });

  it('loads the content of this repository, and the same content copied elsewhere.', async () => {
    const repository = join(import.meta.dirname, '../../..');
    for (const folder of ['fhir-profiles', 'valuesets', 'questionnaires', 'instruments', 'registers']) {
      await cp(join(repository, folder), join(root, folder), { recursive: true });
    }

    const original = await loadContent([repository]);
    const copy = await loadContent([root]);

    expect(copy.artefacts).toEqual(original.artefacts);
    const first = original.registers[0];
    const file = await readFile(join(root, 'registers', first?.id ?? '', 'manifest.json'), 'utf8');
    expect(first?.manifest).toEqual(JSON.parse(file));
  });
});
