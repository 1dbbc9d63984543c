/**
 * Writes for tests of the store: small resources with just enough index rows.
 */
import { stringifyJson } from '../../src/fhir/json.ts';
import type { IndexEntry, Labels, Row, Write } from '../../src/storage/store.ts';

export const NO_LABELS: Labels = { register: null, unit: null, episode: null, national: false };

const NO_HOT = { patient: null, org: null, canon: null, status: null, dLo: null, dHi: null };

export const anIndex = (parts: Partial<IndexEntry> = {}): IndexEntry => ({
  hot: NO_HOT,
  tokens: [],
  dates: [],
  texts: [],
  numbers: [],
  ...parts,
});

/** Index of a resource about a patient. */
export const about = (patient: string, status: string | null = null): IndexEntry =>
  anIndex({ hot: { ...NO_HOT, patient, status } });

/** First version of a resource. */
export function aCreate(type: string, id: string, parts: Partial<Write> = {}): Write {
  return {
    type,
    id,
    versionId: 1,
    lastUpdated: '2026-01-01T12:00:00.000Z',
    content: stringifyJson({ resourceType: type, id, meta: { versionId: '1' } }),
    labels: NO_LABELS,
    index: anIndex(),
    uniqueKeys: [],
    previous: null,
    op: 'C',
    ...parts,
  };
}

/** Next version of a row that was read. */
export function anUpdate(previous: Row, parts: Partial<Write> = {}): Write {
  const versionId = previous.versionId + 1;
  return aCreate(previous.type, previous.id, {
    versionId,
    lastUpdated: `2026-01-0${versionId}T12:00:00.000Z`,
    content: stringifyJson({
      resourceType: previous.type,
      id: previous.id,
      meta: { versionId: String(versionId) },
    }),
    labels: previous.labels,
    previous,
    op: 'U',
    ...parts,
  });
}

export const aDeletion = (previous: Row, parts: Partial<Write> = {}): Write =>
  anUpdate(previous, { content: null, index: null, op: 'D', ...parts });
