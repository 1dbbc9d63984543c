/**
 * A new register that works at once: manifest, access rules, texts, schedule, one form with its lists, the layout of its data
 * dump, and one case. The author changes it into the register that is wanted.
 */
import type { JsonObject } from '../../fhir/types.ts';
import { artefact, BASE, canonical, type NewFile, worded } from './artefacts.ts';
import { caseAbout, caseInput, caseSteps } from './case.ts';
import { startForm } from './form.ts';
import { legacyCodes, lists } from './lists.ts';

export interface NewRegister {
  /** Folder name, and the beginning of every id: `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`. */
  readonly id: string;
  /** Short name, shown in menus. */
  readonly name: string;
  /** Full name. */
  readonly title: string;
  /** Who answers for the register. */
  readonly publisher: string;
  /** Today, YYYY-MM-DD. */
  readonly date: string;
}

/** The regulation on medical quality registers. */
const LEGAL_BASIS = 'https://lovdata.no/forskrift/2019-06-21-789';
const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST = 24;

/** Why no register can have this id; undefined when it can. */
export function refusedId(id: string): string | undefined {
  if (!ID.test(id) || id.length > LONGEST) {
    return `"${id}" cannot be the id of a register: it needs 1 to ${LONGEST} small letters a-z, digits and hyphens, a letter first.`;
  }
  return ['shared', 'no-basis'].includes(id) ? `"${id}" is a folder of what registers share.` : undefined;
}

/** Every file of the register, by its path below the content root. */
export function newRegister(register: NewRegister): readonly NewFile[] {
  const { id, name, publisher, date } = register;
  const folder = `registers/${id}`;
  const resources = lists(id, name, publisher, date);
  const form = startForm(id, publisher, date);
  const plan = schedule(register);
  const manifestLines = [...resources, form, plan];
  return [
    { path: `${folder}/README.md`, content: about(register) },
    { path: `${folder}/manifest.json`, content: manifest(register, manifestLines) },
    { path: `${folder}/schedule/${fileName(plan)}`, content: plan },
    { path: `${folder}/access/rules.json`, content: accessRules(register) },
    { path: `${folder}/dump/dump.json`, content: dumpRules(id) },
    ...texts(register).map(([language, content]) => ({
      path: `${folder}/texts/${language}.json`,
      content,
    })),
    { path: `${folder}/cases/kari/case.json`, content: caseSteps(id) },
    { path: `${folder}/cases/kari/input.json`, content: caseInput(id) },
    { path: `${folder}/cases/kari/README.md`, content: caseAbout },
    { path: `questionnaires/${id}/${fileName(form)}`, content: form },
    ...resources.map((resource) => ({ path: `valuesets/${id}/${fileName(resource)}`, content: resource })),
  ];
}

export const fileName = ({ resourceType, id }: JsonObject): string =>
  `${String(resourceType)}-${String(id)}.json`;

/** An ImplementationGuide that lists these artefacts, in the order in which they are loaded. */
export function manifest(
  { id, title, publisher, date }: Omit<NewRegister, 'name'>,
  artefacts: readonly JsonObject[],
): JsonObject {
  const description = 'Registerets innholdsfortegnelse: alle artefakter, i den rekkefølgen de lastes.';
  return artefact(
    'ImplementationGuide',
    { id, title, description, publisher, date },
    {
      packageId: `no.ryggrad.${id}`,
      fhirVersion: ['4.0.1'],
      definition: { resource: artefacts.map(manifestLine) },
    },
  );
}

/** One line of a manifest. */
export const manifestLine = ({ resourceType, url, version, title, name }: JsonObject): JsonObject => ({
  reference: { reference: `${String(url)}|${String(version)}`, type: resourceType ?? null },
  name: title ?? name ?? null,
});

function schedule({ id, name, publisher, date }: NewRegister): JsonObject {
  const head = {
    id: `${id}-forlop`,
    title: `${name}: forløp`,
    description: 'Hva som åpner et forløp, og hvilke skjemaer det har.',
    publisher,
    date,
  };
  const coding = (part: string, code: string, display: string): JsonObject => ({
    system: `${BASE}/CodeSystem/${id}-${part}`,
    code,
    display,
  });
  const referral = { path: 'code', code: [coding('service', 'henvisning', 'Henvisning')] };
  return artefact('PlanDefinition', head, {
    type: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/plan-definition-type',
          code: 'clinical-protocol',
        },
      ],
    },
    topic: [{ coding: [coding('pathway', 'forlop', 'Forløp')] }],
    action: [
      {
        id: 'open',
        title: 'En henvisning åpner et forløp',
        trigger: [{ type: 'data-added', data: [{ type: 'ServiceRequest', codeFilter: [referral] }] }],
      },
      {
        id: 'start',
        ...worded('title', { nb: 'Registrering', nn: 'Registrering', en: 'Registration' }),
        participant: [{ type: 'practitioner' }],
        definitionCanonical: canonical('Questionnaire', `${id}-start`),
      },
    ],
  });
}

/** Reservation, and national when the form is locked. */
const accessRules = ({ id }: NewRegister): JsonObject => ({
  legalBasis: LEGAL_BASIS,
  basis: [{ from: '2020-01-01', mode: 'reservation' }],
  national: `%responses.where(questionnaire.startsWith('${BASE}/Questionnaire/${id}-start|')).where(status = 'completed' or status = 'amended').exists() and %consent.where(provision.type = 'deny').empty()`,
});

const dumpRules = (id: string): JsonObject => ({
  about: 'Datadumpen: en tabell per skjema, en rad per forløp. Kolonnene er variabelnavnene i skjemaene.',
  variables: [`${BASE}/CodeSystem/${id}-variable`],
  codes: legacyCodes(id),
  common: [],
  tables: { [`${id}-start`]: 'start' },
  rows: {},
});

function texts({ id, name, title }: NewRegister): readonly (readonly [string, JsonObject])[] {
  const form = (short: string, long: string): JsonObject => ({ [`${id}-start`]: { short, title: long } });
  return [
    ['nb', { name, title, forms: form('Start', 'Registrering') }],
    ['nn', { name, title, forms: form('Start', 'Registrering') }],
    ['en', { name, title, forms: form('Start', 'Registration') }],
  ];
}

const about = ({ id, title }: NewRegister): string => `# ${title}

| mappe | hva |
|---|---|
| \`manifest.json\` | navn, eier, og alle artefakter i den rekkefølgen de lastes |
| \`schedule/\` | hva som åpner et forløp, og hvilke skjemaer det har |
| \`access/rules.json\` | samtykke eller reservasjon per periode, og når et forløp hører til det nasjonale registeret |
| \`dump/dump.json\` | tabeller og variabelnavn i datadumpen |
| \`texts/\` | navn på registeret og skjemaene på bokmål, nynorsk og engelsk |
| \`cases/\` | navngitte, syntetiske pasienter med forventet resultat; kjøres av testene |

Skjemaene ligger i \`questionnaires/${id}/\`, kodelistene i \`valuesets/${id}/\`.

## Må bekreftes av registeret
- rettslig grunnlag, og om det er samtykke eller reservasjon (\`access/rules.json\`)
- skjemaet, variabelnavnene og kodene: de er eksempler
`;
