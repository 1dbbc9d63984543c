/** One stored resource: in words, its versions, what made it, what it refers to and what refers to it. */
import type { StaffPrincipal } from '../../access/principal.ts';
import { hash32, hash64 } from '../../fhir/id.ts';
import { parseJson } from '../../fhir/json.ts';
import { notFound } from '../../fhir/outcome.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject, Provenance } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { HistoryRow, Sql } from '../../storage/store.ts';
import type { ResourceModel, ResourceQuery, ResourceVersion } from '../models/resource-view.ts';
import {
  changedElements,
  elementLines,
  masked,
  referencesIn,
  resourceHref,
  titleOf,
} from './resource-words.ts';
import { callerOf, type Sources } from './sources.ts';

const PAGE = 25;
const MOST_REFERRERS = 1000;
const MOST_VERSIONS = 200;
const MOST_REFERENCES = 200;

/** Throws 404 for what is not there or what the reader may not see, 410 for what is deleted. */
export async function resourcePage(
  sources: Sources,
  principal: StaffPrincipal,
  { type, id, compare, page }: ResourceQuery,
): Promise<ResourceModel> {
  if (typeCode(type) === undefined || type === 'AuditEvent') {
    throw notFound(type, id);
  }
  const caller = callerOf(sources, principal, 'resource');
  const { repository } = sources;
  const row = await repository.read(caller, { type, id });
  const resource = masked(parseJson(row.content) as JsonObject) as JsonObject;
  const history = await repository.history(caller, { type, id, count: MOST_VERSIONS });
  const referrers = await referrersOf(sources, caller, { type, id, patient: patientOf(type, resource) });
  const shown = referrers.slice(0, MOST_REFERRERS);
  const pages = Math.max(1, Math.ceil(shown.length / PAGE));
  const at = Math.min(Math.max(1, page), pages);
  const compared = comparison(history, compare);
  return {
    type,
    id,
    title: titleOf(resource),
    lines: elementLines(resource),
    versions: history.map(toVersion),
    ...(compared !== undefined && { compared }),
    provenance: referrers.flatMap(({ resource: own }) => toProvenance(own, `${type}/${id}`)),
    refersTo: referencesIn(resource).slice(0, MOST_REFERENCES),
    referredBy: shown
      .slice((at - 1) * PAGE, at * PAGE)
      .map((one) => ({ reference: `${one.type}/${one.id}`, type: one.type, at: one.at })),
    page: at,
    pages,
    isCut: referrers.length > MOST_REFERRERS,
    json: JSON.stringify(resource, undefined, 2),
  };
}

const whoOf = (content: string): string =>
  ((parseJson(content) as { readonly meta?: { readonly source?: string } }).meta?.source ?? '').replace(
    /^urn:ryggrad:(?:user|client):/,
    '',
  );

const toVersion = ({ versionId, lastUpdated, content }: HistoryRow): ResourceVersion => ({
  version: String(versionId),
  at: lastUpdated,
  who: content === null ? '' : whoOf(content),
  isDeletion: content === null,
});

function comparison(
  history: readonly HistoryRow[],
  compare: ResourceQuery['compare'],
): ResourceModel['compared'] | undefined {
  const contentOf = (version: string | undefined): JsonObject | undefined => {
    const content = history.find(({ versionId }) => String(versionId) === version)?.content;
    return content == null ? undefined : (masked(parseJson(content) as JsonObject) as JsonObject);
  };
  const [before, after] = [contentOf(compare?.from), contentOf(compare?.to)];
  return compare === undefined || before === undefined || after === undefined
    ? undefined
    : { ...compare, changes: changedElements(before, after) };
}

/** The person whose rows it lies among: those are looked through for references to it. */
function patientOf(type: string, resource: JsonObject): string | undefined {
  if (type === 'Patient') {
    return resource['id'] as string;
  }
  const [patient] = referencesIn(
    (resource['subject'] ?? resource['patient'] ?? resource['for'] ?? null) as JsonObject,
  );
  return patient?.startsWith('Patient/') === true ? patient.slice('Patient/'.length) : undefined;
}

/** Without the version. */
const bare = (reference: string): string => reference.split('/_history/')[0] ?? reference;

interface Referring {
  readonly type: string;
  readonly id: string;
  readonly at: string;
  readonly resource: JsonObject;
}

/** References from outside of the person's own rows, by search parameter. */
const FROM_OTHERS: readonly (readonly [type: string, parameter: string])[] = [
  ['Provenance', 'target'],
  ['Provenance', 'entity'],
  ['Provenance', 'agent'],
  ['PractitionerRole', 'practitioner'],
  ['PractitionerRole', 'location'],
  ['Encounter', 'location'],
  ['QuestionnaireResponse', 'author'],
  ['Location', 'partof'],
  ['List', 'item'],
];

/** What refers to it and may be seen by the reader, newest first. */
async function referrersOf(
  { repository }: Sources,
  caller: Caller,
  target: { readonly type: string; readonly id: string; readonly patient: string | undefined },
): Promise<readonly Referring[]> {
  const rows = await repository.select(caller, referrersSql(target));
  return rows
    .filter(({ type, id }) => type !== target.type || id !== target.id)
    .map(({ type, id, lastUpdated, content }) => ({
      type,
      id,
      at: lastUpdated,
      resource: masked(parseJson(content) as JsonObject) as JsonObject,
    }))
    .filter(({ resource }) =>
      referencesIn(resource).some((one) => bare(one) === `${target.type}/${target.id}`),
    )
    .toReversed();
}

function referrersSql({
  type,
  id,
  patient,
}: {
  readonly type: string;
  readonly id: string;
  readonly patient: string | undefined;
}): Sql {
  const reference = `${type}/${id}`;
  return {
    text: `r.rid in (
        (select o.rid from resource o
          where o.patient = $1::text and o.content is not null and position($2::text in o.content) > 0
          order by o.rid desc limit $6::int)
        union
        (select t.rid from idx_token t
          join unnest($3::smallint[], $4::int[]) as p(type, param) on t.type = p.type and t.param = p.param
          where t.h = $5::bigint
          order by t.rid desc limit $6)
        union
        (select o.rid from resource o
          where $7::text = 'Organization' and o.org = $8::text and o.content is not null
          order by o.rid desc limit $6)
      )`,
    values: [
      patient ?? null,
      `"${reference}`, // a version of it, too
      FROM_OTHERS.map(([source]) => typeCode(source) ?? 0),
      FROM_OTHERS.map(([, parameter]) => hash32(parameter)),
      hash64(reference),
      MOST_REFERRERS + 1,
      type,
      id,
    ],
  };
}

function toProvenance(resource: JsonObject, reference: string): ResourceModel['provenance'] {
  const { resourceType, id, target, recorded, agent, entity } = resource as unknown as Provenance;
  const isAbout = target?.some((one) => one.reference?.split('/_history/')[0] === reference) === true;
  return resourceType !== 'Provenance' || !isAbout
    ? []
    : [
        {
          reference: `Provenance/${id ?? ''}`,
          at: recorded ?? '',
          agents: (agent ?? []).flatMap(
            ({ who }) => who?.display ?? who?.reference ?? who?.identifier?.value ?? [],
          ),
          sources: (entity ?? []).flatMap(({ what }) => {
            const text = what?.display ?? what?.reference ?? what?.identifier?.value;
            const href = what?.reference === undefined ? undefined : resourceHref(what.reference);
            return text === undefined ? [] : [href === undefined ? { text } : { text, href }];
          }),
        },
      ];
}
