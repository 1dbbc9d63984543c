/** The pages with everything behind them in memory: one patient, one pathway, real forms. */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { compilePath } from '../../src/fhir/path.ts';
import type { Questionnaire, QuestionnaireResponse } from '../../src/fhir/types.ts';
import { finalise } from '../../src/sdc/clean.ts';
import { validateResponse } from '../../src/sdc/validate-response.ts';
import { readAssets } from '../../src/web/assets.ts';
import { VersionConflict, type Saved, type SaveRequest, type WebDeps } from '../../src/web/deps.ts';
import { createEngine } from '../../src/web/forms/engine.ts';
import { assetsRouter, createWebRouter } from '../../src/web/router.tsx';
import type { FormModel, FormPageModel, FrameModel, PatientHead } from '../../src/web/view-models.ts';
import { readQuestionnaire, readValueSets } from './form-files.ts';
import { madeUpTrail } from './trail-pages.ts';

export const NOW = '2026-11-24T09:00:00Z';

export const PATIENT: PatientHead = {
  id: 'p1',
  name: 'Grønn Fjelltopp',
  nationalId: '018170*****',
  patientNumber: '1042',
  birthDate: '1970-01-01',
};

/** What the server has stored for a form. */
export interface StoredForm {
  response: QuestionnaireResponse;
  version: number;
  at: string;
  by: string;
  comment: string;
  state: FormModel['state'];
}

export interface PageServer extends AsyncDisposable {
  readonly url: string;
  readonly stored: Map<string, StoredForm>;
  /** What the pages were asked to save, newest last. */
  readonly saves: SaveRequest[];
  /** Log the user out behind the page's back. */
  isLoggedIn: boolean;
}

const FORMS: Readonly<Record<string, string>> = {
  to: 'smertereg-to',
  b11: 'smertereg-b11',
  b12: 'smertereg-b12',
};
const frame: FrameModel = {
  lang: 'nb',
  register: 'SmerteReg',
  department: 'Smerteteam Nord',
  user: { name: 'Ane Nordli', role: 'LC', mayChangeRole: true },
  isDemo: true,
};

let built: string | undefined;

/** The client bundle, built once for a suite into a folder of its own; in a process of its own, as `npm run build` does. */
function buildBundle(): string {
  if (built === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'ryggrad-web-'));
    const root = join(import.meta.dirname, '..', '..');
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
    execFileSync(process.execPath, [vite, 'build', '--outDir', folder, '--emptyOutDir'], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production' },
    });
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    built = folder;
  }
  return built;
}

/** Start the pages. `forms` are the stored drafts by task id; other questionnaires may be given for a task, with the folders of
 * their value sets. */
