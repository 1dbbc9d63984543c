/** Branches that can never open, and options that nobody and nothing can choose. */
import { codingKey } from '../../sdc/answer.ts';
import type { Form, FormItem } from '../../sdc/form-types.ts';
import { mayBeChosen } from './answers-that-hold.ts';
import { neverOpen } from './reachable.ts';

/** A finding at one question. */
export interface ItemFinding {
  readonly linkId: string;
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  readonly text: string;
}

export function checkReachable(form: Form): readonly ItemFinding[] {
  return [
    ...neverOpen(form).map(({ linkId, type }) => ({
      linkId,
      rule: 'never-open',
      severity: 'error' as const,
      text: `No answers can open this ${type === 'group' ? 'group' : 'question'}: its conditions, those around it and those of the questions it depends on cannot all be true.`,
    })),
    ...[...form.byLinkId.values()].flatMap(unreachableOptions),
  ];
}

function unreachableOptions(item: FormItem): readonly ItemFinding[] {
  const options = item.options?.list ?? [];
  return options
    .filter(({ isSystemOnly }) => !mayBeChosen(item, isSystemOnly))
    .map(({ coding }) => ({
      linkId: item.linkId,
      rule: 'unreachable-option',
      severity: 'warning',
      text: `Only the system may choose ${codingKey(coding)}, and the question has no calculation, no start value, and is not read-only.`,
    }));
}
