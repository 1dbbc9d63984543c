/** Patients who answer forms of their own, with all that this needs (docs/adr/0018). */
import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import { hasContentOf } from '../registry/registry.ts';
import { readCookie } from '../smart/cookies.ts';
import { formForPatient } from '../smart/patient-access/form-for-patient.ts';
import { patientLimits } from '../smart/patient-access/limits.ts';
import { createPatientAccess } from '../smart/patient-access/patient-access.ts';
import { patientSessions } from '../smart/patient-access/patient-sessions.ts';
import type { WebDeps } from '../web/deps.ts';
import { patientRouter } from '../web/patient/patient-routes.tsx';
import { inviteRoutes } from '../web/patient/staff-routes.tsx';
import type { Engine, EngineOptions } from './engine.ts';
import type { People } from './people.ts';

/** The pages of patients, and those that staff let them in from. */
export function patientPages(
  { config, storage: { db, store }, clock, newId }: EngineOptions,
  { repository, registry }: Engine,
  { smart, messages, accounts }: Pick<People, 'smart' | 'messages' | 'accounts'>,
  web: WebDeps,
): Router {
  const { cookies, sessions } = smart.login;
  const { publicUrl } = config;
  const { packs } = registry;
  const forms = { repository, forms: registry.forms, packs };
  const access = createPatientAccess({
    db: db.pool,
    store,
    messages,
    box: accounts.box,
    clock,
    newId,
    limits: patientLimits(db.pool),
    sessions: patientSessions(db.pool, clock),
    log: accounts.log,
    publicUrl,
    findForm: formForPatient({
      ...forms,
      hasContent: hasContentOf(registry.forms, packs),
      clock,
      newRequestId: () => randomUUID(),
    }),
  });
  return Router()
    .use(inviteRoutes({ web, access, publicUrl }))
    .use(
      patientRouter({
        access,
        forms,
        cookies,
        assets: web.assets,
        now: () => clock.now(),
        async endStaff(request, response) {
          const token = readCookie(request.headers, cookies.session);
          if (token !== undefined) {
            await sessions.end(token);
            response.append('Set-Cookie', cookies.clear(cookies.session));
          }
        },
      }),
    );
}
