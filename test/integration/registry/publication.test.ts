/** `ryggrad register load`: what would be written is said before it is, and writing it twice is writing it once. */
import { SYSTEM } from '../../../src/access/principal.ts';
import { typeCode } from '../../../src/fhir/resource-types.ts';
import type { CodeSystem, Resource } from '../../../src/fhir/types.ts';
import { openForms } from '../../../src/registry/publication/open-forms.ts';
import {
  type PlannedArtefact,
  planPublication,
  publishSome,
} from '../../../src/registry/publication/publish-content.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { content } from '../../content/fill-form.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';

const caller = { principal: SYSTEM, requestId: 'publication', interaction: 'test' };
const [list] = content.codeSystems.all().filter(({ id }) => id?.endsWith('-variable'));
const changed: CodeSystem = { ...(list as CodeSystem), description: 'En annen beskrivelse.' };
const added: CodeSystem = {
  ...(list as CodeSystem),
  id: 'publication-test',
  url: 'https://ryggrad.no/fhir/CodeSystem/publication-test',
};
const others = content.artefacts.filter((artefact) => artefact !== (list as Resource));

let server: TestApp;

beforeAll(async () => {
  server = await startTestApp();
});
afterAll(() => server[Symbol.asyncDispose]());

const effects = (planned: readonly PlannedArtefact[]): readonly string[] =>
  planned
    .filter(({ effect }) => effect !== 'unchanged')
    .map(({ artefact, effect }) => `${effect} ${artefact.resourceType}/${artefact.id ?? ''}`);

const versionsOf = async ({ resourceType, id }: Resource): Promise<readonly number[]> => {
  const rows = await server.app.repository.select(caller, {
    text: 'r.type = $1 and r.id = $2',
    values: [typeCode(resourceType) ?? 0, id],
  });
  return rows.map(({ versionId }) => Number(versionId));
};

describe('Content that is loaded into the store', () => {
  it('has nothing to write when it is what the server started with.', async () => {
    const planned = await planPublication(server.app.repository, content.artefacts);

    expect(planned.length).toBeGreaterThan(500);
    expect(effects(planned)).toEqual([]);
  });

  it('is told beforehand by what would come of each artefact, and nothing is written.', async () => {
    const planned = await planPublication(server.app.repository, [...others, changed, added]);

    expect(effects(planned)).toEqual([
      `updated CodeSystem/${changed.id ?? ''}`,
      'created CodeSystem/publication-test',
    ]);
    expect(await versionsOf(changed)).toEqual([1]);
    expect(await versionsOf(added)).toEqual([]);
  });

  it('is written as it was told, and a second time not at all.', async () => {
    const first = await publishSome(server.app.repository, [changed, added]);
    const second = await publishSome(server.app.repository, [changed, added]);

    expect(effects(first)).toEqual([
      `updated CodeSystem/${changed.id ?? ''}`,
      'created CodeSystem/publication-test',
    ]);
    expect(effects(second)).toEqual([]);
    expect([await versionsOf(changed), await versionsOf(added)]).toEqual([[2], [1]]);
  });
});

describe('The forms that are open', () => {
  it('are counted by version: none in a store that is empty.', async () => {
    expect(await openForms(server.database.app.as(EVERYTHING))).toEqual([]);
  });
});
