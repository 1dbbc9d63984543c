/** Other ways in than FHIR: HL7 version 2, and tables. What they bring goes through the same corridor (docs/adr/0034). */
import { createCsvDoor } from '../adapters/csv/door.ts';
import { createHl7Doors } from '../adapters/hl7v2/doors.ts';
import { readConnections } from '../adapters/hl7v2/settings.ts';
import type { Engine, EngineOptions } from './engine.ts';
import type { People } from './people.ts';

/** Throws SettingsError when a settings file is not in order. */
export async function openDoors(
  { config, clock, newId, log }: EngineOptions,
  engine: Engine,
  people: People,
) {
  const { repository, search, content } = engine;
  const { inbox, findSender } = people;
  const connections = await readConnections(config.hl7v2File, (canonical) =>
    content.conceptMaps.get(canonical),
  );
  const hl7v2 = createHl7Doors(
    {
      ...{ repository, search, inbox, findSender, clock, newId },
      onFailure: (err, connection) => log.error({ err, connection }, 'an HL7 message could not be taken'),
    },
    connections,
  );
  const csv = createCsvDoor({ content, repository, inbox, clock, newId });
  return { hl7v2, csv, again: { hl7v2: hl7v2.takeAgain, csv: csv.takeAgain } };
}
