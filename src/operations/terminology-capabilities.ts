/** https://hl7.org/fhir/R4/terminologycapabilities.html */
import type { Clock } from '../fhir/id.ts';
import type {
  CodeSystem,
  TerminologyCapabilities,
  TerminologyCapabilitiesCodeSystem,
} from '../fhir/types.ts';
import type { Queryable } from '../storage/db.ts';
import { type LoadedSystem, loadedSystems } from '../terminology/tables.ts';

const EXPANSION_PARAMETERS = [
  'url',
  'valueSet',
  'valueSetVersion',
  'filter',
  'date',
  'offset',
  'count',
  'includeDesignations',
  'includeDefinition',
  'activeOnly',
  'excludeNested',
  'displayLanguage',
  'system-version',
  'force-system-version',
];

/** What `GET /metadata?mode=terminology` answers: the systems of the registers' content and those that are loaded now. */
export function terminologyCapabilities(sources: {
  readonly db: Queryable;
  readonly clock: Clock;
  readonly codeSystems: readonly CodeSystem[];
  readonly fhirBase: string;
  readonly version: string;
  readonly startedAt: string;
}): () => Promise<TerminologyCapabilities> {
  const { db, clock, codeSystems, fhirBase, version, startedAt } = sources;
  const own = codeSystems.flatMap(ofContent);
  return async () => {
    const loaded = await loadedSystems(db, clock.now().toISOString().slice(0, 10));
    return {
      resourceType: 'TerminologyCapabilities',
      url: `${fhirBase}/metadata?mode=terminology`,
      status: 'active',
      date: startedAt,
      kind: 'instance',
      software: { name: 'Ryggrad', version },
      implementation: { description: 'Ryggrad FHIR registry server', url: fhirBase },
      codeSystem: [...own, ...ofTables(loaded)],
      expansion: {
        hierarchical: false,
        paging: true,
        incomplete: false,
        parameter: EXPANSION_PARAMETERS.map((name) => ({ name })),
        textFilter:
          'Words and beginnings of words in any order, or a code or its beginning, with or without its dot. ' +
          'Best first: the code, codes that begin so, texts that begin so, other texts.',
      },
      codeSearch: 'all',
      validateCode: { translations: true },
      translation: { needsMap: false },
    };
  };
}

const ofContent = ({ url, version, content }: CodeSystem): readonly TerminologyCapabilitiesCodeSystem[] =>
  url === undefined || content !== 'complete'
    ? []
    : [
        {
          uri: url,
          version: [{ ...(version !== undefined && { code: version }), isDefault: true }],
          subsumption: true,
        },
      ];

function ofTables(loaded: readonly LoadedSystem[]): readonly TerminologyCapabilitiesCodeSystem[] {
  const byUrl = Map.groupBy(loaded, ({ url }) => url);
  return [...byUrl].map(([uri, versions]) => ({
    uri,
    version: versions.map(({ version, meta }, index) => ({
      code: version,
      isDefault: index === 0,
      ...(meta.language !== undefined && { language: [meta.language] as never }),
    })),
    subsumption: versions.some(({ meta }) => meta.hasHierarchy === true),
  }));
}
