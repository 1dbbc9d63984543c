/**
 * Builds dist/ from src/ and demo/: TypeScript to JavaScript, the SQL files beside it, and the client bundle (dist/web).
 * Built in a folder of its own and swapped in when whole, so an interrupted build, or two at once, leave no half dist/.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withBuildLock } from './build-lock.mjs';
import { isBuilt, sourceHash } from './build-stamp.mjs';
import { findNode, projectRoot, requireDependencies } from './find-node.mjs';

const dist = join(projectRoot, 'dist');
/** One per process: a compiler that outlives an interrupted build writes where nobody looks any more. */
const next = join(projectRoot, `dist.next-${process.pid}`);
const previous = join(projectRoot, `dist.previous-${process.pid}`);

/**
 * Builds unless dist/ is up to date already.
 *
 * @throws {Error} when the sources do not compile; the compiler's messages are on standard error, dist/ is as before
 */
export async function buildIfStale() {
  if (isBuilt()) {
    return;
  }
  if (!canBuild() && existsSync(join(dist, '.stamp'))) {
    return;
  }
  await withBuildLock(async () => {
    if (!isBuilt()) {
      await build();
    }
  });
}

/** Without the development dependencies there is no compiler; a dist/ that was brought along is then used as it is. */
function canBuild() {
  return existsSync(join(projectRoot, 'node_modules/typescript/bin/tsc'));
}

async function build() {
  if (!canBuild()) {
    throw new Error(
      'There is no dist/ and no compiler to build it. Run npm ci without --omit=dev, or bring dist/ along.',
    );
  }
  const begun = performance.now();
  const hash = sourceHash();
  removeLeftovers();
  mkdirSync(next);
  const failed = (await Promise.allSettled([compileServer(), bundleClient()])).find(
    ({ status }) => status === 'rejected',
  );
  if (failed) {
    removeLeftovers();
    throw failed.reason;
  }
  copyOtherFiles();
  writeFileSync(join(next, '.stamp'), hash);
  swap();
  console.log(`Built dist/ in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

async function compileServer() {
  await runTool('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', next]);
  await runTool('scripts/bundle-components.mjs', [next]);
}

function bundleClient() {
  if (!existsSync(join(projectRoot, 'vite.config.ts'))) {
    return undefined;
  }
  const outDir = join(next, 'web');
  return runTool('node_modules/vite/bin/vite.js', [
    'build',
    '--outDir',
    outDir,
    '--emptyOutDir',
    '--logLevel',
    'error',
  ]);
}

/** Runs a program on our Node.js and waits for it; what it prints goes to standard error. */
function runTool(tool, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(findNode(), [join(projectRoot, tool), ...args], {
      cwd: projectRoot,
      stdio: ['ignore', 2, 2],
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(`The build failed: ${tool} ended with ${code ?? 'a signal'}.`));
      }
    });
  });
}

/** SQL and whatever else src/ and demo/ read at run time stays beside the compiled code. */
function copyOtherFiles() {
  for (const folder of ['src', 'demo'].filter((name) => existsSync(join(projectRoot, name)))) {
    for (const name of readdirSync(join(projectRoot, folder), { recursive: true })) {
      if (/\.(sql|json|css|svg|woff2)$/.test(name)) {
        const target = join(next, folder, name);
        mkdirSync(dirname(target), { recursive: true });
        cpSync(join(projectRoot, folder, name), target);
      }
    }
  }
}

/** What interrupted builds left behind; only called while no other build runs. */
function removeLeftovers() {
  for (const name of readdirSync(projectRoot).filter((entry) => /^dist\.(next|previous)-\d+$/.test(entry))) {
    rmSync(join(projectRoot, name), { recursive: true, force: true });
  }
}

function swap() {
  if (existsSync(dist)) {
    renameSync(dist, previous);
  }
  renameSync(next, dist);
  rmSync(previous, { recursive: true, force: true });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    requireDependencies();
    await withBuildLock(build);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
