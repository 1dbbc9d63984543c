/** Route of the local overview: /oversikt. */
import { Router } from 'express';
import type { WebDeps } from './deps.ts';
import { OverviewPage } from './pages/overview.tsx';
import { sendPage } from './respond.tsx';
import { screenPage, type ScreenHandler } from './screen-page.ts';
import { overviewTexts } from './ui/overview-texts.ts';

export const overviewRoutes = (deps: WebDeps): Router => Router().get('/oversikt', screenPage(deps, show));

const show: ScreenHandler = async (deps, principal, request, response) => {
  const frame = await deps.frame(request, principal);
  const model = await deps.screens.overview(principal);
  sendPage(deps, response, {
    frame,
    title: overviewTexts[frame.lang].title,
    nav: 'overview',
    children: <OverviewPage model={model} />,
  });
};
