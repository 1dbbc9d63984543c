/**
 * Help of a question: a native disclosure, open to read without JavaScript.
 */
import type { ReactNode } from 'react';
import type { FormItem } from '../../sdc/form-types.ts';
import { fill } from '../ui/form-texts.ts';
import { useFrame } from './form-context.tsx';
import { helpText, shortText } from '../../sdc/text.ts';

export function Help({ item }: { readonly item: FormItem }): ReactNode {
  const { t, lang } = useFrame();
  const text = helpText(item, lang);
  if (text === undefined) {
    return null;
  }
  return (
    <details className="help">
      <summary>
        {t.help}
        <span className="visually-hidden">
          {' '}
          {fill(t.helpOf, { question: shortText(item, lang) }).slice(t.help.length)}
        </span>
      </summary>
      <div className="help__text">
        {text.split(/\n{2,}/).map((paragraph) => (
          <p key={paragraph}>{paragraph}</p>
        ))}
      </div>
    </details>
  );
}
