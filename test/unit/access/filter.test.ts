/** The rows that a caller sees, as SQL (CO-04). What the text does to rows is in test/integration/repository. */
import { rowFilter } from '../../../src/access/filter.ts';
import { type Principal, SYSTEM } from '../../../src/access/principal.ts';
import { typeCode } from '../../../src/fhir/resource-types.ts';
import { analytics, ehr, staff } from './principals.ts';

const textOf = (principal: Principal): string => (rowFilter(principal)?.text ?? '').replaceAll(/\s+/g, ' ');
const valuesOf = (principal: Principal): readonly unknown[] | undefined => rowFilter(principal)?.values;

describe('The row filter', () => {
  it('is none for the server itself.', () => {
    expect(rowFilter(SYSTEM)).toBeUndefined();
  });

  it('shows an EHR what is shared, its own, and persons it has sent something about.', () => {
    expect(textOf(ehr)).toBe(
      `(r.unit is null or r.unit = any($1) or (r.type = ${typeCode('Patient') ?? 0} and row_from_unit(r.cmp, r.id, $1)))`,
    );
    expect(valuesOf(ehr)).toEqual([['hospital', 'clinic', 'client:ehr']]);
  });

  it('shows a department its register, and what EHRs sent about its persons.', () => {
    expect(textOf(staff('LU'))).toBe(
      '(r.unit is null or (r.unit = any($1) and (r.reg is null or r.reg = $2)) or (r.reg is null and exists ( ' +
        `select 1 from resource e where e.cmp = r.cmp and e.type = ${typeCode('EpisodeOfCare') ?? 0} and e.patient = r.patient ` +
        'and e.unit = any($1) and e.reg = $2 and e.content is not null)))',
    );
    expect(valuesOf(staff('LC'))).toEqual([['clinic'], 'pain']);
  });

  const store = `(r.unit is null or (r.natl and r.reg = any($1)) or (r.type = ${typeCode('Patient') ?? 0} and row_in_store(r.cmp, r.id, $1)))`;

  it('shows a national coordinator the national store of the own register, and who has reserved against it.', () => {
    expect(textOf(staff('SC'))).toBe(`(${store} or r.unit = $2)`);
    expect(valuesOf(staff('SC'))).toEqual([['pain'], 'reservation:pain']);
  });

  it('shows analytics the store, without those who work there, and with its own Subscriptions.', () => {
    const people = ['Practitioner', 'PractitionerRole', 'Person'].map(typeCode).join(',');

    expect(textOf(analytics)).toBe(
      `((${store} and not (r.type = any('{${people}}')))` +
        ` or (r.type = ${typeCode('Subscription') ?? 0} and r.unit = $2))`,
    );
    expect(valuesOf(analytics)).toEqual([['pain'], 'client:analytics']);
  });

  it('narrows a session that an EHR launched to the one person (AP-04).', () => {
    const launched = staff('LU', { launch: 'key', patient: 'p1' });

    expect(textOf(launched)).toContain('and (r.patient = $3 or (r.patient is null and r.unit is null))');
    expect(valuesOf(launched)).toEqual([['clinic'], 'pain', 'p1']);
    expect(valuesOf(staff('LU', { launch: 'key' }))).toEqual([['clinic'], 'pain', '']);
  });
});
