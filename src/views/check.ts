/**
 * Views of a register checked as `ryggrad register check` does: paths, types, names.
 */
import type { Register } from '../content/register.ts';
import { compileView } from './compile-view.ts';
import { readDefinition } from './definition.ts';
import { tableOf } from './table.ts';
import { ViewError } from './view-error.ts';

export interface ViewFinding {
  readonly severity: 'error' | 'warning';
  readonly view: string;
  readonly element: string;
  readonly reason: string;
}

/** What keeps a register's views from being run (errors), and what is probably a mistake (warnings). */
export function checkViews({ id: register, views = [] }: Register): readonly ViewFinding[] {
  return views.flatMap((json) => {
    const view = String(json['id'] ?? json['name'] ?? '');
    try {
      const compiled = compileView(readDefinition(json));
      return [
        ...compiled.warnings.map((reason): ViewFinding => ({
          severity: 'warning',
          view,
          element: '',
          reason,
        })),
        ...compiled.columns
          .filter(({ sqlType, type }) => sqlType === 'jsonb' && type !== 'jsonb')
          .map(({ name, element }): ViewFinding => ({
            severity: 'warning',
            view,
            element,
            reason: `The column "${name}" is a list or has parts; R and Power BI read it as text.`,
          })),
        ...tableFinding(() => tableOf(json, register, compiled), view),
      ];
    } catch (cause) {
      return [findingOf('error', view, cause)];
    }
  });
}

function tableFinding(work: () => unknown, view: string): readonly ViewFinding[] {
  try {
    work();
    return [];
  } catch (cause) {
    return [findingOf('warning', view, cause)];
  }
}

function findingOf(severity: ViewFinding['severity'], view: string, cause: unknown): ViewFinding {
  if (!(cause instanceof ViewError)) {
    throw cause;
  }
  return { severity, view, element: cause.element, reason: cause.message };
}
