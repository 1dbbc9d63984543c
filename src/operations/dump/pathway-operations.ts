/** A planned pathway as operations: the person, the pathway and its forms, which refer to each other by names of their own. */
import type { JsonObject, QuestionnaireResponse } from '../../fhir/types.ts';
import { fromCells } from '../../registry/dump/from-cells.ts';
import { oldSystem } from '../../registry/dump/solution.ts';
import { CHANGE_REASON } from '../../registry/form/lock.ts';
import { EPISODE_EXTENSION } from '../../registry/form/pathway.ts';
import { PLANNED_FORM } from '../../registry/schedule/planned-form.ts';
import { FORLOPS_ID, PASIENT_ID, withIdentifier } from '../../registry/person/register-identifiers.ts';
import type { CreateOperation } from '../../repository/operation.ts';
import { pathwaySystem } from './find-known.ts';
import { type FormPlan, isOfSameForm, type PathwayPlan } from './plan-pathway.ts';
import type { DumpLayout } from './tables.ts';

/** A pathway that is to be stored, and whose it is. */
export interface Ready {
  readonly plan: PathwayPlan;
  /** The person as the forms see them. */
  readonly person: JsonObject;
  /** `Patient/<id>` of somebody who is here; else the name of the Patient that comes with the pathway. */
  readonly personName: string;
  readonly isNewPerson: boolean;
  /** Name of the pathway within the write. */
  readonly name: string;
  /** Numbers of the register's own, for a dump that has GUIDs. */
  readonly numbers?: { readonly person: string; readonly pathway: string };
  /** The answers, made once however often the write is tried. */
  readonly responses: readonly QuestionnaireResponse[];
}

export const personOperation = ({ person, personName, numbers }: Ready, at: string): CreateOperation => ({
  kind: 'create',
  type: 'Patient',
  resource: numbers === undefined ? person : withIdentifier(person, PASIENT_ID, numbers.person),
  matchPerson: true,
  fullUrl: personName,
  at,
});

export function pathwayOperations(ready: Ready, layout: DumpLayout, at: string): readonly CreateOperation[] {
  return [
    { kind: 'create', type: 'EpisodeOfCare', resource: episodeOf(ready, layout), fullUrl: ready.name, at },
    ...ready.responses.map((response) => ({
      kind: 'create' as const,
      type: 'QuestionnaireResponse',
      resource: response as unknown as JsonObject,
      at,
    })),
  ];
}

function episodeOf(
  { plan, personName, numbers }: Pick<Ready, 'plan' | 'personName' | 'numbers'>,
  { solution }: DumpLayout,
): JsonObject {
  const { gathered, status, start, end, unit } = plan;
  const old = { system: pathwaySystem(solution), value: gathered.key };
  const own = numbers === undefined ? [] : [{ system: FORLOPS_ID, value: numbers.pathway }];
  return {
    resourceType: 'EpisodeOfCare',
    identifier: [...own, old],
    status,
    type: (gathered.module.schedule.pathwayType ?? []) as unknown as JsonObject[],
    patient: { reference: personName },
    managingOrganization: { reference: `Organization/${unit}` },
    ...((start !== '' || end !== '') && {
      period: { ...(start !== '' && { start }), ...(end !== '' && { end }) },
    }),
  };
}

/** The forms that the dump has of the pathway. */
export function responsesOf(
  ready: Omit<Ready, 'responses'>,
  layout: DumpLayout,
  now: Date,
): readonly QuestionnaireResponse[] {
  const episode = { ...episodeOf(ready, layout), id: ready.name };
  const context = { now, launch: { patient: { ...ready.person, id: ready.personName }, episode } };
  return ready.plan.forms.map((form) => {
    const { table, cells, rows } = form;
    const tables = ready.plan.gathered.module.tables.filter((each) => isOfSameForm(each, table));
    return fromCells(
      { form: table.form, tables, cells, rows },
      headOf(form, ready, layout),
      layout.codes,
      context,
    );
  });
}

function headOf(
  { table, status, authored, reason, guid }: FormPlan,
  { personName, name }: Omit<Ready, 'responses'>,
  { solution }: DumpLayout,
): Omit<QuestionnaireResponse, 'item'> {
  const system = oldSystem(solution, 'form');
  return {
    resourceType: 'QuestionnaireResponse',
    extension: [
      { url: EPISODE_EXTENSION, valueReference: { reference: name } },
      ...(table.planned === undefined ? [] : [{ url: PLANNED_FORM, valueCode: table.planned }]),
      ...(reason === '' ? [] : [{ url: CHANGE_REASON, valueString: reason }]),
    ],
    ...(system !== undefined && guid !== '' && { identifier: { system, value: guid } }),
    questionnaire: table.form.canonical,
    status,
    subject: { reference: personName },
    ...(authored !== '' && { authored }),
  };
}
