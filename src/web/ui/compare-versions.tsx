/** Which two versions of something are laid beside each other: the address holds them, as `fra` and `til`. */
import type { ReactNode } from 'react';
import { Button, Select } from './aksel.ts';
import { formatInstant } from './format.ts';

export interface CompareVersionsProps {
  /** Page that shows the difference. */
  readonly action: string;
  /** Newest first. */
  readonly versions: readonly { readonly version: string; readonly at: string }[];
  /** The two that are shown; the newest two when none are. */
  readonly compared: { readonly from: string; readonly to: string } | undefined;
  readonly texts: { readonly from: string; readonly to: string; readonly compare: string };
}

export function CompareVersions({ action, versions, compared, texts }: CompareVersionsProps): ReactNode {
  const [newest, second] = versions;
  const fields = [
    { name: 'fra', label: texts.from, chosen: compared?.from ?? second?.version },
    { name: 'til', label: texts.to, chosen: compared?.to ?? newest?.version },
  ];
  return (
    <form className="row compare no-print" method="get" action={action}>
      {fields.map(({ name, label, chosen }) => (
        <Select key={name} size="small" id={name} name={name} label={label} defaultValue={chosen ?? ''}>
          {versions.map(({ version, at }) => (
            <option key={version} value={version}>
              {version}: {formatInstant(at)}
            </option>
          ))}
        </Select>
      ))}
      <Button type="submit" size="small" variant="secondary">
        {texts.compare}
      </Button>
    </form>
  );
}
