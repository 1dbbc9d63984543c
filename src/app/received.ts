/** The ways in, as what was refused is carried out again by them (docs/adr/0030). */
import { createXmlFormat } from '../fhir/xml.ts';
import { carryOut, type CarryOutDeps } from '../operations/inbox/carry-out.ts';
import type { ReplayDeps, TakeAgain } from '../operations/inbox/replay.ts';
import type { TakeSubset } from '../interactions/subset.ts';
import type { Engine, EngineOptions } from './engine.ts';
import type { People } from './people.ts';

export interface Received {
  /** What the FHIR interactions work with. */
  readonly interactions: CarryOutDeps;
  readonly received: ReplayDeps;
}

export function createReceived(
  { config }: EngineOptions,
  { repository, search, shapes }: Engine,
  { inbox, findSender }: People,
  subset: TakeSubset,
  doors: ReplayDeps['doors'],
): Received {
  const { fhirBase, maxBundleEntries } = config;
  const xml = createXmlFormat(shapes);
  const interactions = { repository, search, subset, fhirBase, maxBundleEntries, inbox, xml };
  const takeAgain: TakeAgain = (principal, sent) => carryOut(interactions, principal, sent);
  return {
    interactions,
    received: { inbox, findSender, doors: { ...doors, fhir: takeAgain, message: takeAgain } },
  };
}
