/**
 * The form within a page: its HTML, and the data from which the browser can take over.
 */
import type { ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import type { PathCompiler } from '../../sdc/fragment.ts';
import type { FormModel } from '../view-models.ts';
import { createEngine } from './engine.ts';
import { FormApp } from './form-app.tsx';
import { DATA_ID, ID_PREFIX, ROOT_ID } from './island.ts';

export interface FormIslandProps {
  readonly model: FormModel;
  readonly compilePath: PathCompiler;
}

/** Rendered on its own, so that the ids are those that the browser will make. */
export function FormIsland({ model, compilePath }: FormIslandProps): ReactNode {
  const engine = createEngine(model, compilePath);
  const html = renderToString(<FormApp model={model} engine={engine} newId={noId} />, {
    identifierPrefix: ID_PREFIX,
  });
  return (
    <>
      <div id={ROOT_ID} dangerouslySetInnerHTML={{ __html: html }} />
      <script
        type="application/json"
        id={DATA_ID}
        dangerouslySetInnerHTML={{ __html: JSON.stringify(model).replaceAll('<', '\\u003c') }}
      />
    </>
  );
}

const noId = (): string => '';
