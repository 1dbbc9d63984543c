/** HL7 version 2 as a whole: its ports, and carrying out again what was refused there. */
import type { EhrPrincipal } from '../../access/principal.ts';
import { error, FhirError } from '../../fhir/outcome.ts';
import type { TakeAgain } from '../../operations/inbox/replay.ts';
import type { Sent } from '../../registry/intake/inbox.ts';
import { Findings } from './findings.ts';
import { type Listener, listen } from './listener.ts';
import type { Connection } from './settings.ts';
import { take, type TakeDeps } from './take.ts';

export interface Hl7Doors {
  /** Open the ports: all of them, or none. Throws SettingsError. */
  start(): Promise<readonly Listener[]>;
  stop(): Promise<void>;
  readonly takeAgain: TakeAgain;
}

export function createHl7Doors(deps: TakeDeps, connections: readonly Connection[]): Hl7Doors {
  let open: readonly Listener[] = [];
  const stop = async (): Promise<void> => {
    const closing = open;
    open = [];
    await Promise.all(closing.map((listener) => listener.stop()));
  };
  return {
    async start() {
      for (const connection of connections) {
        try {
          open = [...open, await listen(deps, connection)];
        } catch (cause) {
          await stop();
          throw cause;
        }
      }
      return open;
    },
    stop,
    async takeAgain(principal: EhrPrincipal, sent: Sent) {
      const connection = connections.find(
        ({ name, client }) => name === sent.path && `client:${client}` === principal.subject,
      );
      if (connection === undefined) {
        throw new FhirError(
          422,
          error(
            'not-supported',
            `The connection "${sent.path ?? ''}" by which this came is not set up any more (HL7V2_FILE).`,
            undefined,
            'hl7-connection',
          ),
        );
      }
      const { raw, contentType } = sent;
      const again: TakeDeps = { ...deps, inbox: { refuse: () => Promise.resolve('') } };
      await take(again, connection, { principal, sent: { raw, contentType }, findings: new Findings() });
    },
  };
}
