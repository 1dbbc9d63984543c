/** A message that has come by a connection: through the corridor, and answered (docs/adr/0034). */
import type { EhrPrincipal, Principal } from '../../access/principal.ts';
import type { Clock, NewId } from '../../fhir/id.ts';
import { error, FhirError, type Issue } from '../../fhir/outcome.ts';
import type { Inbox, Sent } from '../../registry/intake/inbox.ts';
import { receive } from '../../registry/intake/receive.ts';
import type { Operation, Result } from '../../repository/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import type { SearchService } from '../../repository/search.ts';
import { answerTo, type Answer, type Verdict } from './answer.ts';
import { decode } from './charset.ts';
import { Findings } from './findings.ts';
import { checkHeader, headerOf } from './header.ts';
import { type Message, readMessage } from './message.ts';
import { operationsOf } from './operations.ts';
import type { Connection } from './settings.ts';

export interface TakeDeps {
  readonly repository: Repository;
  readonly search: SearchService;
  readonly inbox: Pick<Inbox, 'refuse'>;
  readonly findSender: (subject: string) => Promise<Principal | undefined>;
  readonly clock: Clock;
  readonly newId: NewId;
  /** What is wrong with this server, and not with a message. */
  readonly onFailure: (cause: unknown, connection: string) => void;
}

export const CONTENT_TYPE = 'x-application/hl7-v2+er7';
/** What could not be read as text is kept by its bytes, and is not read in another way later. */
const UNREADABLE = `${CONTENT_TYPE}; charset=unknown`;

/** Take the bytes of a message, and give those of the answer. Never throws. */
export async function takeBytes(deps: TakeDeps, connection: Connection, bytes: Buffer): Promise<Buffer> {
  let charset = 'utf-8';
  const text = (): { readonly raw: string; readonly contentType: string } => {
    const decoded = decode(bytes, connection.charset);
    charset = decoded.charset;
    return { raw: decoded.text, contentType: CONTENT_TYPE };
  };
  const { read, answer } = await answerBytes(deps, connection, bytes, text);
  const now = deps.clock.now();
  const written = answerTo(read, answer, { id: deps.newId(now), now });
  return Buffer.from(written, charset === 'utf-8' ? 'utf8' : 'latin1');
}

interface Answered {
  readonly read: Message | undefined;
  readonly answer: Answer;
}

async function answerBytes(
  deps: TakeDeps,
  connection: Connection,
  bytes: Buffer,
  text: () => { readonly raw: string; readonly contentType: string },
): Promise<Answered> {
  let read: Message | undefined;
  try {
    const sent = sentBytes(bytes, text);
    read = readable(sent.raw);
    const principal = await senderOf(deps, connection);
    const findings = new Findings();
    const results = await take(deps, connection, { principal, sent, findings });
    return { read, answer: { verdict: 'AA', issues: [...findings.notes, ...results.flatMap(lateness)] } };
  } catch (cause) {
    return { read, answer: refusalOf(cause, () => deps.onFailure(cause, connection.name)) };
  }
}

function sentBytes(
  bytes: Buffer,
  text: () => { readonly raw: string; readonly contentType: string },
): Pick<Sent, 'raw' | 'contentType'> {
  try {
    return text();
  } catch (cause) {
    if (!(cause instanceof FhirError)) {
      throw cause;
    }
    return { raw: bytes.toString('latin1'), contentType: UNREADABLE };
  }
}

function readable(raw: string): Message | undefined {
  try {
    return readMessage(raw);
  } catch {
    return undefined;
  }
}

/** As it is registered now; a connection whose client is not registered takes nothing. */
async function senderOf({ findSender }: TakeDeps, { client }: Connection): Promise<EhrPrincipal> {
  const principal = await findSender(`client:${client}`);
  if (principal?.kind !== 'ehr') {
    throw new FhirError(503, error('processing', `No record system is registered as ${client} here.`));
  }
  return principal;
}

export interface Taking {
  readonly principal: EhrPrincipal;
  readonly sent: Pick<Sent, 'raw' | 'contentType'>;
  readonly findings: Findings;
}

/** Carry a message out. Throws FhirError, when what was sent is in the inbox. */
export function take(
  deps: TakeDeps,
  connection: Connection,
  { principal, sent, findings }: Taking,
): Promise<readonly Result[]> {
  const { repository, search, inbox, clock, newId } = deps;
  const read = readable(sent.raw);
  const header = read && headerOf(read);
  const requestId = newId(clock.now());
  const caller = { principal, requestId, interaction: 'hl7v2' };
  const operations = async (): Promise<readonly Operation[]> => {
    if (sent.contentType === UNREADABLE) {
      decode(Buffer.from(sent.raw, 'latin1'), connection.charset);
    }
    const message = readMessage(sent.raw);
    checkHeader(message, connection, clock.now());
    let names = 0;
    const reading = {
      ...{ message, connection, findings },
      header: headerOf(message),
      newName: () => `urn:uuid:${newId(clock.now())}#${(names += 1)}`,
    };
    return operationsOf(reading, { finder: { search, caller }, repository });
  };
  return receive(
    { repository, inbox },
    {
      ...caller,
      sent: {
        door: 'hl7v2',
        ...sent,
        path: connection.name,
        ...(header !== undefined && header.id !== '||' && { id: header.id }),
        ...(header?.sentAt !== undefined && { sentAt: header.sentAt }),
      },
      operations,
    },
  );
}

/** What keeps a message out whatever is in it: to be sent to another place, or later. */
const NOT_FOR_HERE: ReadonlySet<string | undefined> = new Set([
  'hl7-sender',
  'hl7-version',
  'hl7-processing',
  'hl7-event',
  'hl7-message-type',
]);

const LATER: Issue = error(
  'transient',
  'The message could not be stored just now, through no fault of its own. Send it again later.',
);

function refusalOf(cause: unknown, onFailure: () => void): Answer {
  if (!(cause instanceof FhirError) || cause.status >= 500) {
    onFailure();
    return { verdict: 'AR', issues: [LATER] };
  }
  const isLater = cause.headers['Retry-After'] !== undefined;
  const verdict: Verdict = isLater || cause.issues.some(({ rule }) => NOT_FOR_HERE.has(rule)) ? 'AR' : 'AE';
  return { verdict, issues: isLater ? [LATER] : cause.issues };
}

/** What was newer here stays as it is (IR-05). */
const lateness = ({ isLate, type }: Result): readonly Issue[] =>
  isLate === true
    ? [
        {
          severity: 'information',
          code: 'informational',
          diagnostics: `A newer version of this ${type} is here already; it stays. The message is kept.`,
          rule: 'late-message',
        },
      ]
    : [];
