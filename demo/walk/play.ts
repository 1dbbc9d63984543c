/**
 * The whole walk: from the EHR, through the clinician and the register's staff, to the analytics platform and the audit trail.
 */
import { bulkExport, checkExport, searchNational } from './analytics.ts';
import { checkAudit } from './audit.ts';
import { signIn } from './fhir-client.ts';
import { checkFacts, fillFromEhr } from './launch.ts';
import { pushAgain, pushPatient } from './push.ts';
import { correctB12, lockTo } from './staff.ts';
import type { Walk } from './walk.ts';

/** Play it with two new persons: the numbers choose who is admitted in the simulated EHR. */
export async function play(walk: Walk, first: number, second: number): Promise<void> {
  const { narrator } = walk;
  const ehr = await narrator.step('0  The EHR system gets a token (private_key_jwt)', () =>
    signIn(walk, 'ehr'),
  );

  const person = await narrator.step('1  The EHR sends what it has on a patient', () =>
    pushPatient(walk, ehr, `pasient-${first}`),
  );
  await narrator.step('2  The EHR sends the same again', () => pushAgain(walk, ehr, person));

  await narrator.step('3  A clinician opens the form from the EHR', () => fillFromEhr(walk, person));
  const coordinator = await signIn(walk, 'staff');
  await narrator.step('4  Locked forms become facts', () => checkFacts(walk, coordinator, person));

  await narrator.step('5  Register staff: consent Yes, TO is locked, the pathway becomes national', () =>
    lockTo(walk, person, 'yes'),
  );
  await narrator.step('6  A coordinator corrects a locked form', () => correctB12(walk, person));
  const other = await narrator.step('7  Another patient says No: the pathway stays local', async () => {
    const registered = await pushPatient(walk, ehr, `pasient-${second}`);
    await lockTo(walk, registered, 'no');
    return registered;
  });

  const stores = { national: person, local: other };
  const analytics = await signIn(walk, 'analytics');
  await narrator.step('8  An analytics platform searches', () => searchNational(walk, analytics, stores));
  await narrator.step('9  … and exports everything national', async () => {
    checkExport(walk, await bulkExport(walk, analytics), stores);
  });
  await narrator.step('10 The audit trail', () => checkAudit(walk, person));
}
