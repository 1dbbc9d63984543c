/**
 * What depends on what in a form, read from enableWhen and from the linkIds that expressions name.
 */
import type { FormItem } from './form-types.ts';
import type { FaultList } from './naming.ts';

/** linkIds whose answers decide whether the item, or one above it, is enabled. */
function enablingLinkIds(item: FormItem): ReadonlySet<string> {
  const own = [
    ...item.conditions.map(({ question }) => question),
    ...(item.enableExpression?.mentions ?? []),
  ];
  return new Set(item.parent === undefined ? own : [...own, ...enablingLinkIds(item.parent)]);
}

/** linkIds that decide the item's answer or presence. */
function dependenciesOf(item: FormItem): ReadonlySet<string> {
  return new Set([...(item.calculation?.mentions ?? []), ...enablingLinkIds(item)]);
}

/**
 * The calculated items, each after those it depends on. Groups are ways to an answer, not answers, so that naming the group
 * around an item makes no dependency on what is in it. Reports every cycle once.
 */
export function dependencyOrder(
  items: ReadonlyMap<string, FormItem>,
  faults: FaultList,
): readonly FormItem[] {
  const done = new Set<string>();
  const open: string[] = [];
  const order: FormItem[] = [];

  const visit = (item: FormItem): void => {
    if (done.has(item.linkId)) {
      return;
    }
    if (open.includes(item.linkId)) {
      const cycle = [...open.slice(open.indexOf(item.linkId)), item.linkId].join(' → ');
      faults.add('cycle', `the item depends on itself: ${cycle}`, item.linkId);
      return;
    }
    open.push(item.linkId);
    for (const linkId of dependenciesOf(item)) {
      const dependency = items.get(linkId);
      if (dependency !== undefined && !isAbove(dependency, item)) {
        visit(dependency);
      }
    }
    open.pop();
    done.add(item.linkId);
    if (item.calculation !== undefined) {
      order.push(item);
    }
  };

  items.forEach(visit);
  return order;
}

/** True when the first item encloses the second. */
export function isAbove(upper: FormItem, lower: FormItem): boolean {
  return lower.parent !== undefined && (lower.parent === upper || isAbove(upper, lower.parent));
}
