/**
 * Starts a part of Ryggrad on a Node.js that is new enough, and builds first where that is needed:
 * `node scripts/run.mjs start|cli|demo|hospital|bench|bench-work-list|bench-painted|bench-scoring|bench-forms|bench-search|bench-import|bench-day|bench-kill|fuzz [arguments]`. The part ends
 * when this process ends, however it ends.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale } from './build.mjs';
import { findNode, projectRoot, requireDependencies } from './find-node.mjs';

/** `ownGroup`: a key press in the terminal reaches the server once, through us, and not a second time by itself. */
const parts = {
  start: { file: 'dist/src/main.js', ownGroup: true },
  demo: { file: 'dist/demo/main.js', ownGroup: true },
  hospital: { file: 'dist/demo/hospital/main.js', ownGroup: true },
  cli: { file: 'dist/src/cli.js', ownGroup: false },
  bench: { file: 'bench/http.ts', ownGroup: false },
  'bench-work-list': { file: 'bench/work-list.ts', ownGroup: false },
  'bench-painted': { file: 'bench/painted.ts', ownGroup: false },
  'bench-scoring': { file: 'bench/scoring.ts', ownGroup: false },
  'bench-forms': { file: 'bench/forms.ts', ownGroup: false },
  'bench-search': { file: 'bench/search.ts', ownGroup: false },
  'bench-import': { file: 'bench/import.ts', ownGroup: false },
  'bench-day': { file: 'bench/hospital-day.ts', ownGroup: false },
  'bench-kill': { file: 'bench/kill/full-stack.ts', ownGroup: false },
  fuzz: { file: 'test/fuzz/main.ts', ownGroup: false },
};

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** npm and the terminal both send one key press on; what comes closer together than this is one request to stop. */
const samePressMs = 500;
/** Longer than the server's own time for requests in flight. */
const patienceMs = 30_000;

try {
  const [first, ...args] = process.argv.slice(2);
  const [of] = args;
  const name = first === 'bench' && parts[`bench-${of}`] ? `bench-${of}` : first;
  const part = parts[name];
  if (!part) {
    throw new Error(`Say which part to run: ${Object.keys(parts).join(', ')}.`);
  }
  requireDependencies();
  await buildIfStale();
  run(part, args);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function run(part, args) {
  const endWithParent = new URL('./end-with-parent.mjs', import.meta.url).href;
  const child = spawn(
    findNode(),
    [
      '--disable-warning=ExperimentalWarning',
      // by default the young generation grows to 96 MB, which the server does not need: bench/server.ts has the same
      '--max-semi-space-size=16',
      '--import',
      endWithParent,
      join(projectRoot, part.file),
      ...args,
    ],
    {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      detached: part.ownGroup && process.platform !== 'win32',
    },
  );
  child.on('error', (error) => {
    console.error(`Cannot start ${part.file}: ${error.message}`);
    process.exitCode = 1;
  });
  forwardSignals(child, part);
  if (process.env.npm_lifecycle_event) {
    endWithNpm(child);
  }
  child.on('exit', (code, signal) => {
    process.exit(code ?? exitCodeOf(signal));
  });
}

function forwardSignals(child, part) {
  let last = -Infinity;
  for (const signal of signals) {
    process.on(signal, () => {
      const now = performance.now();
      const sentByTerminal = !part.ownGroup && signal === 'SIGINT' && process.stdin.isTTY;
      if (now - last > samePressMs && !sentByTerminal) {
        last = now;
        child.kill(signal);
        setTimeout(() => child.kill('SIGKILL'), patienceMs).unref();
      }
    });
  }
}

/** npm passes signals to the shell between it and us, which may keep them, and none when it is killed: watch both. */
function endWithNpm(child) {
  const before = ancestors();
  const timer = setInterval(() => {
    if (ancestors() !== before) {
      clearInterval(timer);
      child.kill('SIGTERM');
    }
  }, 500);
  timer.unref();
}

/** Our parent and, where the system tells, its parent; a change says that one of them has ended. */
function ancestors() {
  try {
    return `${process.ppid} ${/PPid:\s*(\d+)/.exec(readFileSync(`/proc/${process.ppid}/status`, 'utf8'))?.[1]}`;
  } catch {
    return String(process.ppid);
  }
}

function exitCodeOf(signal) {
  return 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0);
}
