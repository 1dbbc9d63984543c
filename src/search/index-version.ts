/**
 * What index rows depend on, as one checksum for each parameter of a type: another checksum means that rows made before
 * do not answer any more, and are to be made anew.
 */
import { hash64 } from '../fhir/id.ts';
import type { Parameter, ParameterTable, ParameterType } from './parameters.ts';

/** Code → checksum. */
export type Checksums = Readonly<Record<string, string>>;

/** How the rows of each type of parameter look: counted up when the program writes them in another way. */
const FORMS: Readonly<Record<ParameterType, number>> = {
  token: 2,
  reference: 2,
  uri: 2,
  date: 1,
  string: 2,
  number: 1,
  quantity: 2,
  composite: 2,
  special: 1,
};

/** Of every parameter of the type that has rows or a column of its own. */
export const indexChecksums = (parameters: ParameterTable, type: string): Checksums =>
  Object.fromEntries(
    [...parameters.of(type).values()]
      .filter(({ column }) => column !== 'id' && column !== 'lastUpdated')
      .map((parameter) => [parameter.code, checksum(parameter)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const checksum = ({ type, expression, column, components, isRootComposite, special }: Parameter): string =>
  hash64(
    JSON.stringify([
      FORMS[type],
      type,
      expression,
      column ?? null,
      components.map((part) => [part.type, part.expression]),
      isRootComposite,
      special ?? null,
    ]),
  );
