/**
 * A new register that works at once: manifest, access rules, texts, schedule, one form with its lists, the layout of its data
 * dump, and one case. The author changes it into the register that is wanted.
 */
import type { JsonObject } from '../../fhir/types.ts';
import { artefact, BASE, type NewFile, type Texts, worded } from './artefacts.ts';
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

/** A form of the register: its Questionnaire, what it is called, and its table in the data dump. */
export interface FormPart {
  readonly resource: JsonObject;
  readonly short: string;
  readonly title: Texts;
  readonly table: string;
}

export interface RegisterParts {
  readonly forms: readonly FormPart[];
  /** Code systems, value sets and maps, in the order in which they refer to each other. */
  readonly lists: readonly JsonObject[];
  /** More of `dump/dump.json`. */
  readonly dump?: JsonObject;
  /** What the register must confirm, as lines of Markdown. */
  readonly toConfirm: readonly string[];
}

/** Every file of a new register, by its path below the content root. */
export function newRegister(register: NewRegister): readonly NewFile[] {
  const { id, publisher, date } = register;
  const folder = `registers/${id}`;
  const title = { nb: 'Registrering', nn: 'Registrering', en: 'Registration' };
  const form = { resource: startForm(id, publisher, date), short: 'Start', title, table: 'start' };
  return [
    ...registerFiles(register, {
      forms: [form],
      lists: lists(register),
      toConfirm: ['skjemaet, variabelnavnene og kodene: de er eksempler'],
    }),
    { path: `${folder}/cases/kari/case.json`, content: caseSteps(id) },
    { path: `${folder}/cases/kari/input.json`, content: caseInput(id) },
    { path: `${folder}/cases/kari/README.md`, content: caseAbout },
  ];
}

/** The register's folder with its forms and lists: everything but cases. */
export function registerFiles(register: NewRegister, parts: RegisterParts): readonly NewFile[] {
  const { id } = register;
  const folder = `registers/${id}`;
  const plan = schedule(register, parts.forms);
  const forms = parts.forms.map(({ resource }) => resource);
  return [
    { path: `${folder}/README.md`, content: about(register, parts.toConfirm) },
    { path: `${folder}/manifest.json`, content: manifest(register, [...parts.lists, ...forms, plan]) },
    { path: `${folder}/schedule/${fileName(plan)}`, content: plan },
    { path: `${folder}/access/rules.json`, content: accessRules(parts.forms) },
    { path: `${folder}/dump/dump.json`, content: dumpRules(id, parts) },
    ...LANGUAGES.map((language) => ({
      path: `${folder}/texts/${language}.json`,
      content: texts(register, parts.forms, language),
    })),
    ...forms.map((form) => ({ path: `questionnaires/${id}/${fileName(form)}`, content: form })),
    ...parts.lists.map((list) => ({ path: `valuesets/${id}/${fileName(list)}`, content: list })),
  ];
}

const LANGUAGES = ['nb', 'nn', 'en'] as const;

/** `fot-start` in a register `fot` is `start`. */
const partOf = (register: string, form: JsonObject): string =>
  String(form['id']).startsWith(`${register}-`)
    ? String(form['id']).slice(register.length + 1)
    : String(form['id']);

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

function schedule({ id, name, publisher, date }: NewRegister, forms: readonly FormPart[]): JsonObject {
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
      ...forms.map(({ resource, title }) => ({
        id: partOf(id, resource),
        ...worded('title', title),
        participant: [{ type: 'practitioner' }],
        definitionCanonical: `${String(resource['url'])}|${String(resource['version'])}`,
      })),
    ],
  });
}

/** Reservation, and national when the first form is locked. */
const accessRules = ([first]: readonly FormPart[]): JsonObject => ({
  legalBasis: LEGAL_BASIS,
  basis: [{ from: '2020-01-01', mode: 'reservation' }],
  national: `%responses.where(questionnaire.startsWith('${String(first?.resource['url'])}|')).where(status = 'completed' or status = 'amended').exists() and %consent.where(provision.type = 'deny').empty()`,
});

const dumpRules = (id: string, { forms, dump = {} }: RegisterParts): JsonObject => ({
  about: 'Datadumpen: en tabell per skjema, en rad per forløp. Kolonnene er variabelnavnene i skjemaene.',
  variables: [`${BASE}/CodeSystem/${id}-variable`],
  codes: legacyCodes(id),
  common: [],
  tables: Object.fromEntries(forms.map(({ resource, table }) => [resource['id'], table])),
  rows: {},
  ...dump,
});

const texts = (
  { name, title }: NewRegister,
  forms: readonly FormPart[],
  language: (typeof LANGUAGES)[number],
): JsonObject => ({
  name,
  title,
  forms: Object.fromEntries(
    forms.map((form) => [form.resource['id'], { short: form.short, title: form.title[language] }]),
  ),
});

const about = ({ id, title }: NewRegister, toConfirm: readonly string[]): string => `# ${title}

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
${toConfirm.map((line) => `- ${line}\n`).join('')}`;
