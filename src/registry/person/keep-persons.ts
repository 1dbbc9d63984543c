/**
 * A person with a pathway in a register is not deleted by a sender: the pathway would be about nobody.
 */
import { FhirError, error } from '../../fhir/outcome.ts';
import type { WriteRule } from '../../repository/rules.ts';
import { rowsOfPatientSql } from '../../repository/rows.ts';
import type { RowRecord } from '../../storage/row.ts';

export const keepPersons: WriteRule = {
  name: 'keep-persons',
  async apply(scope) {
    const deleted = scope.pending().filter(({ type, effect }) => type === 'Patient' && effect === 'deleted');
    for (const { id, operation } of deleted) {
      const pathways = await scope.query<RowRecord>(rowsOfPatientSql(id, ['EpisodeOfCare']));
      if (pathways.some(({ reg }) => reg !== null)) {
        throw new FhirError(
          409,
          error(
            'conflict',
            'This person has a pathway in a register, and cannot be deleted while it is there.',
            operation.at ?? 'Patient',
            'person-in-register',
          ),
        );
      }
    }
    return [];
  },
};
