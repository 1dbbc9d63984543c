/** The pages about apps: people and their grants from smart/, patients from the repository. */
import type { Request } from 'express';
import { isRecent } from '../smart/app-consent.ts';
import type { Smart } from '../smart/smart.ts';
import { appGrants, choosablePatient, choosablePatients } from '../web/data/apps.ts';
import type { Sources } from '../web/data/sources.ts';
import type { AppPages } from '../web/deps.ts';

export function appPages(smart: Smart, sources: Sources): AppPages {
  const { consent } = smart.apps;
  /** Who is at the page, and in which role; the pages ask only for people who are. */
  const person = async (request: Request) => {
    const session = await smart.sessionOf(request);
    return {
      account: session?.account.username ?? '',
      practitionerRole: session?.practitionerRole ?? '',
      authenticated: session?.authenticated,
    };
  };
  return {
    request: async (request, response) => {
      const access = await consent.request(request, response);
      const session = await smart.sessionOf(request);
      if (access === undefined || isRecent(session?.authenticated, access.authenticatedAfter)) {
        return access;
      }
      return { ...access, confirmAt: session?.factor === 'issuer' ? '/logg-inn' : '/bekreft-deg' };
    },
    give: async (request, response, given) =>
      consent.give(request, response, { ...given, ...(await person(request)) }),
    refuse: async (request, response) => consent.refuse(request, response, (await person(request)).account),
    patients: (principal, text) => choosablePatients(sources, principal, text),
    patient: (principal, id) => choosablePatient(sources, principal, id),
    grants: async (request, principal) =>
      appGrants(sources, smart.apps, principal, (await person(request)).account),
    withdraw: async (request, id) => smart.apps.withdraw((await person(request)).account, id),
  };
}
