/** A case folder of a register: the shape of `case.json` (see case.schema.json) and how it is read. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, Patient, Resource } from '../../src/fhir/types.ts';

/** Compact answers: a question's value, a group's members, a repeating group's rows. */
export type Answers = { readonly [linkId: string]: CompactAnswer };
export type CompactAnswer = string | number | boolean | Answers | readonly CompactAnswer[];

export interface CaseStep {
  readonly at: string;
  readonly what: string;
  readonly form?: string;
  /** Action id of the plan; with `form`, where the plan asks for it several times. */
  readonly action?: string;
  readonly status?: 'in-progress' | 'completed' | 'amended';
  readonly answers?: Answers;
  readonly prefilled?: Readonly<Record<string, unknown>>;
  readonly calculated?: Readonly<Record<string, unknown>>;
  readonly issues?: readonly { readonly rule: string; readonly severity: string }[];
  readonly extracted?: readonly object[];
  readonly tasks?: Readonly<Record<string, string>>;
  /** How sending of the patient's forms stands when the server has done what is due: by action id. On the server alone. */
  readonly sent?: Readonly<Record<string, string>>;
  readonly national?: boolean;
  /** File with a Bundle that the EHR posts before the rest of the step. On the server alone. */
  readonly send?: string;
  /** Forms that are filled by what has arrived, by action id, the earliest first. On the server alone. */
  readonly forms?: Readonly<Record<string, readonly CapturedForm[]>>;
  /** Status of the person's pathways, the earliest first. On the server alone. */
  readonly pathways?: readonly string[];
}

/** A form as its Task and its answers have it. */
export interface CapturedForm {
  readonly status: string;
  /** Why it waits: Task.statusReason. */
  readonly waits?: string;
  /** Answers by path; null: none. */
  readonly answers?: Readonly<Record<string, unknown>>;
}

/** Is the case about what arrives? Without a server nothing does. */
export const isOfServer = ({ steps }: Pick<Case, 'steps'>): boolean =>
  steps.some(({ send, forms, pathways }) => [send, forms, pathways].some((one) => one !== undefined));

export interface Case {
  readonly register: string;
  /** PlanDefinition id of the module whose pathway it is; without it, of the register's first. */
  readonly plan?: string;
  readonly name: string;
  readonly title: string;
  readonly steps: readonly CaseStep[];
  readonly input: readonly Resource[];
  readonly patient: Patient;
}

/** All cases of all registers below a content root. */
export function readCases(root: string): readonly Case[] {
  return folders(join(root, 'registers')).flatMap((register) =>
    folders(join(root, 'registers', register, 'cases')).map((name) => readCase(root, register, name)),
  );
}

const folders = (path: string): readonly string[] =>
  existsSync(path)
    ? readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort()
    : [];

const STEP_MEMBERS = new Set([
  ...[
    'at',
    'what',
    'form',
    'action',
    'status',
    'answers',
    'prefilled',
    'calculated',
    'issues',
    'extracted',
    'tasks',
    'sent',
    'national',
    'send',
    'forms',
    'pathways',
  ],
]);

function readCase(root: string, register: string, name: string): Case {
  const folder = join(root, 'registers', register, 'cases', name);
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const { title, plan, input, steps } = read('case.json') as {
    title: string;
    plan?: string;
    input: string;
    steps: readonly CaseStep[];
  };
  const unknown = steps.flatMap((step) => Object.keys(step)).filter((member) => !STEP_MEMBERS.has(member));
  if (unknown.length > 0) {
    throw new Error(`${folder}/case.json has members that nothing reads: ${unknown.join(', ')}`);
  }
  const resources = resourcesOf(read(input) as Bundle);
  const patient = resources.find((resource): resource is Patient => resource.resourceType === 'Patient');
  if (patient === undefined) {
    throw new Error(`${folder}/${input} has no Patient.`);
  }
  return {
    register,
    ...(plan !== undefined && { plan }),
    name,
    title,
    steps,
    input: resources,
    patient,
  };
}

/** The entries as a server would store them: with ids, and references to those. */
function resourcesOf({ entry = [] }: Bundle): readonly Resource[] {
  const entries = entry.flatMap(({ fullUrl = '', resource }, index) =>
    resource === undefined
      ? []
      : [{ fullUrl, resource, id: `${resource.resourceType.toLowerCase()}-${index}` }],
  );
  const stored = entries.map(({ resource, id }) => ({ ...resource, id }));
  const text = entries.reduce(
    (json, { fullUrl, resource, id }) => json.replaceAll(fullUrl, `${resource.resourceType}/${id}`),
    JSON.stringify(stored),
  );
  return JSON.parse(text) as readonly Resource[];
}
