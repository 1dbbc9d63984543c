/**
 * Observations by code: https://hl7.org/fhir/uv/sdc/extraction.html#observation-based-extraction
 */
import { EXT, extensionsOf, hasFlag } from './extensions.ts';
import { answerValue, valueKey } from './answer.ts';
import { enabledNodes } from './visibility.ts';
import { quantityWithUnit } from './to-answers.ts';
import type { Answer } from './answer.ts';
import type { FormItem } from './form-types.ts';
import type { FormNode } from './tree.ts';
import type { FormView } from './visibility.ts';

interface Extracted {
  readonly key: string;
  readonly template: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One Observation per answer of the questions that ask for it. */
export function observationsOf(view: FormView): readonly Extracted[] {
  return enabledNodes(view)
    .filter(({ item }) => hasFlag(item.source, EXT.observationExtract) && item.source.code !== undefined)
    .flatMap((node) => node.answers.map((answer, index) => observation(view, node, answer, index)));
}

function observation(
  { response }: FormView,
  { item, path }: FormNode,
  answer: Answer,
  index: number,
): Extracted {
  const categories = extensionsOf(item.source, EXT.observationCategory).flatMap(
    ({ valueCodeableConcept }) => valueCodeableConcept ?? [],
  );
  return {
    key: [response.id ?? '', item.linkId, path, ...(index === 0 ? [] : [index])].join('|'),
    template: item.linkId,
    path,
    body: {
      resourceType: 'Observation',
      status: 'final',
      ...(categories.length > 0 && { category: categories }),
      code: { coding: item.source.code, ...(item.source.text !== undefined && { text: item.source.text }) },
      ...observationValue(item, answer),
    },
  };
}

function observationValue(item: FormItem, answer: Answer): Readonly<Record<string, unknown>> {
  const value = answerValue(answer);
  const key = valueKey(answer);
  if (key === 'valueCoding') {
    return { valueCodeableConcept: { coding: [value] } };
  }
  if (key === 'valueDate') {
    return { valueDateTime: value };
  }
  const isMeasured = key === 'valueDecimal' || (key === 'valueInteger' && item.unit !== undefined);
  return isMeasured
    ? { valueQuantity: quantityWithUnit(value as number, item.unit) }
    : { [key ?? 'valueString']: value };
}
