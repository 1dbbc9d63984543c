/**
 * HL7's own cases for validators (https://github.com/FHIR/fhir-test-cases, folder `validator`), R4, against what its Java
 * validator found: does a case have an error or not? Differences are listed in validator-disagreements.ts.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { loadR4 } from '../../src/content/r4.ts';
import type {
  CodeSystem,
  ConceptMap,
  JsonObject,
  Questionnaire,
  Resource,
  StructureDefinition,
  ValueSet,
} from '../../src/fhir/types.ts';
import { createTerminology, type Terminology } from '../../src/terminology/terminology.ts';
import { checkResponse } from '../../src/validation/response/check-response.ts';
import { createValidator } from '../../src/validation/validator.ts';
import { NOT_REPORTED, ONLY_HERE } from './validator-disagreements.ts';

interface Case {
  readonly name: string;
  readonly kind: 'base' | 'profile';
  readonly module: string;
  /** Absent when it is that of the case before. */
  readonly resource?: JsonObject;
  readonly artefacts: readonly string[];
  readonly profiles: readonly string[];
  /** What the Java validator reports as errors. */
  readonly errors: readonly { readonly at: string; readonly text: string }[];
}

const [first = '', ...lines] = gunzipSync(
  readFileSync(new URL('data/validator/cases.ndjson.gz', import.meta.url)),
)
  .toString('utf8')
  .split('\n');
const { artefacts } = JSON.parse(first) as { artefacts: Readonly<Record<string, Resource>> };
const cases = lines.map((line) => JSON.parse(line) as Case);
const resources = new Map(cases.flatMap(({ name, resource }) => (resource ? [[name, resource]] : [])));

/** Whether we find an error in the case. A profile that cannot be used is one. */
function hasError({ name, artefacts: names, profiles }: Case): boolean {
  const own = names.map((file) => artefacts[file] as Resource);
  const of = <T extends Resource>(type: T['resourceType']): readonly T[] =>
    own.filter((artefact): artefact is T => artefact.resourceType === type);
  const terminology = createTerminology({
    r4: loadR4(),
    valueSets: of<ValueSet>('ValueSet'),
    codeSystems: of<CodeSystem>('CodeSystem'),
    conceptMaps: of<ConceptMap>('ConceptMap'),
  });
  const validator = createValidator({
    r4: loadR4(),
    profiles: of<StructureDefinition>('StructureDefinition'),
    terminology,
  });
  const resource = resources.get(name) ?? {};
  try {
    const issues = [
      ...validator.validate(resource, { profiles }),
      ...formIssues(resource, of<Questionnaire>('Questionnaire'), terminology),
    ];
    return issues.some(({ severity }) => severity === 'error' || severity === 'fatal');
  } catch {
    return true;
  }
}

function formIssues(resource: JsonObject, forms: readonly Questionnaire[], terminology: Terminology) {
  const named = resource['resourceType'] === 'QuestionnaireResponse' ? resource['questionnaire'] : undefined;
  const url = typeof named === 'string' ? named.split('|', 1)[0] : undefined;
  const contained = (resource['contained'] ?? []) as readonly JsonObject[];
  const form =
    forms.find((questionnaire) => questionnaire.url === url) ??
    (contained.find(({ id }) => url === `#${String(id)}`) as unknown as Questionnaire | undefined);
  return form === undefined ? [] : checkResponse(form, resource, terminology);
}

const label = ({ name, kind }: Case): string => `${name} ${kind}`;

describe("HL7's cases for validators", () => {
  const judged = cases.map((one) => ({ one, expected: one.errors.length > 0, found: hasError(one) }));
  const missed = judged.filter(({ expected, found }) => expected && !found).map(({ one }) => label(one));
  const alarms = judged.filter(({ expected, found }) => !expected && found).map(({ one }) => label(one));

  it('find no error here that is not explained.', () => {
    expect(alarms.toSorted()).toEqual(Object.keys(ONLY_HERE).toSorted());
  });

  it('have no error that is missed without a reason.', () => {
    expect(missed.toSorted()).toEqual(Object.values(NOT_REPORTED).flat().toSorted());
  });

  it('are judged as the Java validator does, but for few of those that can be judged here.', () => {
    const expected = judged.filter((each) => each.expected).length;
    const gaps = NOT_REPORTED['not done'].length;
    const elsewhere = missed.length - gaps;
    const recall = (expected - missed.length) / (expected - elsewhere);

    expect(cases.length).toBeGreaterThanOrEqual(550);
    expect(recall).toBeGreaterThan(0.92);
  });
});
