/**
 * The form pages as elements, for routes that are plain TypeScript.
 */
import type { ReactNode } from 'react';
import type { PathCompiler } from '../../sdc/fragment.ts';
import type { FormHistoryModel, FormPageModel } from '../view-models.ts';
import { FormHistoryPage } from './form-history.tsx';
import { FormPage } from './form.tsx';

export const drawForm = (model: FormPageModel, compilePath: PathCompiler): ReactNode => (
  <FormPage model={model} compilePath={compilePath} />
);

export const drawHistory = (model: FormHistoryModel): ReactNode => <FormHistoryPage model={model} />;