export async function startPages(
  forms: Readonly<Record<string, QuestionnaireResponse>> = {},
  questionnaires: Readonly<Record<string, Questionnaire>> = {},
  folders: readonly string[] = ['shared', 'smertereg'],
): Promise<PageServer> {
  const folder = buildBundle();
  const stored = new Map<string, StoredForm>(
    Object.entries(forms).map(([task, response]) => [
      task,
      { response, version: 1, at: '2026-11-24T08:05:00Z', by: 'Ane Nordli', comment: '', state: 'open' },
    ]),
  );
  const saves: SaveRequest[] = [];
  const server: { isLoggedIn: boolean } = { isLoggedIn: true };
  const valueSets = readValueSets(...folders);
  const questionnaireOf = (task: string): Questionnaire =>
    questionnaires[task] ?? readQuestionnaire('smertereg', FORMS[task] ?? task);

  const modelOf = (taskId: string): FormModel => {
    const questionnaire = questionnaireOf(taskId);
    const form = stored.get(taskId);
    return {
      taskId,
      address: `/skjema/${taskId}`,
      reader: 'staff',
      lang: 'nb',
      title: questionnaire.title ?? taskId,
      questionnaire,
      valueSets,
      launch: { patient: { resourceType: 'Patient', birthDate: '1970-01-01' } },
      response: form?.response ?? emptyResponse(questionnaire),
      ...(form && {
        version: String(form.version),
        saved: { at: form.at, by: form.by },
        comment: form.comment,
      }),
      now: NOW,
      state: form?.state ?? 'open',
      next: 'B1.2',
      mayReopen: form?.state === 'locked',
      texts: {},
      issues: [],
      isAttempted: false,
    };
  };

  const store = (request: SaveRequest, state: FormModel['state']): Saved => {
    const before = stored.get(request.taskId);
    if (before !== undefined && String(before.version) !== request.ifMatch) {
      throw new VersionConflict({ version: String(before.version), at: before.at, by: before.by });
    }
    saves.push(request);
    const engine = createEngine({ ...modelOf(request.taskId), response: request.response }, compilePath);
    const version = (before?.version ?? 0) + 1;
    const at = '2026-11-24T09:01:00Z';
    const response = engine.initial.response;
    const comment = request.comment ?? before?.comment ?? '';
    stored.set(request.taskId, { response, version, at, by: 'Ane Nordli', comment, state });
    return { version: String(version), at, response };
  };

  const principal = {
    kind: 'staff',
    subject: 'user:lc-ane',
    name: 'Ane Nordli',
    scopes: [],
    role: 'LC',
    register: 'smertereg',
    units: ['smerteteam-nord'],
  } as const;

  const deps: WebDeps = {
    assets: readAssets(folder),
    trail: madeUpTrail(PATIENT),
    apps: {
      request: () => Promise.resolve(undefined),
      give: () => Promise.resolve('/'),
      refuse: () => Promise.resolve('/'),
      patients: () => Promise.resolve({ patients: [], hasMore: false }),
      patient: () => Promise.resolve(undefined),
      grants: () => Promise.resolve([]),
      withdraw: () => Promise.resolve(false),
    },
    sessionOf: () => Promise.resolve(server.isLoggedIn ? principal : undefined),
    frame: (_request, who) => Promise.resolve(who === undefined ? { lang: 'nb', isDemo: true } : frame),
    start: () =>
      Promise.resolve({
        fhirBase: 'http://localhost:3000/fhir',
        registers: [{ name: 'SmerteReg', title: 'Nasjonalt kvalitetsregister for smertebehandling' }],
        demoLinks: [
          { href: '/demo/epj', text: 'Åpne fra en journal', about: 'Start fra en liten demojournal.' },
        ],
      }),
    login: () =>
      Promise.resolve({
        demoAccounts: [
          { username: 'lu-ane', password: 'Demo-2026!', about: 'Lokal bruker, Smerteteam Nord' },
        ],
      }),
    roles: () =>
      Promise.resolve(
        server.isLoggedIn
          ? [
              { id: 'r1', register: 'SmerteReg', department: 'Smerteteam Nord', role: 'LU' as const },
              { id: 'r2', register: 'SmerteReg', role: 'SC' as const },
            ]
          : undefined,
      ),
    workList: (_principal, query) =>
      Promise.resolve({
        query,
        modules: [],
        counts: { all: 3, new: 0, 'in-progress': 2, 'to-confirm': 1, 'to-import': 0 },
        columns: [
          { short: 'TO', title: 'Tilleggsopplysninger' },
          { short: 'B1.1', title: 'Behandlerdel 1.1' },
          { short: 'B1.2', title: 'Behandlerdel 1.2' },
        ],
        rows: query.filter === 'new' ? [] : rows,
        pages: 2,
      }),
    patientPage: () =>
      Promise.resolve({
        patient: PATIENT,
        mayStart: false,
        modules: [],
        pathways: [pathway],
        history: [
          {
            at: '2026-11-24T08:05:00Z',
            who: 'Ane Nordli',
            what: 'Lagret kladd av B1.1',
            href: '/skjema/b11/historikk',
          },
          { at: '2026-11-20T13:00:00Z', who: 'EPJ Nord', what: 'Henvisning mottatt' },
        ],
      }),
    consentPage: () => Promise.reject(new Error('no consent')),
    withdrawConsent: () => Promise.resolve(),
    reservations: {
      page: () => Promise.reject(new Error('no reservations')),
      state: () => Promise.reject(new Error('no reservations')),
      one: () => Promise.reject(new Error('no reservations')),
      takeBack: () => Promise.reject(new Error('no reservations')),
    },
    received: () =>
      Promise.resolve({
        patient: PATIENT,
        items: [
          {
            kind: 'Legemiddel',
            text: 'Morfin depottablett 30 mg, 2 ganger daglig',
            code: 'ATC N02AA01',
            date: '2026-11-19',
            source: 'EPJ Nord',
            receivedAt: '2026-11-20T13:00:00Z',
            reference: 'MedicationStatement/1',
          },
        ],
      }),
    openForm: (_principal, task) => Promise.resolve(pageOf(modelOf(task))),
    formHistory: (_principal, taskId, compare) =>
      Promise.resolve({
        taskId,
        title: modelOf(taskId).title,
        patient: PATIENT,
        versions: [
          { version: '2', at: '2026-11-24T08:05:00Z', who: 'Ane Nordli', state: 'draft' },
          { version: '1', at: '2026-11-20T13:00:00Z', who: 'EPJ Nord', state: 'draft' },
        ],
        ...(compare && {
          compared: {
            ...compare,
            differences: [{ question: 'Dose (rad 1)', before: '30 mg', after: '60 mg' }],
          },
        }),
      }),
    saveDraft: (_principal, request) => attempt(() => store(request, 'open')),
    complete: (_principal, request) =>
      attempt(() => {
        const saved = store(request, 'open');
        const engine = createEngine({ ...modelOf(request.taskId), response: saved.response }, compilePath);
        const final = finalise(engine.form, saved.response, engine.context);
        const issues = validateResponse(engine.form, final, 'final', engine.context);
        if (issues.some(({ severity }) => severity === 'error')) {
          return { kind: 'refused' as const, saved, issues };
        }
        return {
          kind: 'completed' as const,
          saved: store({ ...request, response: final, ifMatch: saved.version }, 'locked'),
        };
      }),
    reopen: (_principal, taskId, reason) =>
      attempt(() => pageOf({ ...modelOf(taskId), state: 'correcting', mayReopen: false, reason })),
    withdrawForm: () => Promise.resolve(),
    nextForm: (_principal, task) => Promise.resolve({ to: 'b11', b11: 'b12' }[task]),
    launch: () =>
      Promise.resolve({
        patient: PATIENT,
        ehr: 'EPJ Nord',
        missing: ['MedicationStatement'],
        pathways: [pathway],
        mayCreate: true,
        modules: [],
      }),
    createRegistration: () => Promise.resolve('to'),
  };

  const http = createServer(express().use(assetsRouter(folder)).use(createWebRouter(deps)));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return Object.assign(server, {
    url,
    stored,
    saves,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  });
}

