/**
 * Messages that did not arrive, for the system coordinator (SC): which they were, and to have them sent again (OB-02).
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import type { GivenUp } from '../../adapters/message/given-up.ts';
import { error, FhirError, forbidden } from '../../fhir/outcome.ts';
import type { PeopleDeps } from './deps.ts';
import { listRoles } from './role-review.ts';

/** Those of the register, and of the accounts that have roles in it, newest first. Throws 403 for others than SC. */
export async function listGivenUpMessages(
  deps: PeopleDeps,
  principal: StaffPrincipal,
): Promise<readonly GivenUp[]> {
  requireCoordinator(principal);
  const all = await deps.messages.givenUp(principal.register);
  const own = new Set((await listRoles(deps, principal)).map(({ username }) => `user:${username}`));
  return all.filter(
    ({ register, about }) => register !== undefined || (about !== undefined && own.has(about)),
  );
}

/** Send one of them again. Throws 403, also for one that is not in the list, and 409 when it cannot be sent any more. */
export async function sendMessageAgain(
  deps: PeopleDeps,
  principal: StaffPrincipal,
  id: string,
): Promise<void> {
  const message = (await listGivenUpMessages(deps, principal)).find((one) => one.id === id);
  if (message === undefined) {
    throw forbidden(
      'This message is looked after by the coordinator of another register.',
      'not-coordinator',
    );
  }
  await deps.store.transaction(async (tx) => {
    if (!(await deps.messages.sendAgain(tx, id))) {
      throw new FhirError(
        409,
        error('conflict', 'Meldingen er sendt på nytt alt, eller er for gammel til å sendes.'),
      );
    }
    await deps.log(
      {
        type: 'message-sent-again',
        outcome: 'success',
        subject: principal.subject,
        reason: message.purpose,
        about: `message:${id}`,
      },
      tx,
    );
  });
}

function requireCoordinator({ role, launch }: StaffPrincipal): void {
  if (role !== 'SC' || launch !== undefined) {
    throw forbidden('Messages are the business of the system coordinator (SC).', 'not-coordinator');
  }
}
