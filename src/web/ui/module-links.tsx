/** The modules of a register as links, above a list that shows one of them; nothing where the register is one whole. */
import type { ReactNode } from 'react';
import type { ModuleChoice } from '../models/modules.ts';
import { moduleTexts } from './module-texts.ts';
import { useTexts } from './page-context.tsx';

interface Props {
  readonly modules: readonly (ModuleChoice & { readonly count?: number })[];
  readonly chosen: string | undefined;
  readonly hrefOf: (module: string) => string;
}

export function ModuleLinks({ modules, chosen, hrefOf }: Props): ReactNode {
  const t = useTexts(moduleTexts);
  if (modules.length === 0) {
    return null;
  }
  return (
    <nav aria-label={t.module} className="no-print">
      <ul className="modules">
        {modules.map(({ id, short, title, count }) => (
          <li key={id}>
            <a
              className="modules__one"
              href={hrefOf(id)}
              title={title}
              aria-current={id === chosen ? 'true' : undefined}
            >
              {short} {count !== undefined && <span className="chip__count">{count}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
