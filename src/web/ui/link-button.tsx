/** A link that looks like a button, and is called a link: where it leads is a page. */
import type { ReactNode } from 'react';
import { Button } from './aksel.ts';

export const LinkButton = ({
  href,
  children,
}: {
  readonly href: string;
  readonly children: ReactNode;
}): ReactNode => (
  <Button as="a" href={href} role={undefined} variant="secondary" size="small" className="button-link">
    {children}
  </Button>
);
