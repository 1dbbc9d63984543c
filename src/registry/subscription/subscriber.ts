/**
 * Who a notification is for, with the rights of now: https://hl7.org/fhir/R4/subscription.html#safety
 */
import type { Principal } from '../../access/principal.ts';

/**
 * The subscriber as registered at this moment, with those of the scopes that it may still have; undefined when it is
 * gone. Implemented over the registered clients, wired by app.ts.
 */
export type FindSubscriber = (subject: string, scopes: readonly string[]) => Promise<Principal | undefined>;
