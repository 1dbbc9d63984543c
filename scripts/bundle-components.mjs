/**
 * Makes the server start a second sooner: the design system's modules import a library of a thousand icon files, which Node.js
 * would open one by one. Here src/web/ui/aksel.ts, compiled, is replaced by one file with the components that it exports
 * and the few icons that they use. `node scripts/bundle-components.mjs <dist folder>`
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { projectRoot } from './find-node.mjs';

const folder = join(process.argv[2], 'src/web/ui');
const input = join(folder, 'aksel.js');
const outDir = join(folder, 'bundled');

if (existsSync(input)) {
  await build({
    configFile: false,
    root: projectRoot,
    logLevel: 'error',
    // everything but React, of which there may be only one
    ssr: { noExternal: true, external: ['react', 'react-dom'] },
    build: { ssr: input, outDir, emptyOutDir: true, target: 'node22', minify: false },
  });
  renameSync(join(outDir, 'aksel.js'), input);
  rmSync(outDir, { recursive: true });
}
