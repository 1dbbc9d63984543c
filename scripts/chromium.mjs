/**
 * Finds a Chromium for the browser tests, or brings one, in this order: `CHROMIUM_PATH`, an installed Chromium or Chrome,
 * the headless Chromium inside the npm package `@sparticuz/chromium` (needs neither root nor a network), and as root
 * on Debian the distribution's package. Run directly it prints the path: `node scripts/chromium.mjs`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packagedChromium } from './packaged-chromium.mjs';

/** Flags that work without a display, a network, a GPU or a privileged user. The profile folder is new at every launch. */
export const chromiumFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const commandNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

const applicationPaths = {
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

/**
 * Finds a browser that really starts.
 *
 * @returns {Promise<{ executablePath: string, env: Record<string, string>, source: string }>} the program, what its
 * environment must hold in addition, and where it came from
 * @throws {Error} saying what to install when there is none
 */
export async function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    return mustStart({ executablePath: named, env: {}, source: 'CHROMIUM_PATH' });
  }
  const refused = [];
  for (const find of [installedChromium, packagedChromium, debianChromium]) {
    try {
      const browser = await find();
      if (browser && starts(browser)) {
        return browser;
      }
      refused.push(
        browser ? `${browser.executablePath} (${browser.source}) does not start` : `${find.name}: none`,
      );
    } catch (error) {
      refused.push(`${find.name}: ${error.message}`);
    }
  }
  throw new Error(
    [
      'No Chromium for the browser tests. Install Chromium or Google Chrome (Debian and Ubuntu: apt-get install chromium),',
      'or set CHROMIUM_PATH to a Chromium program. Tried:',
      ...refused.map((line) => `  - ${line}`),
    ].join('\n'),
  );
}

function mustStart(browser) {
  if (!starts(browser)) {
    throw new Error(`CHROMIUM_PATH is ${browser.executablePath}, which does not start as a Chromium.`);
  }
  return browser;
}

function starts({ executablePath, env }) {
  const { status, stdout } = spawnSync(executablePath, ['--no-sandbox', '--headless', '--version'], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 20_000,
  });
  return status === 0 && /\d+\.\d+/.test(stdout);
}

function installedChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const candidates = [
    ...commandNames.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...(applicationPaths[process.platform] ?? []),
  ];
  const executablePath = candidates.find((path) => existsSync(path));
  return executablePath && { executablePath, env: {}, source: 'installed' };
}

function debianChromium() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    return undefined;
  }
  const options = { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync('apt-get', ['install', '-qq', '-y', '--no-install-recommends', 'chromium'], options);
  return { executablePath: '/usr/bin/chromium', env: {}, source: 'Debian package' };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const { executablePath, source } = await findChromium();
    console.log(`${executablePath} (${source})`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
