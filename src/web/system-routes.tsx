/** Route of the system information: /system. */
import { Router } from 'express';
import type { WebDeps } from './deps.ts';
import { SystemPage } from './pages/system.tsx';
import { sendPage } from './respond.tsx';
import { screenPage, type ScreenHandler } from './screen-page.ts';
import { systemTexts } from './ui/system-texts.ts';

export const systemRoutes = (deps: WebDeps): Router => Router().get('/system', screenPage(deps, show));

const show: ScreenHandler = async (deps, principal, request, response) => {
  const frame = await deps.frame(request, principal);
  const model = await deps.screens.system(principal);
  sendPage(deps, response, {
    frame,
    title: systemTexts[frame.lang].title,
    width: 'form',
    nav: 'system',
    children: <SystemPage model={model} />,
  });
};
