/**
 * The headless Chromium of the npm package `@sparticuz/chromium`, unpacked once per version. The package itself is made
 * for AWS Lambda and unpacks into a shared, guessable place in /tmp; here its archives go into a folder of our own,
 * moved into place when whole, with its libraries and fonts beside it, so that it starts on a machine that has neither.
 */
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { projectRoot } from './find-node.mjs';

/** Beside the program itself: shared libraries (under lib/), fonts (under fonts/), a software renderer for WebGL. */
const archives = ['al2023.tar.br', 'fonts.tar.br', 'swiftshader.tar.br'];

/**
 * Unpacks the packaged Chromium where that has not been done yet.
 *
 * @returns {Promise<{ executablePath: string, env: Record<string, string>, source: string } | undefined>} undefined where
 * the package is not installed or is not made for this machine (it holds an x64 Linux program)
 */
export async function packagedChromium() {
  const packageFolder = join(projectRoot, 'node_modules/@sparticuz/chromium');
  if (!existsSync(packageFolder) || process.platform !== 'linux' || process.arch !== 'x64') {
    return undefined;
  }
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const folder = await unpackedFolder(packageFolder, `chromium-${version}`);
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: [join(folder, 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    },
    source: `@sparticuz/chromium ${version}`,
  };
}

async function unpackedFolder(packageFolder, name) {
  const places = cacheFolders();
  const ready = places
    .map((place) => join(place, name))
    .find((folder) => existsSync(join(folder, 'chromium')));
  if (ready) {
    return ready;
  }
  const place = places.find(isWritable);
  if (!place) {
    throw new Error(`none of ${places.join(', ')} can be written to`);
  }
  const target = join(place, name);
  const unfinished = await mkdtemp(`${target}-`);
  try {
    await chmod(unfinished, 0o755);
    await unpack(packageFolder, unfinished);
    writeFileSync(join(unfinished, 'fonts.conf'), fontConfiguration(target));
    await moveIntoPlace(unfinished, target);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return target;
}

/** Where the unpacked browser may live: with the dependencies, else with the user. */
function cacheFolders() {
  const user = process.getuid?.() ?? 'user';
  return [
    join(projectRoot, 'node_modules/.cache'),
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ryggrad'),
    join(tmpdir(), `ryggrad-${user}`),
  ];
}

function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const probe = join(folder, `.probe-${process.pid}`);
    mkdirSync(probe);
    rm(probe, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

async function unpack(packageFolder, folder) {
  const bin = join(packageFolder, 'bin');
  const { extract } = createRequire(join(packageFolder, 'package.json'))('tar-fs');
  const packed = (name) => createReadStream(join(bin, name));
  for (const name of archives) {
    await pipeline(
      packed(name),
      createBrotliDecompress(),
      extract(folder, { dmode: 0o555, fmode: 0o444, chown: false }),
    );
  }
  const program = join(folder, 'chromium');
  await pipeline(
    packed('chromium.br'),
    createBrotliDecompress(),
    createWriteStream(program, { mode: 0o755 }),
  );
}

/** Another process may have been faster; its folder is as good as ours. */
async function moveIntoPlace(unfinished, target) {
  try {
    await rename(unfinished, target);
  } catch (error) {
    if (!existsSync(join(target, 'chromium'))) {
      throw error;
    }
  }
}

/** The packaged Open Sans first, then whatever the system has for symbols that Open Sans lacks. */
function fontConfiguration(folder) {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <dir>/usr/local/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <cachedir>${join(tmpdir(), `ryggrad-fontconfig-${process.getuid?.() ?? 'user'}`)}</cachedir>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
`;
}
