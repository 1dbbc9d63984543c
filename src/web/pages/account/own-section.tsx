/** Parts of one's own page: a section with its heading, and a button that posts. */
import type { ReactNode } from 'react';
import { Button } from '../../ui/aksel.ts';
import { fill } from '../../ui/form-texts.ts';
import type { OwnPageTexts } from '../../ui/own-page-texts.ts';

export const Section = ({
  id,
  title,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly children: ReactNode;
}): ReactNode => (
  <section className="stack stack--tight" aria-labelledby={id}>
    <h2 id={id} className="section-title">
      {title}
    </h2>
    {children}
  </section>
);

/** Name of the table in a section: another than the section's, so that they are told apart. */
export const tableOf = (t: OwnPageTexts, title: string): string => fill(t.table, { title });

export const PostButton = ({
  action,
  id,
  text,
  about,
}: {
  readonly action: string;
  readonly id: string;
  readonly text: string;
  readonly about: string;
}): ReactNode => (
  <form method="post" action={action}>
    <input type="hidden" name="id" value={id} />
    <Button type="submit" variant="secondary" size="xsmall" aria-label={`${text}: ${about}`}>
      {text}
    </Button>
  </form>
);
