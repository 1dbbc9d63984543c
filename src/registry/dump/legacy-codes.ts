/**
 * Codes of the old solution, by the register's ConceptMaps. The map of the variable itself counts first, then those that
 * hold for any variable, then what all maps of the code agree on. Codes without an old one stand as they are.
 * https://hl7.org/fhir/R4/conceptmap.html
 */
import type { DumpRules } from '../../content/register.ts';
import type { Coding, ConceptMap } from '../../fhir/types.ts';
import type { FormItem } from '../../sdc/form-types.ts';

export interface LegacyCodes {
  readonly toOld: (variable: string, coding: Coding) => string;
  /** The option of the question that has this old code; of several, one that people choose themselves. */
  readonly fromOld: (variable: string, item: FormItem, old: string) => Coding | undefined;
}

interface Old {
  readonly variable: string;
  readonly code: string;
}

export function legacyCodes(maps: readonly ConceptMap[], { codes, common }: DumpRules): LegacyCodes {
  const known = Map.groupBy(
    maps.flatMap((map) => oldCodes(map, codes)),
    ({ key }) => key,
  );
  const toOld = (variable: string, { system, code = '' }: Coding): string => {
    const found: readonly Old[] = known.get(`${system ?? ''}|${code}`) ?? [];
    const own = [variable, ...common]
      .map((name) => found.find((each) => each.variable === name))
      .find((each) => each !== undefined);
    const agreed = new Set(found.map((each) => each.code));
    return own?.code ?? (agreed.size === 1 ? ([...agreed][0] as string) : code);
  };
  return {
    toOld,
    fromOld: (variable, { options }, old) =>
      (options?.list ?? [])
        .toSorted((a, b) => Number(a.isSystemOnly) - Number(b.isSystemOnly))
        .find(({ coding }) => toOld(variable, coding) === old)?.coding,
  };
}

function oldCodes({ group = [] }: ConceptMap, prefix: string): readonly (Old & { readonly key: string })[] {
  return group.flatMap(({ source, target, element = [] }) =>
    target?.startsWith(prefix) === true
      ? element.flatMap(({ code, target: targets }) => {
          const old = targets?.[0]?.code;
          return old === undefined
            ? []
            : [{ key: `${source ?? ''}|${code ?? ''}`, variable: target.slice(prefix.length), code: old }];
        })
      : [],
  );
}
