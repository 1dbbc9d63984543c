/**
 * A register that people fill nothing in, for tests of the engine: one pathway for life with a form for each result and each visit,
 * and one pathway for each examination.
 */
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../../support/source-files.ts';

const BASE = 'https://ryggrad.no/fhir';
const LOINC = 'http://loinc.org';
export const ICD = 'urn:oid:2.16.578.1.12.4.1.1.7110';
export const NCSP = 'urn:oid:2.16.578.1.12.4.1.1.7210';
const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire';
const TYPE = `${BASE}/CodeSystem/proveregister-type`;

const artefact = (resourceType: string, id: string) => ({
  resourceType,
  id,
  language: 'nb',
  url: `${BASE}/${resourceType}/${id}`,
  version: '1.0.0',
  name: id.replaceAll('-', ''),
  title: id,
  status: 'active',
});

const expression = (url: string, text: string, language = 'text/fhirpath', name?: string) => ({
  url,
  valueExpression: { ...(name !== undefined && { name }), language, expression: text },
});

const context = (name: string, type: string) => ({
  url: `${SDC}-launchContext`,
  extension: [
    {
      url: 'name',
      valueCoding: { system: 'http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext', code: name },
    },
    { url: 'type', valueCode: type },
  ],
});

const variable = (name: string, query: string) =>
  expression('http://hl7.org/fhir/StructureDefinition/variable', query, 'application/x-fhir-query', name);

const question = (linkId: string, type: string, text: string, filledFrom: string, required = true) => ({
  linkId,
  type,
  text,
  required,
  readOnly: true,
  code: [{ system: `${BASE}/CodeSystem/proveregister-variable`, code: linkId.toUpperCase() }],
  extension: [expression(`${SDC}-initialExpression`, filledFrom)],
});

const form = (
  id: string,
  extension: readonly object[],
  item: readonly object[],
  contained: readonly object[] = [],
) => ({
  ...artefact('Questionnaire', `proveregister-${id}`),
  subjectType: ['Patient'],
  extension: [context('patient', 'Patient'), context('episode', 'EpisodeOfCare'), ...extension],
  ...(contained.length > 0 && { contained }),
  item,
});

const MARKER = {
  resourceType: 'Observation',
  id: 'marker',
  status: 'final',
  code: { coding: [{ system: LOINC, code: '20447-9', display: 'HIV 1 RNA' }] },
  valueQuantity: {
    extension: [{ url: `${SDC}-templateExtractContext`, valueString: "item.where(linkId='value').answer" }],
    _value: { extension: [{ url: `${SDC}-templateExtractValue`, valueString: 'value' }] },
    unit: 'kopier/mL',
  },
};

export const FORMS = [
  form(
    'base',
    [variable('diagnoses', `Condition?patient={{%patient.id}}&code=${ICD}|B24&_sort=recorded-date`)],
    [
      question(
        'diagnosed',
        'date',
        'Diagnosedato',
        '%diagnoses.first().recordedDate.toString().substring(0, 10)',
      ),
    ],
  ),
  form(
    'result',
    [
      context('focus', 'Observation'),
      {
        url: `${SDC}-templateExtract`,
        extension: [{ url: 'template', valueReference: { reference: '#marker' } }],
      },
    ],
    [
      question('day', 'date', 'Prøvedato', '%focus.effective.toString().substring(0, 10)'),
      question('value', 'decimal', 'Virusmengde', '%focus.value.value'),
    ],
    [MARKER],
  ),
  form(
    'visit',
    [context('focus', 'Encounter')],
    [
      question('day', 'date', 'Besøksdato', '%focus.period.start.toString().substring(0, 10)'),
      { linkId: 'well', type: 'boolean', text: 'Går det bra?', required: true },
    ],
  ),
  form(
    'exam',
    [
      context('focus', 'Procedure'),
      variable(
        'finding',
        `Observation?patient={{%patient.id}}&code=${LOINC}|8480-6&date={{%focus.performed.toString().substring(0, 10)}}`,
      ),
    ],
    [
      question('day', 'date', 'Undersøkelsesdato', '%focus.performed.toString().substring(0, 10)'),
      question('finding', 'decimal', 'Funn', '%finding.first().value.value'),
    ],
  ),
];

