/**
 * What a bulk export is asked for: https://hl7.org/fhir/uv/bulkdata/export.html#query-parameters
 * Everything is read and checked at kick-off, so that a job that was accepted knows what to do.
 */
import { FhirError, badRequest, error, type Issue } from '../../fhir/outcome.ts';
import { parseLocalReference } from '../../fhir/reference.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { type FhirRequest, isLenient } from '../../interactions/exchange.ts';
import { hasPersonNumber } from '../../search/person-number.ts';
import { type Given, givenParameters, instantOf, singleText, textList } from '../given-parameters.ts';

export type ExportLevel = 'system' | 'patient' | 'group';

export interface ExportParameters {
  readonly types: readonly string[];
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** `Type?query`; those of one type are alternatives. */
  readonly typeFilters: readonly string[];
  /** `name` or `Type.name`. */
  readonly elements: readonly string[];
  /** Ids of persons that the export is limited to; empty = all. */
  readonly patients: readonly string[];
  /** What lenient handling ignored. */
  readonly ignored: readonly string[];
}

const FORMATS: ReadonlySet<string> = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson']);

const KNOWN: ReadonlySet<string> = new Set(
  '_outputFormat _since _until _type _typeFilter _elements patient'.split(' '),
);

/** Parameters of the specification that are not offered, with the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  includeAssociatedData: 'Provenance is always in the export; name other types in _type.',
  organizeOutputBy: 'Files hold one resource type each.',
  allowPartialManifests: 'The manifest is given when the export is complete.',
};

/** Types that are kept, and not exported, with what to do instead. */
const NOT_EXPORTED: Readonly<Record<string, string>> = {
  AuditEvent: 'The audit trail is searched as AuditEvent by coordinators.',
  Binary:
    'A document leaves as DocumentReference; read the Binary that it names, or a Provenance names, by itself.',
  Parameters: 'Parameters are not stored.',
};

/** Result parameters say how a search answers; a filter only says what matches (BK-04). */
const NO_FILTER =
  /^_(?:sort|include|revinclude|elements|summary|count|total|cursor|contained|containedType|format|type)(?::|$)/;

/** Read the parameters. Throws 400 with an issue that names the parameter. */
export function exportParameters(request: FhirRequest, level: ExportLevel): ExportParameters {
  const given = givenParameters(request);
  const ignored = unsupported(given, isLenient(request.header('prefer')));
  const format = singleText(given, '_outputFormat');
  if (format !== undefined && !FORMATS.has(format.replaceAll(' ', '+'))) {
    throw badRequest('_outputFormat must be application/fhir+ndjson.', '_outputFormat', 'export-format');
  }
  const types = [...new Set(textList(given, '_type'))];
  types.forEach(requireExported);
  return {
    types,
    since: instantOf(given, '_since'),
    until: instantOf(given, '_until'),
    typeFilters: typeFilters(given, types),
    elements: elements(given),
    patients: patients(given, request, level),
    ignored,
  };
}

function unsupported(given: readonly Given[], lenient: boolean): readonly string[] {
  const issues = given.filter(({ name }) => !KNOWN.has(name)).map(asIssue);
  if (issues.length > 0 && !lenient) {
    throw new FhirError(400, issues);
  }
  return issues.map(({ diagnostics }) => diagnostics);
}

function asIssue({ name, at }: Given): Issue {
  const why = REFUSED[name] ?? 'Leave it out.';
  return error(
    'not-supported',
    `The export parameter "${name.slice(0, 40)}" is not supported. ${why}`,
    at,
    'export-parameter',
  );
}

function requireExported(type: string): void {
  if (!isResourceType(type)) {
    throw badRequest(`"${type.slice(0, 40)}" in _type is no R4 resource type.`, '_type', 'export-type');
  }
  const instead = NOT_EXPORTED[type];
  if (instead !== undefined) {
    throw badRequest(`${type} is not exported. ${instead}`, '_type', 'export-type');
  }
}

export const isExported = (type: string): boolean => NOT_EXPORTED[type] === undefined;

/** In a list, a comma before `Type?` begins the next filter; other commas are part of a search value. */
function typeFilters(given: readonly Given[], types: readonly string[]): readonly string[] {
  const filters = given
    .filter(({ name }) => name === '_typeFilter')
    .flatMap(({ text }) => (text ?? '').split(/,(?=[A-Z][A-Za-z]+\?)/));
  refusePersonNumbers(filters);
  for (const filter of filters) {
    const [type = '', query = ''] = splitFilter(filter);
    const wrong = faultOf(type, query, types);
    if (wrong !== undefined) {
      throw badRequest(`_typeFilter "${filter.slice(0, 60)}": ${wrong}`, '_typeFilter', 'export-type-filter');
    }
  }
  return filters;
}

/** Filters are kept with the export while it runs and after: no place for who somebody is (ID-02). */
function refusePersonNumbers(filters: readonly string[]): void {
  if (hasPersonNumber(filters.map((filter) => ['_typeFilter', filter] as const))) {
    throw badRequest(
      'A _typeFilter may hold no national identity number. Name the persons by their ids, in "patient" or a Group.',
      '_typeFilter',
      'person-number-in-filter',
    );
  }
}

function faultOf(type: string, query: string, types: readonly string[]): string | undefined {
  if (!isResourceType(type) || query === '') {
    return 'it must be a search such as Observation?status=final.';
  }
  if (types.length > 0 && !types.includes(type)) {
    return `name ${type} in _type too.`;
  }
  const result = [...new URLSearchParams(query).keys()].find((name) => NO_FILTER.test(name));
  return result === undefined ? undefined : `${result} does not select resources; leave it out.`;
}

/** `Observation?status=final` → its type and query. */
export function splitFilter(filter: string): readonly [string, string] {
  const mark = filter.indexOf('?');
  return mark === -1 ? [filter, ''] : [filter.slice(0, mark), filter.slice(mark + 1)];
}

function elements(given: readonly Given[]): readonly string[] {
  const names = textList(given, '_elements');
  const wrong = names.find((name) => !/^(?:[A-Z][A-Za-z]+\.)?[a-z][A-Za-z0-9]*$/.test(name));
  if (wrong !== undefined) {
    throw badRequest(
      `"${wrong.slice(0, 40)}" in _elements must be the name of a top-level element, such as status or Patient.birthDate.`,
      '_elements',
      'export-elements',
    );
  }
  return names;
}

function patients(given: readonly Given[], request: FhirRequest, level: ExportLevel): readonly string[] {
  const references = given.filter(({ name }) => name === 'patient');
  if (references.length > 0 && (request.body === undefined || level === 'system')) {
    throw badRequest(
      'The parameter patient goes with a POST to Patient/$export or Group/[id]/$export.',
      references[0]?.at,
      'export-patient',
    );
  }
  return [...new Set(references.map(({ text, at }) => patientId(text, at)))];
}

function patientId(reference: string | undefined, at: string): string {
  const local = parseLocalReference(reference ?? '');
  if (local?.type !== 'Patient') {
    throw badRequest('patient must be a reference such as Patient/123.', at, 'export-patient');
  }
  return local.id;
}
