/** The demo's walk, as `npm run demo` plays it: EHR, clinician, register staff, analytics, audit trail. */
import { bulkExport, checkExport, searchNational } from '../../../demo/walk/analytics.ts';
import { checkAudit } from '../../../demo/walk/audit.ts';
import { checkFacts, fillFromEhr } from '../../../demo/walk/launch.ts';
import { play } from '../../../demo/walk/play.ts';
import { pushAgain } from '../../../demo/walk/push.ts';
import { correctB12, lockTo } from '../../../demo/walk/staff.ts';
import { startWalkServer, type WalkServer } from './walk-server.ts';

let server: WalkServer;

beforeAll(async () => {
  server = await startWalkServer();
  await server.app.app.jobs.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('The walk', () => {
  it('leads from a referral to national data, step by step.', async () => {
    const { walk, coordinator, analytics, ehr } = server;
    const [national, local] = [await server.person(), await server.person()];

    await pushAgain(walk, ehr, national);
    await fillFromEhr(walk, national);
    await checkFacts(walk, coordinator, national);
    await lockTo(walk, national, 'yes');
    await correctB12(walk, national);
    await lockTo(walk, local, 'no');
    await searchNational(walk, analytics, { national, local });
    checkExport(walk, await bulkExport(walk, analytics), { national, local });

    await expect(checkAudit(walk, national)).resolves.toBeUndefined();
  });

  it('can be played again on the same server.', async () => {
    await expect(play(server.walk, 30_003, 30_006)).resolves.toBeUndefined();
  });
});
