/**
 * What is fetched from an EHR, as the registers say it: what opens their pathways (triggers of the PlanDefinitions), and what they
 * need about a person who has one (GraphDefinitions of `intake/`).
 */
import type { Register } from '../../content/register.ts';
import type { Coding } from '../../fhir/types.ts';
import type { Schedule } from '../schedule/plan.ts';
import type { DataTrigger } from '../schedule/trigger.ts';

/** A search: `type?params`. */
export interface PullQuery {
  readonly type: string;
  /** Without the person. */
  readonly params: string;
}

/** Codes in one address, which servers and what is before them bound to a few thousand characters. */
const CODES = 25;

/** Search parameters of the elements that triggers look at. */
const PARAMETERS: Readonly<Record<string, string>> = {
  code: 'code',
  medicationCodeableConcept: 'code',
  class: 'class',
  category: 'category',
  type: 'type',
  status: 'status',
};

/** Searches for what opens pathways, whoever it is about. A trigger that no search can tell from all else is left out. */
export function openingQueries(schedules: readonly Schedule[]): readonly PullQuery[] {
  return distinct(schedules.flatMap(({ openedBy }) => openedBy).flatMap(queriesOf));
}

function queriesOf({ type, filters }: DataTrigger): readonly PullQuery[] {
  const [coded, ...rest] = filters;
  const parameter = PARAMETERS[coded?.path ?? ''];
  if (
    coded === undefined ||
    parameter === undefined ||
    rest.some(({ path }) => PARAMETERS[path] === undefined)
  ) {
    return [];
  }
  const others = rest.map(({ path, codes }) => `&${PARAMETERS[path] ?? ''}=${tokens(codes)}`).join('');
  return chunks(coded.codes, CODES).map((codes) => ({
    type,
    params: `${parameter}=${tokens(codes)}${others}`,
  }));
}

const tokens = (codes: readonly Coding[]): string =>
  codes
    .map(({ system, code = '' }) => encodeURIComponent(system === undefined ? code : `${system}|${code}`))
    .join(',');

const chunks = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );

/** Searches for what registers need about a person; the person is put in by whoever asks. */
export const personQueries = (registers: readonly Register[]): readonly PullQuery[] =>
  distinct(
    registers
      .flatMap(({ graphs = [] }) => graphs)
      .flatMap(({ link = [] }) => link)
      .flatMap(({ target = [] }) => target)
      .filter(({ params }) => params?.includes('patient={ref}') === true)
      .map(({ type, params = '' }) => ({ type, params: withoutPerson(params) })),
  );

const withoutPerson = (params: string): string =>
  [...new URLSearchParams(params)]
    .filter(([, value]) => value !== '{ref}')
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%2C', ',')}`)
    .join('&');

const distinct = (queries: readonly PullQuery[]): readonly PullQuery[] => [
  ...new Map(queries.map((query) => [`${query.type}?${query.params}`, query])).values(),
];
