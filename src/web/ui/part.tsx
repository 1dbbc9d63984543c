/** A part of a page with a heading of its own. */
import type { ReactNode } from 'react';

export const Part = ({
  id,
  title,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly children: ReactNode;
}): ReactNode => (
  <div className="stack stack--tight">
    <h2 id={id} className="section-title">
      {title}
    </h2>
    {children}
  </div>
);
