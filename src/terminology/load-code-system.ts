/**
 * A code system from a FHIR CodeSystem in JSON, plain or gzipped: https://hl7.org/fhir/R4/codesystem.html
 */
import type { CodeSystem, CodeSystemConcept } from '../fhir/types.ts';
import { toConcept, type Concept, type PropertyType } from './concept.ts';
import { textOf } from './load-lines.ts';
import { LoadError, type SystemFiles } from './load-system.ts';

/** What the operator says beside the file, for what the file does not say or says differently. */
export interface CodeSystemOptions {
  readonly file: string;
  readonly url?: string;
  readonly version?: string;
}

/** Read the resource. Throws LoadError when it is no CodeSystem with concepts, url and version. */
export async function readCodeSystem({ file, url, version }: CodeSystemOptions): Promise<SystemFiles> {
  const system = await readJson(file);
  const canonical = url ?? system.url;
  const edition = version ?? system.version ?? system.date;
  if (system.resourceType !== 'CodeSystem' || (system.concept ?? []).length === 0) {
    throw new LoadError(`${file} is no CodeSystem with concepts.`);
  }
  if (canonical === undefined || edition === undefined) {
    throw new LoadError(`${file} does not say its url and version: name them with --system and --version.`);
  }
  return {
    url: canonical,
    version: edition,
    title: system.title ?? system.name ?? canonical,
    kind: 'codesystem',
    files: [file],
    reading: '',
    meta: {
      ...(system.language !== undefined && { language: system.language }),
      ...(system.valueSet !== undefined && { valueSet: system.valueSet }),
      ...(system.content !== 'complete' && { isFragment: true }),
      properties: (system.property ?? []).map(({ code, type }) => ({
        code: code ?? '',
        type: (type ?? 'string') as PropertyType,
      })),
    },
    concepts: () => nested(system.concept ?? [], undefined),
  };
}

async function readJson(file: string): Promise<CodeSystem> {
  let text = '';
  try {
    for await (const chunk of textOf(file)) {
      text += chunk as string;
    }
    return JSON.parse(text.replace(/^\ufeff/, '')) as CodeSystem;
  } catch (cause) {
    throw new LoadError(`${file} is no JSON.`, { cause });
  }
}

function* nested(concepts: readonly CodeSystemConcept[], parent: string | undefined): Iterable<Concept> {
  for (const concept of concepts) {
    yield toConcept(concept, parent);
    yield* nested(concept.concept ?? [], concept.code);
  }
}
