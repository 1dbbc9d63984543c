/** All kinds of probes in one stream, the same for the same seed. */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { bundleProbes } from './bundles.ts';
import { headersOf } from './headers.ts';
import { operationProbes } from './operations.ts';
import { patchProbes } from './patches.ts';
import type { Probe } from './probe.ts';
import { jsonTextProbes, resourceProbes } from './resources.ts';
import { pathProbes, searchProbes } from './urls.ts';
import { xmlProbes } from './xml.ts';

const plain = [
  { weight: 22, arbitrary: resourceProbes },
  { weight: 10, arbitrary: jsonTextProbes },
  { weight: 7, arbitrary: xmlProbes },
  { weight: 12, arbitrary: bundleProbes },
  { weight: 8, arbitrary: patchProbes },
  { weight: 20, arbitrary: searchProbes },
  { weight: 7, arbitrary: pathProbes },
  { weight: 9, arbitrary: operationProbes },
];

const PACKERS: Readonly<Record<string, (body: string | Uint8Array) => Uint8Array>> = {
  gzip: (body) => gzipSync(body),
  br: (body) => brotliCompressSync(body),
};

const deletions: fc.Arbitrary<Probe> = fc
  .constantFrom('Observation/fuzz', 'Patient/nobody', 'Basic/fuzz-3', 'Observation?identifier=urn:fuzz|once')
  .map((path) => ({ kind: 'headers', method: 'DELETE', path, headers: {}, sender: 'ehr' }));

/** Any other probe, or a deletion, with many headers; what is said to be compressed mostly is. */
const headerProbes: fc.Arbitrary<Probe> = fc
  .tuple(fc.oneof(...plain, { weight: 4, arbitrary: deletions }), headersOf('many'), fc.boolean())
  .map(([probe, headers, isTrue]) => {
    const all = { ...probe.headers, ...headers };
    const coding = all['content-encoding'] ?? all['Content-Encoding'] ?? '';
    const pack = isTrue ? PACKERS[coding] : undefined;
    return {
      ...probe,
      kind: 'headers',
      headers: all,
      ...(probe.body !== undefined && pack !== undefined && { body: pack(probe.body) }),
    };
  });

const anyProbe: fc.Arbitrary<Probe> = fc.oneof(...plain, { weight: 5, arbitrary: headerProbes });

/** `count` probes; the slice numbered `slice` of the stream that the seed begins. */
export const probesOf = (seed: number, slice: number, count: number): readonly Probe[] =>
  fc.sample(anyProbe, { seed: seed + slice * 7919, numRuns: count });
