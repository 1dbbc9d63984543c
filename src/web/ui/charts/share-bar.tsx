/** A share as a bar on a track; the numbers stand beside it. */
import type { ReactNode } from 'react';

export const ShareBar = ({ share }: { readonly share: number }): ReactNode => (
  <svg className="share-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
    <rect x="0" y="0" width="100" height="10" className="chart__track" />
    <rect x="0" y="0" width={Math.round(share * 1000) / 10} height="10" className="chart__bar" />
  </svg>
);
