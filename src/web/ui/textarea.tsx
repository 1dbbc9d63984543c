/**
 * Several lines of text. Aksel's own Textarea writes inline styles, which the content security policy refuses; this one has
 * its look and grows by CSS (`field-sizing`).
 */
import type { ChangeEvent, ReactNode } from 'react';

export interface TextareaProps {
  readonly id: string;
  readonly name: string;
  readonly label: ReactNode;
  readonly description?: ReactNode;
  readonly error?: ReactNode;
  readonly value?: string;
  readonly defaultValue?: string;
  readonly maxLength?: number | undefined;
  readonly describedBy?: string | undefined;
  readonly onChange?: (event: ChangeEvent<HTMLTextAreaElement>) => void;
  readonly onBlur?: () => void;
}

export function Textarea({ id, label, description, error, describedBy, ...rest }: TextareaProps): ReactNode {
  const descriptionId = description === undefined ? undefined : `${id}-description`;
  const errorId = error ? `${id}-error` : undefined;
  const ids = [describedBy, descriptionId, errorId].filter((part) => part !== undefined).join(' ');
  return (
    <div className={`aksel-form-field aksel-form-field--small${error ? ' aksel-textarea--error' : ''}`}>
      <label htmlFor={id} className="aksel-form-field__label aksel-label aksel-label--small">
        {label}
      </label>
      {description && (
        <div
          id={descriptionId}
          className="aksel-form-field__description aksel-body-short aksel-body-short--small"
        >
          {description}
        </div>
      )}
      <textarea
        {...rest}
        id={id}
        rows={3}
        className="aksel-textarea__input aksel-body-short aksel-body-short--small textarea"
        aria-describedby={ids || undefined}
        aria-invalid={error ? true : undefined}
      />
      <div className="aksel-form-field__error" id={errorId} aria-live="polite">
        {error && <p className="aksel-error-message aksel-label aksel-label--small">{error}</p>}
      </div>
    </div>
  );
}
