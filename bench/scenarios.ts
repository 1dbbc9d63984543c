/** What is measured: each request over HTTP, and as plain SQL that reads or writes the same rows. */
import type pg from 'pg';
import { hash32, hash64 } from '../src/fhir/id.ts';
import { IDENTIFIER_SYSTEMS } from '../src/fhir/identifiers.ts';
import { typeCode } from '../src/fhir/resource-types.ts';
import { idOf, type Send } from './client.ts';
import { countsOf, rawWriter, rowsWrittenWith } from './raw-rows.ts';
import { observation, patient, personNumbers, response, transaction } from './synthetic.ts';

export interface Scenario {
  readonly name: string;
  /** Resources that one request stores or answers. */
  readonly resources: number;
  readonly overHttp: () => Promise<void>;
  readonly raw: () => Promise<void>;
}

export interface Scenarios {
  readonly list: readonly Scenario[];
  /** A patient with an encounter and 98 observations, all stored by one transaction. */
  readonly template: string;
}

const FORM = 'application/x-www-form-urlencoded';
/** More than there are clients: each patches one that nobody else holds. */
const PATCHED = 64;
const JSON_PATCH = 'application/json-patch+json';

/** Store what is needed and make the list. `pool` writes the plain rows into tables of their own (raw-rows.ts). */
export async function prepareScenarios(send: Send, pool: pg.Pool): Promise<Scenarios> {
  const numbers = personNumbers();
  const next = (): string => numbers.next().value;
  let count = 100;
  const first = next();
  const post = (type: string, resource: object): Promise<string> =>
    send('POST', type, JSON.stringify(resource));

  const patientId = idOf(await post('Patient', patient(first)));
  const subject = `Patient/${patientId}`;
  const observationId = idOf(await post('Observation', observation(subject, 0)));
  const responseId = idOf(await post('QuestionnaireResponse', response(subject, 100, 0)));
  const template = /Patient\/([^/"]+)/.exec(await post('', transaction(next(), 1)))?.[1] ?? '';
  const patched = await manyObservations(post, subject);
  const patch = async (): Promise<void> => {
    const operations = [{ op: 'replace', path: '/valueInteger', value: count++ % 11 }];
    await send('PATCH', `Observation/${patched[count % PATCHED]}`, JSON.stringify(operations), JSON_PATCH);
  };
  for (let n = 0; n < PATCHED; n++) {
    await patch();
  }

  const write = async (name: string, resourceId: string): Promise<() => Promise<void>> => {
    const rows = await rowsWrittenWith(pool, resourceId);
    console.log(`One ${name} leaves rows: ${countsOf(rows)}`);
    return rawWriter(pool, name, rows);
  };
  const writers = {
    patient: await write('Patient', patientId),
    observation: await write('Observation', observationId),
    patch: await write('patch', patched[0] ?? ''),
    response: await write('QuestionnaireResponse', responseId),
    transaction: await write('transaction', template),
  };
  const day = new Date(Date.UTC(2026, 0, 1)).toISOString().slice(0, 10);
  const search = (type: string, fields: Record<string, string>) => async (): Promise<void> => {
    await send('POST', `${type}/_search`, new URLSearchParams(fields).toString(), FORM);
  };

  return {
    template,
    list: [
      {
        name: 'read Patient',
        resources: 1,
        overHttp: async () => void (await send('GET', subject)),
        raw: query(pool, 'read', 'select content from resource where type = $1 and id = $2', [
          typeCode('Patient'),
          patientId,
        ]),
      },
      {
        name: 'create Patient',
        resources: 1,
        overHttp: async () => void (await post('Patient', patient(next()))),
        raw: writers.patient,
      },
      {
        name: 'create Observation',
        resources: 1,
        overHttp: async () => void (await post('Observation', observation(subject, count++))),
        raw: writers.observation,
      },
      {
        name: 'create QuestionnaireResponse, 100 items',
        resources: 1,
        overHttp: async () => void (await post('QuestionnaireResponse', response(subject, 100, count++))),
        raw: writers.response,
      },
      {
        name: 'patch Observation',
        resources: 1,
        overHttp: patch,
        raw: writers.patch,
      },
      {
        name: 'search Patient by identifier',
        resources: 1,
        overHttp: search('Patient', { identifier: `${IDENTIFIER_SYSTEMS.fnr}|${first}` }),
        raw: query(
          pool,
          'search_identifier',
          `select r.content from idx_token t join resource r on r.cmp = t.cmp and r.rid = t.rid
           where t.type = $1 and t.param = $2 and t.h = $3 order by t.d desc, t.rid limit 50`,
          [typeCode('Patient'), hash32('identifier'), await identifierOf(pool, patientId)],
        ),
      },
      {
        name: 'search Observation by patient, code and date',
        resources: 50,
        overHttp: search('Observation', {
          patient: `Patient/${template}`,
          code: 'http://loinc.org|72514-3',
          date: `ge${day}`,
        }),
        raw: query(
          pool,
          'search_patient',
          `select r.content from resource r
           where r.patient = $1 and r.type = $2 and r.d_lo >= $3 and exists (
             select from idx_token t where t.type = r.type and t.rid = r.rid and t.param = $4 and t.h = $5)
           order by r.d_lo desc, r.rid desc limit 50`,
          [template, typeCode('Observation'), day, hash32('code'), hash64('http://loinc.org|72514-3')],
        ),
      },
      {
        name: 'transaction of 100',
        resources: 100,
        overHttp: async () => void (await post('', transaction(next(), count++))),
        raw: writers.transaction,
      },
    ],
  };
}

async function manyObservations(
  post: (type: string, resource: object) => Promise<string>,
  subject: string,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let n = 0; n < PATCHED; n++) {
    ids.push(idOf(await post('Observation', observation(subject, n))));
  }
  return ids;
}

/** What the index has of a person's identifier: the hash of a reference, which nobody can compute from the number. */
async function identifierOf(pool: pg.Pool, patientId: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ h: string }>(
    `select t.h from resource r join idx_token t on t.cmp = r.cmp and t.type = r.type and t.rid = r.rid
     where r.type = $1 and r.id = $2 and t.param = $3 limit 1`,
    [typeCode('Patient'), patientId, hash32('identifier')],
  );
  return rows[0]?.h;
}

const query =
  (pool: pg.Pool, name: string, text: string, values: readonly unknown[]) => async (): Promise<void> => {
    const { rows } = await pool.query({ name, text, values: [...values] });
    if (rows.length === 0) {
      throw new Error(`The plain ${name} finds nothing: its figures would mean nothing.`);
    }
  };
