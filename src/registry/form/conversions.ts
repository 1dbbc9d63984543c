/**
 * How values of a source become those of a register's forms: its ConceptMaps, and units of UCUM.
 */
import type { Content } from '../../content/content.ts';
import type { Conversions } from '../../sdc/convert-values.ts';
import { canonicalUnit } from '../../search/ucum.ts';
import { translateCode } from '../../terminology/translate.ts';

export const conversionsOf = ({ conceptMaps }: Pick<Content, 'conceptMaps'>): Conversions => ({
  translate(map, { system, code }) {
    const found = conceptMaps.get(map);
    return found === undefined || code === undefined
      ? []
      : translateCode(found, system, code).map(({ system: target, code: to, display }) => ({
          ...(target !== undefined && { system: target }),
          code: to,
          ...(display !== undefined && { display }),
        }));
  },
  convert: convertUnit,
});

/** By what both units are multiples of (and temperatures by their zero); undefined when they are of different kinds. */
export function convertUnit(value: number, from: string, to: string): number | undefined {
  const [source, target] = [canonicalUnit(from), canonicalUnit(to)];
  if (source === undefined || target === undefined || source.key !== target.key) {
    return undefined;
  }
  const zero = target.convert(0);
  return (source.convert(value) - zero) / (target.convert(1) - zero);
}
