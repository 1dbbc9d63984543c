/** What went wrong, or what has been done, on top of a page. */
import type { ReactNode } from 'react';
import { Alert } from '../../ui/aksel.ts';

export const ProblemBox = ({ text }: { readonly text: string | undefined }): ReactNode =>
  text === undefined ? null : (
    <Alert variant="error" size="small" role="alert">
      {text}
    </Alert>
  );

export const NoticeBox = ({ text }: { readonly text: string | undefined }): ReactNode =>
  text === undefined ? null : (
    <Alert variant="success" size="small" role="status">
      {text}
    </Alert>
  );
