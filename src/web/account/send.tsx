/** Answering with a page about accounts. */
import type { Request, Response } from 'express';
import type { ReactNode } from 'react';
import { type PageProps, sendPage } from '../respond.tsx';
import { accountPageTexts } from '../ui/account-page-texts.ts';
import type { AccountDeps } from './account-deps.ts';

export async function send(
  { web, smart }: AccountDeps,
  request: Request,
  response: Response,
  page: { readonly title: string; readonly children: ReactNode } & Partial<PageProps>,
): Promise<void> {
  const session = await smart.sessionOf(request);
  const frame = await web.frame(request, session?.principal);
  const title = page.status === 422 ? `${accountPageTexts[frame.lang].fault}: ${page.title}` : page.title; // what a screen reader says first
  sendPage(web, response, { width: 'narrow', ...page, title, frame });
}

/** One text field of a posted form, without spaces around; passwords as they are. */
export function posted(request: Request, name: string, keep: 'trimmed' | 'exact' = 'trimmed'): string {
  const value: unknown = (request.body as Readonly<Record<string, unknown>> | undefined)?.[name];
  const text = typeof value === 'string' ? value : '';
  return keep === 'exact' ? text : text.trim();
}

/** One parameter of the address, when it is there once. */
export function asked(request: Request, name: string): string | undefined {
  const value = request.query[name];
  return typeof value === 'string' ? value : undefined;
}

export function param(request: Request, name: string): string {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
}
