/** Links to the pages of a list: the first, the last, and those around the one that is shown. */
import type { ReactNode } from 'react';
import { fill } from '../ui/form-texts.ts';
import { usePage } from '../ui/page-context.tsx';

const AROUND = 2;

/** Numbers of the pages that are linked, and `undefined` where some are left out. */
export function linkedPages(page: number, pages: number): readonly (number | undefined)[] {
  const near = Array.from({ length: pages }, (_, index) => index + 1).filter(
    (number) => number === 1 || number === pages || Math.abs(number - page) <= AROUND,
  );
  return near.flatMap((number, index) =>
    index > 0 && number - (near[index - 1] ?? 0) > 1 ? [undefined, number] : [number],
  );
}

export function PageLinks({
  page,
  pages,
  hrefOf,
}: {
  readonly page: number;
  readonly pages: number;
  readonly hrefOf: (page: number) => string;
}): ReactNode {
  const { t } = usePage();
  if (pages <= 1) {
    return null;
  }
  return (
    <nav aria-label={t.pages} className="no-print">
      <ul className="chips">
        {linkedPages(page, pages).map((number, index) => (
          <li key={number ?? `gap-${index}`}>
            {number === undefined ? (
              <span aria-hidden="true">…</span>
            ) : (
              <a
                className="chip"
                href={hrefOf(number)}
                aria-label={fill(t.page, { n: number })}
                aria-current={number === page ? 'page' : undefined}
              >
                {number}
              </a>
            )}
          </li>
        ))}
      </ul>
    </nav>
  );
}
