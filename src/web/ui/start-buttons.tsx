/** The buttons that open a pathway: one, or one for each module of the register. */
import type { ReactNode } from 'react';
import type { ModuleChoice } from '../models/modules.ts';
import { Button } from './aksel.ts';
import { fill } from './form-texts.ts';
import { moduleTexts } from './module-texts.ts';
import { useTexts } from './page-context.tsx';

interface Props {
  /** What there is to choose from; none where the register is one whole. */
  readonly modules: readonly ModuleChoice[];
  /** Of the one button. */
  readonly text: string;
  readonly variant: 'primary' | 'secondary';
  readonly size?: 'small' | 'medium';
}

export function StartButtons({ modules, text, variant, size = 'medium' }: Props): ReactNode {
  const t = useTexts(moduleTexts);
  return modules.length === 0 ? (
    <Button type="submit" size={size} variant={variant}>
      {text}
    </Button>
  ) : (
    modules.map(({ id, title }) => (
      <Button key={id} type="submit" name="modul" value={id} size={size} variant={variant}>
        {fill(t.start, { module: title })}
      </Button>
    ))
  );
}
