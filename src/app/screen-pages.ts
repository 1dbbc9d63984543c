/** The needs of the workbench's further screens, met by the repository. */
import { type ConnectionDeps, connectionPages } from '../web/data/connections.ts';
import { filePages } from '../web/data/files.ts';
import { overviewPage } from '../web/data/overview.ts';
import { emptyPaper, filledPaper, patientPaper } from '../web/data/paper.ts';
import { placePages } from '../web/data/places.ts';
import { resourcePage } from '../web/data/resource-view.ts';
import { VERSION } from './version.ts';
import type { Sources } from '../web/data/sources.ts';
import { unmappedPage } from '../web/data/unmapped.ts';
import { systemPage } from '../web/data/system.ts';
import type { ScreenPages } from '../web/screen-deps.ts';

const FACTS = { version: VERSION, node: process.version };

export const screenPages = (
  sources: Sources,
  publicUrl: string,
  connections: ConnectionDeps,
): ScreenPages => ({
  connections: connectionPages(sources, connections),
  places: placePages(sources),
  files: filePages(sources),
  paper: {
    filled: (principal, taskId) => filledPaper(sources, principal, taskId),
    forPatient: (principal, taskId) => patientPaper(sources, principal, taskId, publicUrl),
    empty: (principal, questionnaire) => emptyPaper(sources, principal, questionnaire),
  },
  system: (principal) => Promise.resolve(systemPage(sources, principal, FACTS)),
  unmapped: (principal) => unmappedPage(sources, principal),
  overview: (principal) => overviewPage(sources, principal),
  resource: (principal, query) => resourcePage(sources, principal, query),
});
