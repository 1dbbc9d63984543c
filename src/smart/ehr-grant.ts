/**
 * The token response of a launch: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#launch-context-arrives-with-your-access_token
 */
import type { authorizationCodeGrant } from 'openid-client';

/** What the EHR's token response gave us. The tokens stay on the server. */
export interface EhrGrant {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** ISO instant. */
  readonly expiresAt: string;
  readonly scopes: readonly string[];
  readonly patient: string | undefined;
  readonly encounter: string | undefined;
  readonly fhirUser: string | undefined;
  readonly intent: string | undefined;
  readonly needPatientBanner: boolean;
  /** The waiting form that the EHR was told of by a Task (TK-01). */
  readonly task: string | undefined;
}

export type TokenResponse = Awaited<ReturnType<typeof authorizationCodeGrant>>;

/** https://www.rfc-editor.org/rfc/rfc6749#section-5.1 leaves the lifetime open; short is safe. */
const USUAL_SECONDS = 300;

export function toGrant(tokens: TokenResponse, now: Date): EhrGrant {
  const context = contextsIn(tokens.fhirContext);
  const seconds = tokens.expiresIn() ?? USUAL_SECONDS;
  return {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    expiresAt: new Date(now.getTime() + seconds * 1000).toISOString(),
    scopes: (tokens.scope ?? '').split(' ').filter((scope) => scope !== ''),
    patient: text(tokens.patient),
    encounter: text(tokens.encounter) ?? idIn(context, 'Encounter'),
    fhirUser: text(tokens.claims()?.fhirUser),
    intent: text(tokens.intent),
    needPatientBanner: tokens.need_patient_banner !== false,
    task: taskIn(tokens.appContext ?? tokens.appcontext) ?? idIn(context, 'Task'),
  };
}

interface ContextEntry {
  readonly reference?: unknown;
  readonly identifier?: { readonly value?: unknown };
}

const contextsIn = (value: unknown): readonly ContextEntry[] =>
  Array.isArray(value) ? (value as readonly (ContextEntry | null)[]).filter((entry) => entry !== null) : [];

/** `appContext` is a text that the Task gave the EHR: ours is the Task's id. EHRs of CDS Hooks send JSON in it, too. */
function taskIn(value: unknown): string | undefined {
  const given = typeof value === 'string' ? value : undefined;
  if (given === undefined || ID.test(given)) {
    return given;
  }
  try {
    const { task } = JSON.parse(given) as { readonly task?: unknown };
    return typeof task === 'string' && ID.test(task) ? task : undefined;
  } catch {
    return undefined;
  }
}

const ID = /^[A-Za-z0-9.-]{1,64}$/;

/** Id in the first reference of a type: `Task/1`, or with the server's address before it. */
function idIn(context: readonly ContextEntry[], type: 'Task' | 'Encounter'): string | undefined {
  const pattern = new RegExp(`(?:^|/)${type}/([A-Za-z0-9.-]{1,64})$`);
  return context
    .map(({ reference }) => (typeof reference === 'string' ? pattern.exec(reference)?.[1] : undefined))
    .find((id) => id !== undefined);
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
