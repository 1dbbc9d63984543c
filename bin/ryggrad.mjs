#!/usr/bin/env node
/** The command `ryggrad`: the same as `npm run ryggrad --`, from any folder. */
process.argv.splice(2, 0, 'cli');
await import('../scripts/run.mjs');
