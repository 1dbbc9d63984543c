/** The registers as they are, with one more form that patients answer: made for these tests, in a folder of its own. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../../support/source-files.ts';

const URL = 'https://ryggrad.no/fhir/Questionnaire/smertereg-prom-test';

export interface PatientContent extends AsyncDisposable {
  /** For CONTENT_DIR. */
  readonly folder: string;
}

/** A plain form: one question to answer, one that may be left open. */
const FORM = {
  resourceType: 'Questionnaire',
  id: 'smertereg-prom-test',
  url: URL,
  version: '1.0.0',
  name: 'SmerteregPromTest',
  title: 'Hvordan har du det?',
  language: 'nb',
  status: 'active',
  experimental: false,
  date: '2026-11-21',
  publisher: 'Ryggrad',
  description: 'Et skjema som pasienten svarer på, til prøve.',
  subjectType: ['Patient'],
  item: [
    {
      linkId: 'sleep',
      type: 'group',
      text: 'Søvn',
      item: [
        {
          linkId: 'slept',
          type: 'choice',
          text: 'Har du sovet godt i natt?',
          required: true,
          answerValueSet: 'https://ryggrad.no/fhir/ValueSet/yes-no|1.0.0',
        },
        { linkId: 'comment', type: 'string', text: 'Vil du si noe mer?' },
      ],
    },
  ],
};

const IMPORT = {
  id: 'prom-import',
  code: [{ coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/schedule-step', code: 'import' }] }],
  participant: [{ type: 'practitioner' }],
};

export interface ContentOptions {
  /** By what people are in the register. */
  readonly mode?: 'consent' | 'reservation';
  /** Staff import what the patient sends in; of their own forms, they must fill TO alone. */
  readonly isImported?: boolean;
}

export async function patientContent({
  mode = 'consent',
  isImported = false,
}: ContentOptions = {}): Promise<PatientContent> {
  const folder = await mkdtemp(join(tmpdir(), 'ryggrad-content-'));
  for (const name of ['fhir-profiles', 'instruments', 'questionnaires', 'registers', 'valuesets']) {
    await cp(join(repositoryRoot, name), join(folder, name), { recursive: true });
  }
  await writeFile(
    join(folder, 'questionnaires/smertereg/Questionnaire-smertereg-prom-test.json'),
    JSON.stringify(FORM),
  );
  await change(
    join(folder, 'registers/smertereg/schedule/PlanDefinition-smertereg-tilsynsforlop.json'),
    (plan) => ({
      ...plan,
      action: [
        ...(plan['action'] as readonly { readonly id?: string }[]).map((action) =>
          isImported && action.id !== 'to' ? { ...action, requiredBehavior: 'could' } : action,
        ),
        {
          id: 'prom',
          title: 'Hvordan har du det?',
          definitionCanonical: `${URL}|1.0.0`,
          participant: [{ type: 'patient' }],
          ...(isImported && { action: [IMPORT] }),
        },
      ],
    }),
  );
  await change(join(folder, 'registers/smertereg/manifest.json'), (manifest) => {
    const definition = manifest['definition'] as { readonly resource: readonly object[] };
    const line = { reference: { reference: `${URL}|1.0.0`, type: 'Questionnaire' }, name: FORM.title };
    return { ...manifest, definition: { ...definition, resource: [...definition.resource, line] } };
  });
  await change(join(folder, 'registers/smertereg/access/rules.json'), (rules) => ({
    ...rules,
    basis: [{ from: '2012-01-01', mode }],
  }));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

async function change(
  path: string,
  by: (value: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> {
  await writeFile(
    path,
    JSON.stringify(by(JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>)),
  );
}
