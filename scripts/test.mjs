/**
 * `npm test`: format, lint, types, build, then every test. `npm test -- <jest arguments>` runs jest alone.
 * Every step runs even when an earlier one failed, so that one run shows everything there is to mend; the exit code is 0
 * only when all passed. The last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildIfStale } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { findNode, projectRoot, requireDependencies } from './find-node.mjs';

const tool = (program, ...args) => [join(projectRoot, 'node_modules', program), ...args];

/** In this order. `run` answers whether the step passed. */
const checks = [
  {
    name: 'format',
    run: () => runNode(tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')),
  },
  { name: 'lint', run: () => runNode(tool('eslint/bin/eslint.js', '--max-warnings', '0', '.')) },
  { name: 'types', run: () => runNode(tool('typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json')) },
];

const preparations = [
  { name: 'build', run: () => succeeds(buildIfStale) },
  {
    name: 'browser',
    run: () => succeeds(async () => console.log(`Browser: ${(await findChromium()).source}`)),
  },
];

try {
  requireDependencies();
  const jestArguments = process.argv.slice(2);
  const failed = await failedOf(jestArguments.length > 0 ? preparations : [...checks, ...preparations]);
  const passed = runJest(jestArguments, failed);
  process.exitCode = passed && failed.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function failedOf(steps) {
  const failed = [];
  for (const { name, run } of steps) {
    const begun = performance.now();
    const passed = await run();
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(8)} ${seconds.padStart(6)} s`);
    if (!passed) {
      failed.push(name);
    }
  }
  return failed;
}

function runJest(args, failedChecks) {
  return runNode(
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      ...tool('jest/bin/jest.js'),
      ...args,
    ],
    { FAILED_CHECKS: failedChecks.join(',') },
  );
}

function runNode(args, env = {}) {
  const { status, error } = spawnSync(findNode(), args, {
    cwd: projectRoot,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  if (error) {
    throw error;
  }
  return status === 0;
}

async function succeeds(work) {
  try {
    await work();
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  }
}
