/** Route of the values that cannot be coded: /kan-ikke-kodes. */
import { Router } from 'express';
import type { WebDeps } from './deps.ts';
import { UnmappedPage } from './pages/unmapped.tsx';
import { sendPage } from './respond.tsx';
import { screenPage, type ScreenHandler } from './screen-page.ts';
import { unmappedTexts } from './ui/unmapped-texts.ts';

export const unmappedRoutes = (deps: WebDeps): Router =>
  Router().get('/kan-ikke-kodes', screenPage(deps, show));

const show: ScreenHandler = async (deps, principal, request, response) => {
  const frame = await deps.frame(request, principal);
  const model = await deps.screens.unmapped(principal);
  sendPage(deps, response, {
    frame,
    title: unmappedTexts[frame.lang].title,
    width: 'wide',
    nav: 'unmapped',
    children: <UnmappedPage model={model} />,
  });
};
