/**
 * Notes where each definition of FHIR R4 stands in the files of the package, in src/content/r4-places.json, when the package is
 * another: `node scripts/r4-places.mjs`
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { notePlaces } from '../src/content/r4-places.ts';
import { projectRoot } from './find-node.mjs';

writeFileSync(
  join(projectRoot, 'src/content/r4-places.json'),
  `${JSON.stringify(notePlaces(), undefined, 1)}\n`,
);
