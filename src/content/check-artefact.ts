/**
 * Checks of one artefact by itself: its name, its canonical, and what stands inside a Questionnaire.
 */
import type { JsonObject } from '../fhir/types.ts';
import { canonicalOf, type Artefact } from './artefact.ts';
import type { ContentProblem } from './problem.ts';

/** NamingSystem has neither url nor version in R4. */
const WITHOUT_CANONICAL = new Set(['NamingSystem']);

/** File name, canonical and version of every artefact, and no canonical twice. */
export function checkArtefacts(artefacts: readonly Artefact[]): readonly ContentProblem[] {
  return [
    ...artefacts.flatMap(checkNaming),
    ...checkDuplicates(artefacts),
    ...artefacts.flatMap(checkLinkIds),
  ];
}

function checkNaming({ file, type, id, url, version }: Artefact): readonly ContentProblem[] {
  const problem = (element: string, reason: string): ContentProblem => ({ file, element, reason });
  if (type === '') {
    return [problem('resourceType', 'The file is no FHIR resource: resourceType is missing.')];
  }
  const expected = `${type}-${id}.json`;
  const name = file.slice(file.lastIndexOf('/') + 1);
  return [
    ...(name === expected ? [] : [problem('id', `The file must be named ${expected}.`)]),
    ...(url !== '' || WITHOUT_CANONICAL.has(type) ? [] : [problem('url', 'The canonical url is missing.')]),
    ...(version !== '' || WITHOUT_CANONICAL.has(type)
      ? []
      : [problem('version', 'The canonical has no version.')]),
  ];
}

function checkDuplicates(artefacts: readonly Artefact[]): readonly ContentProblem[] {
  const first = new Map<string, string>();
  return artefacts
    .filter(({ url }) => url !== '')
    .flatMap((artefact) => {
      const canonical = canonicalOf(artefact);
      const earlier = first.get(canonical);
      first.set(canonical, earlier ?? artefact.file);
      return earlier === undefined
        ? []
        : [{ file: artefact.file, element: 'url', reason: `${canonical} is already defined in ${earlier}.` }];
    });
}

interface PlacedItem {
  readonly element: string;
  readonly linkId: string;
  readonly enableWhen: readonly { question?: string }[];
}

function checkLinkIds({ file, type, json }: Artefact): readonly ContentProblem[] {
  const items = type === 'Questionnaire' ? [...itemsOf(json, '')] : [];
  const linkIds = new Set(items.map(({ linkId }) => linkId));
  const seen = new Set<string>();
  return items.flatMap(({ element, linkId, enableWhen }) => {
    const isTwice = seen.has(linkId);
    seen.add(linkId);
    return [
      ...(isTwice
        ? [{ file, element: `${element}.linkId`, reason: `The linkId "${linkId}" stands twice.` }]
        : []),
      ...enableWhen.flatMap(({ question = '' }, index) =>
        linkIds.has(question)
          ? []
          : [
              {
                file,
                element: `${element}.enableWhen[${index}].question`,
                reason: `No item has the linkId "${question}".`,
              },
            ],
      ),
    ];
  });
}

function* itemsOf(parent: JsonObject, path: string): Generator<PlacedItem> {
  const items = (parent['item'] ?? []) as readonly JsonObject[];
  for (const [index, item] of items.entries()) {
    const element = path === '' ? `item[${index}]` : `${path}.item[${index}]`;
    yield {
      element,
      linkId: String(item['linkId'] ?? ''),
      enableWhen: (item['enableWhen'] ?? []) as readonly { question?: string }[],
    };
    yield* itemsOf(item, element);
  }
}
