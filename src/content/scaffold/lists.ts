/** The lists of a new register: one of answers with its old codes, the names of variables, what its pathway and referral are called. */
import type { JsonObject } from '../../fhir/types.ts';
import { artefact, BASE, canonical, concept, type Head, type Texts } from './artefacts.ts';

const SEVERITIES: readonly (readonly [code: string, old: string, texts: Texts])[] = [
  ['mild', '1', { nb: 'Lett', nn: 'Lett', en: 'Mild' }],
  ['moderate', '2', { nb: 'Moderat', nn: 'Moderat', en: 'Moderate' }],
  ['severe', '3', { nb: 'Alvorlig', nn: 'Alvorleg', en: 'Severe' }],
  ['unknown', '9', { nb: 'Vet ikke', nn: 'Veit ikkje', en: 'Do not know' }],
];

export const VARIABLES: readonly (readonly [code: string, display: string])[] = [
  ['REGISTERED_DATE', 'Registreringsdato'],
  ['SEVERITY', 'Alvorlighetsgrad'],
  ['SEVERITY_WHY', 'Hva som gjør tilstanden alvorlig'],
];

export interface ListOwner {
  readonly id: string;
  readonly name: string;
  readonly publisher: string;
  readonly date: string;
}

/** What stands at the head of one of the register's lists. */
export const listHead = (
  { id, name, publisher, date }: ListOwner,
  part: string,
  title: string,
  description: string,
): Head => ({ id: `${id}-${part}`, title: `${name}: ${title}`, description, publisher, date });

/** A code system that is whole. */
export const codeSystem = (head: Head, concepts: readonly JsonObject[]): JsonObject =>
  artefact('CodeSystem', head, { caseSensitive: true, content: 'complete', concept: concepts });

/** What the register's pathways are called, and the referrals that open them. */
export const pathwayLists = (owner: ListOwner): readonly JsonObject[] => [
  codeSystem(listHead(owner, 'pathway', 'forløp', 'Forløpene som registeret har.'), [
    concept('forlop', { nb: 'Forløp', nn: 'Forløp', en: 'Pathway' }),
  ]),
  codeSystem(listHead(owner, 'service', 'tjeneste', 'Henvisningene som åpner et forløp.'), [
    concept('henvisning', { nb: 'Henvisning', nn: 'Tilvising', en: 'Referral' }),
  ]),
];

/** Code systems, value sets and the map to old codes, in the order in which they refer to each other. */
export function lists(owner: ListOwner): readonly JsonObject[] {
  const { id } = owner;
  const head = (part: string, title: string, description: string): Head =>
    listHead(owner, part, title, description);
  const codes = codeSystem;
  const system = (part: string): string => `${BASE}/CodeSystem/${id}-${part}`;
  return [
    ...pathwayLists(owner),
    codes(
      head('variable', 'variabelnavn', 'Kolonnenavnene i datadumpen. Står som item.code i skjemaene.'),
      VARIABLES.map(([code, display]) => ({ code, display })),
    ),
    codes(
      head('severity', 'alvorlighetsgrad', 'Alvorlighetsgrad ved registrering.'),
      SEVERITIES.map(([code, , texts]) => concept(code, texts)),
    ),
    artefact('ValueSet', head('severity', 'alvorlighetsgrad', 'Svarene som behandleren velger mellom.'), {
      compose: {
        include: [{ system: system('severity'), concept: SEVERITIES.map(([code]) => ({ code })) }],
      },
    }),
    artefact(
      'ConceptMap',
      head('legacy-severity', 'alvorlighetsgrad til kode i datadumpen', 'Tallkodene i datadumpen.'),
      {
        sourceCanonical: canonical('ValueSet', `${id}-severity`),
        group: [
          {
            source: system('severity'),
            target: `${legacyCodes(id)}SEVERITY`,
            element: SEVERITIES.map(([code, old]) => ({
              code,
              target: [{ code: old, equivalence: 'equivalent' }],
            })),
          },
        ],
      },
    ),
  ];
}

/** What the systems of old codes begin with. */
export const legacyCodes = (id: string): string => `${BASE}/NamingSystem/${id}-old/`;
