/** A page of the screens: for somebody who is logged in, where the server has these pages at all. */
import type { Request, Response } from 'express';
import type { StaffPrincipal } from '../access/principal.ts';
import type { WebDeps } from './deps.ts';
import { sendError, withStaff } from './respond.tsx';
import type { ScreenPages } from './screen-deps.ts';

export type WithScreens = WebDeps & { readonly screens: ScreenPages };

export type ScreenHandler = (
  deps: WithScreens,
  principal: StaffPrincipal,
  request: Request,
  response: Response,
) => Promise<void>;

const hasScreens = (deps: WebDeps): deps is WithScreens => deps.screens !== undefined;

export const screenPage =
  (deps: WebDeps, handler: ScreenHandler) =>
  (request: Request, response: Response): Promise<void> =>
    withStaff(deps, request, response, (principal, own) =>
      hasScreens(own) ? handler(own, principal, request, response) : sendError(own, request, response, 404),
    );
