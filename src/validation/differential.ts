/**
 * A differential's elements under full ids: https://hl7.org/fhir/R4/elementdefinition.html#id
 * Authors may leave ids out and name a choice by one of its types (`Observation.valueQuantity`).
 */
import type { ElementDefinition } from '../fhir/types.ts';

export interface Change {
  readonly id: string;
  readonly change: ElementDefinition;
}

interface Open {
  readonly path: string;
  readonly id: string;
}

/** The changes in their order, each with its id: the given one, else made from path and slice name. */
export function identified(elements: readonly ElementDefinition[]): readonly Change[] {
  const open: Open[] = [];
  return elements.map((change) => {
    const path = change.path ?? change.id ?? '';
    while (open.length > 0 && !path.startsWith(`${open.at(-1)?.path ?? ''}.`)) {
      open.pop();
    }
    const id = change.id ?? madeId(change, path, open.at(-1));
    open.push({ path, id });
    return { id, change };
  });
}

function madeId({ sliceName }: ElementDefinition, path: string, parent: Open | undefined): string {
  const own = parent === undefined ? path : parent.id + path.slice(parent.path.length);
  return sliceName === undefined ? own : `${own}:${sliceName}`;
}