const added = (type: string, codeFilter: readonly object[]) => [
  { type: 'data-added', data: [{ type, codeFilter }] },
];
const codes = (system: string, ...list: string[]) => ({
  path: 'code',
  code: list.map((code) => ({ system, code })),
});
const formAction = (id: string, rest: object = {}) => ({
  id,
  title: `Skjema ${id}`,
  definitionCanonical: `${BASE}/Questionnaire/proveregister-${id}|1.0.0`,
  participant: [{ type: 'device' }],
  ...rest,
});

const PLANS = [
  {
    ...artefact('PlanDefinition', 'proveregister-life'),
    topic: [{ coding: [{ system: TYPE, code: 'life' }] }],
    action: [
      { id: 'open', trigger: added('Condition', [codes(ICD, 'B24')]) },
      formAction('base'),
      formAction('result', { trigger: added('Observation', [codes(LOINC, '20447-9')]) }),
      formAction('visit', {
        participant: [{ type: 'device' }, { type: 'practitioner' }],
        trigger: added('Encounter', [{ path: 'class', code: [{ code: 'AMB' }] }]),
      }),
    ],
  },
  {
    ...artefact('PlanDefinition', 'proveregister-exam'),
    extension: [{ url: `${BASE}/StructureDefinition/pathway-opens-for`, valueCode: 'referral' }],
    topic: [{ coding: [{ system: TYPE, code: 'exam' }] }],
    action: [
      { id: 'open', trigger: added('Procedure', [codes(NCSP, 'UJF32', 'UJF35')]) },
      formAction('exam'),
    ],
  },
];

const LISTS = [
  {
    ...artefact('CodeSystem', 'proveregister-type'),
    content: 'complete',
    concept: [
      { code: 'life', display: 'For livet' },
      { code: 'exam', display: 'Undersøkelse' },
    ],
  },
  {
    ...artefact('CodeSystem', 'proveregister-variable'),
    content: 'complete',
    concept: ['diagnosed', 'day', 'value', 'finding'].map((name) => ({
      code: name.toUpperCase(),
      display: name,
    })),
  },
];

const canonical = ({ url, version }: { readonly url: string; readonly version: string }) =>
  `${url}|${version}`;

/** A copy of the content with the register in it; the caller deletes the folder. */
export async function contentWithRegister(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'capture-'));
  const kinds = ['fhir-profiles', 'valuesets', 'questionnaires', 'instruments', 'registers'];
  await Promise.all(
    kinds.map((kind) => cp(join(repositoryRoot, kind), join(root, kind), { recursive: true })),
  );
  const write = async (folder: string, name: string, json: object): Promise<void> => {
    await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, folder, `${name}.json`), JSON.stringify(json));
  };
  const own = 'registers/proveregister';
  const named = (one: { readonly resourceType: string; readonly id: string }) =>
    `${one.resourceType}-${one.id}`;
  await Promise.all([
    ...FORMS.map((one) => write('questionnaires/proveregister', named(one), one)),
    ...LISTS.map((one) => write('valuesets/proveregister', named(one), one)),
    ...PLANS.map((one) => write(`${own}/schedule`, named(one), one)),
    write(`${own}/access`, 'rules', {
      basis: [{ from: '2012-01-01', mode: 'reservation' }],
      national:
        "%responses.where(status = 'completed' or status = 'amended').exists() and %consent.where(provision.type = 'deny').empty()",
    }),
    write(`${own}/texts`, 'nb', { name: 'Prøveregisteret', title: 'Et register til prøve' }),
    write(own, 'manifest', {
      ...artefact('ImplementationGuide', 'proveregister'),
      publisher: 'Prøve',
      packageId: 'no.ryggrad.proveregister',
      fhirVersion: ['4.0.1'],
      definition: {
        resource: [...LISTS, ...FORMS, ...PLANS].map((one) => ({
          reference: { reference: canonical(one), type: one.resourceType },
        })),
      },
    }),
  ]);
  return root;
}
