/**
 * `npm test`: format, lint, types, build, then every test. `npm test -- <jest arguments>` runs jest alone.
 * The two lines of steps run beside each other, and every step runs even when an earlier one failed, so that one run shows
 * everything there is to mend; the exit code is 0 only when all passed. The last line is `N passed, N failed`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildIfStale } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { findNode, projectRoot, requireDependencies } from './find-node.mjs';

const tool = (program, ...args) => [join(projectRoot, 'node_modules', program), ...args];

/** Says whether it passed, and what it printed, which is shown when it has ended. */
const checked = (...args) => captured(tool(...args));
const prepared = async (work) => {
  try {
    return { passed: true, output: await work() };
  } catch (error) {
    return { passed: false, output: `${error.message}\n` };
  }
};

const format = {
  name: 'format',
  run: () => checked('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
};
const lint = { name: 'lint', run: () => checked('eslint/bin/eslint.js', '--max-warnings', '0', '.') };
const types = { name: 'types', run: () => checked('typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json') };
const build = { name: 'build', run: () => prepared(buildIfStale) };
const browser = {
  name: 'browser',
  run: () => prepared(async () => `Browser: ${(await findChromium()).source}\n`),
};

/** Lint takes about as long as the others together. */
const everything = [[lint], [build, browser, types, format]];
const preparations = [[build, browser]];

try {
  requireDependencies();
  const jestArguments = process.argv.slice(2);
  const lines = jestArguments.length > 0 ? preparations : everything;
  const failed = (await Promise.all(lines.map(failedOf))).flat();
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
    const { passed, output = '' } = await run();
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    process.stdout.write(output);
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

function captured(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(findNode(), args, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ passed: code === 0, output }));
  });
}
