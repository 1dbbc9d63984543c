/**
 * The resources that a form is filled from: what an EHR session has brought, and what has been received. Of everything that was
 * received it is kept which organisation sent it, so that the page can say so.
 */
import { typeCode } from '../../fhir/resource-types.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import type { SearchService } from '../../repository/search.ts';
import type { Row } from '../../storage/store.ts';
import { REGISTER, senderOf } from '../../sdc/answer-source.ts';
import { besidesEhr, type FetchedResources, ofEhr } from './fetched.ts';

export interface FormSources {
  /** The resources of a form's query. */
  matching(query: string): Promise<readonly Resource[]>;
  /** What those who have sent them are called, by the `system` of a source. */
  names(): Promise<ReadonlyMap<string, string>>;
}

/** What of that which was received may fill a form. */
export type IsSource = (row: Pick<Row, 'type' | 'labels'>) => boolean;

/** The sources of one caller. Throws what a search throws. */
export function formSources(
  { repository, search }: { readonly repository: Repository; readonly search: SearchService },
  caller: Caller,
  fetched: FetchedResources | undefined,
  isSource: IsSource = () => true,
): FormSources {
  const units = new Map<string, string>();
  return {
    async matching(query) {
      const [type = '', parameters = ''] = query.split('?', 2);
      const given = (fetched?.resources ?? [])
        .filter(({ resourceType }) => resourceType === type)
        .map((resource) => ofEhr(resource, fetched?.ehr));
      const found = await search.search(caller, type, new URLSearchParams(parameters), { lenient: true });
      const received = found.matches.filter(isSource).map(({ content, labels }) => {
        const resource = parseJson(content) as unknown as Resource;
        const sender = senderOf(resource);
        if (sender !== undefined && sender !== REGISTER && labels.unit !== null) {
          units.set(sender, labels.unit);
        }
        return resource;
      });
      return [...given, ...besidesEhr(received, given)];
    },
    names: () => namesOf(repository, caller, units),
  };
}

/** One query for all of them; an organisation that the caller may not read has no name. */
async function namesOf(
  repository: Repository,
  caller: Caller,
  units: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  if (units.size === 0) {
    return new Map();
  }
  const rows = await repository.select(caller, {
    text: 'r.type = $1 and r.id = any($2)',
    values: [typeCode('Organization'), [...new Set(units.values())]],
  });
  const names = new Map(
    rows.map(({ id, content }) => [id, (parseJson(content) as { readonly name?: string }).name]),
  );
  return new Map(
    [...units].flatMap(([sender, unit]) => {
      const name = names.get(unit);
      return name === undefined ? [] : [[sender, name] as const];
    }),
  );
}
