/** The person of a row in a list: the name that leads to the person's page, over the number. */
import type { ReactNode } from 'react';
import type { PatientHead } from '../view-models.ts';
import { formatNationalId } from './format.ts';

/** What a row calls the person: the name, or the number of one whose name is not shown. */
export const patientName = ({ id, name, patientNumber }: PatientHead): string => name ?? patientNumber ?? id;

export const PatientCell = ({
  patient,
  children,
}: {
  readonly patient: PatientHead;
  /** What else is to be said of the person in the list. */
  readonly children?: ReactNode;
}): ReactNode => (
  <th scope="row">
    <a href={`/pasient/${patient.id}`}>{patientName(patient)}</a>
    <span className="work-list__id">
      {patient.nationalId === undefined ? patient.patientNumber : formatNationalId(patient.nationalId)}
    </span>
    {children}
  </th>
);
