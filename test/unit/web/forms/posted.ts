/** What a browser without JavaScript posts when the page of a response is sent back untouched. */
import { renderToStaticMarkup } from 'react-dom/server';
import { createElement } from 'react';
import { compilePath } from '../../../../src/fhir/path.ts';
import type { QuestionnaireResponse } from '../../../../src/fhir/types.ts';
import { createEngine } from '../../../../src/web/forms/engine.ts';
import { FormApp } from '../../../../src/web/forms/form-app.tsx';
import { modelOf } from './sample-form.ts';

/** The form's HTML, as the server draws it. */
export function drawn(response: QuestionnaireResponse, rest: Parameters<typeof modelOf>[1] = {}): string {
  const model = modelOf(response, rest);
  return renderToStaticMarkup(
    createElement(FormApp, { model, engine: createEngine(model, compilePath), newId: () => 'ny' }),
  );
}

/** The fields of the form and their values. */
export function postedBy(response: QuestionnaireResponse): URLSearchParams {
  const html = drawn(response);
  return new URLSearchParams([...controls(html), ...selects(html), ...textareas(html)]);
}

type Pair = [string, string];

const controls = (html: string): Pair[] =>
  [...html.matchAll(/<input([^>]*)>/g)].flatMap(([, attributes = '']): Pair[] => {
    const name = attributeOf(attributes, 'name');
    const type = attributeOf(attributes, 'type') ?? 'text';
    const isTick = type === 'radio' || type === 'checkbox';
    const isPosted = name !== undefined && !(isTick && !/ checked=/.test(attributes));
    return isPosted ? [[name, attributeOf(attributes, 'value') ?? (isTick ? 'on' : '')]] : [];
  });

const selects = (html: string): Pair[] =>
  [...html.matchAll(/<select([^>]*)>(.*?)<\/select>/gs)].map(([, attributes = '', body = '']): Pair => {
    const chosen = [...body.matchAll(/<option([^>]*)>/g)].find(([, option = '']) => / selected/.test(option));
    return [attributeOf(attributes, 'name') ?? '', attributeOf(chosen?.[1] ?? '', 'value') ?? ''];
  });

const textareas = (html: string): Pair[] =>
  [...html.matchAll(/<textarea([^>]*)>(.*?)<\/textarea>/gs)].map(([, attributes = '', text = '']): Pair => [
    attributeOf(attributes, 'name') ?? '',
    unescape(text.replace(/^\n/, '')),
  ]);

const attributeOf = (attributes: string, name: string): string | undefined => {
  const value = new RegExp(` ${name}="([^"]*)"`).exec(attributes)?.[1];
  return value === undefined ? undefined : unescape(value);
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&quot;': '"',
  '&lt;': '<',
  '&gt;': '>',
  '&#x27;': "'",
};
const unescape = (text: string): string =>
  text.replace(/&(?:amp|quot|lt|gt|#x27);/g, (entity) => ENTITIES[entity] ?? entity);