/** Synchronous work as a promise that rejects with what it throws. */
const attempt = <T>(run: () => T): Promise<T> => new Promise((resolve) => resolve(run()));

/** A response with nothing in it. */
export const emptyResponse = ({ url, version }: Questionnaire): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  questionnaire: `${url}|${version}`,
  status: 'in-progress',
});

const cells = [
  { short: 'TO', title: 'Tilleggsopplysninger (TO)', status: 'completed', taskId: 'to' },
  { short: 'B1.1', title: 'Behandlerdel 1.1 (B1.1)', status: 'in-progress', taskId: 'b11', toConfirm: 4 },
  { short: 'B1.2', title: 'Behandlerdel 1.2 (B1.2)', status: 'new', taskId: 'b12' },
] as const;

const pathway = {
  id: 'e1',
  pathwayNumber: '20417',
  start: '2026-11-20',
  state: 'Pågår',
  department: 'Ortopedisk sengepost',
  consent: 'yes',
  forms: cells,
} as const;

const pageOf = (form: FormModel): FormPageModel => ({ patient: PATIENT, form, siblings: cells });

const rows = [
  {
    episode: 'e1',
    patient: PATIENT,
    pathwayNumber: '20417',
    consent: 'yes',
    start: '2026-11-20',
    location: 'Bodø',
    department: 'Ortopedisk sengepost',
    forms: cells,
  },
  {
    episode: 'e2',
    patient: { id: 'p2', name: 'Blid Bølge', nationalId: '145581*****' },
    pathwayNumber: '20418',
    consent: 'unknown',
    start: '2026-11-22',
    location: 'Bodø',
    department: 'Kirurgisk sengepost',
    forms: [
      { short: 'TO', title: 'Tilleggsopplysninger (TO)', status: 'new', taskId: 'to2' },
      { short: 'B1.1', title: 'Behandlerdel 1.1 (B1.1)', status: 'not-open' },
      { short: 'B1.2', title: 'Behandlerdel 1.2 (B1.2)', status: 'not-open' },
    ],
  },
  {
    episode: 'e3',
    patient: { id: 'p3', name: 'Rask Elv', nationalId: '023890*****' },
    pathwayNumber: '20419',
    consent: 'no',
    consentNote: 'Passivt',
    start: '2026-11-18',
    location: 'Bodø',
    department: 'Medisinsk overvåkning',
    forms: [
      { short: 'TO', title: 'Tilleggsopplysninger (TO)', status: 'completed', taskId: 'to3' },
      { short: 'B1.1', title: 'Behandlerdel 1.1 (B1.1)', status: 'completed', taskId: 'b113' },
      { short: 'B1.2', title: 'Behandlerdel 1.2 (B1.2)', status: 'not-applicable' },
    ],
  },
] as const;
