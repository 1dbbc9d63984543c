/** The needs of the workbench's further screens, met by the repository. */
import { overviewPage } from '../web/data/overview.ts';
import { placePages } from '../web/data/places.ts';
import { resourcePage } from '../web/data/resource-view.ts';
import type { Sources } from '../web/data/sources.ts';
import type { ScreenPages } from '../web/screen-deps.ts';

export const screenPages = (sources: Sources): ScreenPages => ({
  places: placePages(sources),
  overview: (principal) => overviewPage(sources, principal),
  resource: (principal, query) => resourcePage(sources, principal, query),
});
