/** https://sql-on-fhir.org/ig/OperationDefinition-ViewDefinitionRun.html */
import { Readable } from 'node:stream';
import { FhirError, badRequest, error, notFound } from '../fhir/outcome.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse } from '../interactions/exchange.ts';
import { auditRead } from '../repository/audit.ts';
import { type CompiledView, compileView } from '../views/compile-view.ts';
import { readDefinition } from '../views/definition.ts';
import { type Format, FORMATS } from '../views/formats.ts';
import type { ViewLibrary } from '../views/library.ts';
import { runOver, runView } from '../views/run.ts';
import { ViewError } from '../views/view-error.ts';
import type { OperationRoute } from './route.ts';
import { patientsAsked } from './viewdefinition-patients.ts';
import { readRunParameters, type RunParameters } from './viewdefinition-parameters.ts';

const DEFINITION = 'http://sql-on-fhir.org/OperationDefinition/$viewdefinition-run';

/** Run a register's view, or one that is sent, and stream its rows. */
export function viewDefinitionRoutes(library: ViewLibrary): readonly OperationRoute[] {
  const run = (deps: Deps, request: FhirRequest): Promise<FhirResponse> =>
    runOperation(library, deps, request);
  return (['get', 'post'] as const).flatMap((method) => [
    {
      method,
      path: '/ViewDefinition/$viewdefinition-run',
      run,
      ...(method === 'post' && { name: 'viewdefinition-run', definition: DEFINITION }),
    },
    { method, path: '/ViewDefinition/:id/$viewdefinition-run', run },
  ]);
}

async function runOperation(library: ViewLibrary, deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  const parameters = readRunParameters(request);
  const format = formatOf(parameters, request);
  try {
    const view = viewOf(library, parameters, request);
    return await answer(deps, request, { parameters, format, view });
  } catch (cause) {
    throw cause instanceof ViewError ? cause.toRefusal() : cause;
  }
}

interface Asked {
  readonly parameters: RunParameters;
  readonly format: Format;
  readonly view: CompiledView;
}

async function answer(
  { repository }: Deps,
  request: FhirRequest,
  { parameters, format, view }: Asked,
): Promise<FhirResponse> {
  const caller = callerOf(request, '$viewdefinition-run');
  const { resource, url, name } = view.definition;
  await repository.authorise(caller, 'export', { type: resource });
  const patients = await patientsAsked(repository, caller, parameters);
  const run = {
    view,
    form: format.form,
    limit: parameters.limit,
    narrowing: {
      ...(patients !== undefined && { patients }),
      ...(parameters.since !== undefined && { since: parameters.since }),
    },
  };
  const rows =
    parameters.resources === undefined
      ? runView(repository, caller, run)
      : runOver(repository, parameters.resources, run);
  const started = await begun(rows);
  await auditRead(repository.deps, caller, {
    status: 200,
    query: `ViewDefinition of ${resource}: ${url ?? name ?? 'sent with the request'}`.slice(0, 200),
    ...(patients !== undefined && { patients }),
  });
  const warning = view.warnings.length === 0 ? {} : { Warning: `299 - "${headerText(view.warnings)}"` };
  return {
    status: 200,
    headers: { 'Content-Type': format.mediaType, ...warning },
    stream: Readable.from(format.write(started, view, parameters), { objectMode: false }),
  };
}

const headerText = (warnings: readonly string[]): string =>
  warnings
    .join(' ')
    .replace(/[^\x20-\x7e]|["\\]/g, "'")
    .slice(0, 400);

/** The rows, once the first of them is there: what is wrong with the view is told as long as it can be. */
async function begun(rows: AsyncGenerator<string>): Promise<AsyncIterable<string>> {
  const first = await rows.next();
  return (async function* () {
    try {
      if (first.done !== true) {
        yield first.value;
        yield* rows;
      }
    } finally {
      await rows.return(undefined);
    }
  })();
}

const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['text/csv', 'csv'],
  ['application/vnd.apache.parquet', 'parquet'],
  ['application/octet-stream', 'parquet'],
]);

/** `_format`, else what `Accept` names first of what we have; https://sql-on-fhir.org wants one of them. */
function formatOf({ format }: RunParameters, request: FhirRequest): Format {
  const accepted = (request.header('accept') ?? '')
    .split(',')
    .map((part) => MEDIA_TYPES.get((part.split(';')[0] ?? '').trim().toLowerCase()))
    .find((name) => name !== undefined);
  const asked = format ?? accepted;
  if (asked === undefined) {
    throw badRequest(
      `Say in what form the rows are wanted: _format=${[...FORMATS.keys()].join(', ')}.`,
      '_format',
      'required',
    );
  }
  const found = FORMATS.get(MEDIA_TYPES.get(asked) ?? asked);
  if (found === undefined) {
    throw new FhirError(
      400,
      error(
        'not-supported',
        `The format "${asked.slice(0, 40)}" is not supported; supported are ${[...FORMATS.keys()].join(', ')}.`,
        '_format',
        'view-format',
      ),
    );
  }
  return found;
}

/** The view in the address, the one that is referred to, or the one that was sent: one of them. */
function viewOf(
  library: ViewLibrary,
  { viewReference, viewResource }: RunParameters,
  { id }: FhirRequest,
): CompiledView {
  const given = [id === '' ? undefined : id, viewReference, viewResource].filter(
    (view) => view !== undefined,
  );
  if (given.length !== 1) {
    throw badRequest(
      'Name one view: by its id in the address, by viewReference, or by sending it as viewResource.',
      'viewReference',
      'required',
    );
  }
  if (viewResource !== undefined) {
    return compileView(readDefinition(viewResource));
  }
  const found = library.find(viewReference ?? `ViewDefinition/${id}`);
  if (found === undefined) {
    throw notFound('ViewDefinition', (viewReference ?? id).slice(0, 200));
  }
  return found.compiled;
}
