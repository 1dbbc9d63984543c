/** The searches that are measured. */
export interface Shape {
  readonly name: string;
  /** `Patient/p1/Observation` = in a compartment; undefined = everything. */
  readonly type: string | undefined;
  readonly query: string;
  /** Which page is measured. */
  readonly page?: number;
  /** The answer is the same however large the store is. */
  readonly isFlat: boolean;
}

const COMMON = 'code=http://loinc.org|common';
const shape = (
  name: string,
  type: string | undefined,
  query: string,
  isFlat = true,
  page?: number,
): Shape => ({
  name,
  type,
  query,
  isFlat,
  ...(page !== undefined && { page }),
});

export const shapes: readonly Shape[] = [
  shape('identifier', 'Patient', 'identifier=http://example.org/id|id-77'),
  shape('patient, code, date', 'Observation', `patient=p77&${COMMON}&date=ge2015`),
  shape('common code, newest first', 'Observation', `${COMMON}&_sort=-date&_count=20`),
  shape('common code, oldest first', 'Observation', `${COMMON}&_sort=date&_count=20`),
  shape('common code in a year', 'Observation', `${COMMON}&date=2016&_count=20`),
  shape('common code before', 'Observation', `${COMMON}&date=lt2015-02&_count=20`),
  shape('common code and status', 'Observation', `${COMMON}&status=amended&_count=20`),
  shape('rare code', 'Observation', 'code=http://loinc.org|rare'),
  shape('rare code, common category', 'Observation', 'code=http://loinc.org|rare&category=vital-signs'),
  shape('common code, rare performer', 'Observation', `${COMMON}&performer=Practitioner/doc39`),
  shape('absent code', 'Observation', 'code=http://loinc.org|none'),
  shape('code or code', 'Observation', 'code=http://loinc.org|rare,http://loinc.org|none'),
  shape('a day', 'Observation', 'date=2017-03-04&_count=20'),
  shape('since a day', 'Observation', 'date=ge2025-12-12&_count=20'),
  shape('newest of a type', 'Observation', '_sort=-date&_count=20'),
  shape('name prefix, common', 'Patient', 'name=han&_count=20'),
  shape('name prefix, rare', 'Patient', 'name=qvist'),
  shape('sort by name', 'Patient', 'gender=female&_sort=family,given&_count=20', false),
  shape('sort by code', 'Observation', 'patient=p77&_sort=code'),
  shape('chain, few', 'Observation', 'subject:Patient.name=qvist'),
  shape('chain, many', 'Observation', 'subject:Patient.gender=female&_count=20'),
  shape(
    'chain, many, with code',
    'Observation',
    `subject:Patient.gender=female&${COMMON}&_sort=-date&_count=20`,
  ),
  shape('chain, three steps', 'Provenance', 'target:Observation.subject:Patient.organization.name=Sykehus 9'),
  shape('_has, few', 'Patient', '_has:Observation:patient:code=http://loinc.org|rare'),
  shape('_has, many', 'Patient', '_has:Observation:patient:code=http://loinc.org|common&_count=20'),
  shape('_has, not by column', 'Practitioner', '_has:Observation:performer:code=http://loinc.org|common'),
  shape(
    '_has in _has',
    'Practitioner',
    '_has:Observation:performer:_has:Provenance:target:agent=Practitioner/doc39',
  ),
  shape('_include', 'Observation', `${COMMON}&_include=Observation:patient&_count=20`),
  shape('_include *', 'Observation', `${COMMON}&_include=*&_count=20`),
  shape('_revinclude', 'Patient', 'name=qvist&_revinclude=Observation:patient'),
  shape('_revinclude, token', 'Encounter', 'patient=p77&_revinclude=Observation:encounter'),
  shape('_revinclude *', 'Patient', '_id=p77&_revinclude=*'),
  shape(
    'iterate',
    'Observation',
    'patient=p77&_include=Observation:patient&_include:iterate=Patient:organization&_include:iterate=Organization:partof',
  ),
  shape('count, rare', 'Observation', 'code=http://loinc.org|rare&_summary=count'),
  shape('count, common', 'Observation', `${COMMON}&_summary=count`, false),
  shape('estimate, common', 'Observation', `${COMMON}&_total=estimate&_count=20`, false),
  shape('page 1', 'Observation', `${COMMON}&_count=20`),
  shape('page 200', 'Observation', `${COMMON}&_count=20`, true, 200),
  shape('page 200 by name', 'Patient', '_sort=family&_count=20', false, 200),
  shape('compartment of a patient', 'Patient/p77/Observation', `${COMMON}`),
  shape('compartment, everything', 'Patient/p77/*', ''),
  shape('compartment of a practitioner', 'Practitioner/doc39/Observation', ''),
  shape('list', 'Patient', '_list=few'),
  shape(
    'filter',
    'Observation',
    '_filter=subject.name eq "qvistgaard" and (code eq http://loinc.org|rare or status eq amended)',
  ),
  shape('everything, by id', undefined, '_id=p77'),
  shape('everything since', undefined, '_lastUpdated=gt2040'),
];
