/** What docs/hospital.md says of rates is so. */
import { readFileSync } from 'node:fs';
import { COURSE_RATES } from '../../../demo/hospital/courses/events.ts';
import { EVENT_RATES } from '../../../demo/hospital/courses/course.ts';
import { MESS_RATES, REFUSED_WITH } from '../../../demo/hospital/day/mess.ts';
import { FAULT_RATES } from '../../../demo/hospital/faults.ts';
import { PERSON_RATES } from '../../../demo/hospital/people/people.ts';

const page = readFileSync(new URL('../../../docs/hospital.md', import.meta.url), 'utf8');

describe('The page of the simulated hospital', () => {
  it('lists every mess with its rate and what becomes of it.', () => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| ([\d.]+) \| .* \| ([a-z]+)(?:, (\d+))? \|$/gm)];
    const statuses = rows.flatMap(([, mess = '', , , status]) =>
      status === undefined ? [] : [[mess, Number(status)]],
    );

    expect(Object.fromEntries(rows.map(([, mess = '', rate]) => [mess, Number(rate)]))).toEqual(MESS_RATES);
    expect(Object.fromEntries(statuses)).toEqual(REFUSED_WITH);
  });

  it('has the rates of courses, persons, events and faults.', () => {
    const { pain, spine, back, colonoscopy, hiv } = COURSE_RATES;
    const counts = [
      ...page.matchAll(/^\| .+ \| `(?:journal|kirurgi|endoskopi|infeksjon)` \| (\d+) \|/gm),
    ].map(([, n]) => Number(n));
    const { dNumber, temporary, oneName, hasPhone } = PERSON_RATES;
    const { correction, enteredInError, removed, localCode } = EVENT_RATES;
    const { unavailable, hang, cut, slow } = FAULT_RATES;

    const prose = page.replaceAll(/\s+/g, ' ');

    expect(counts).toEqual([pain, spine, back, colonoscopy, hiv]);
    expect(prose).toContain(`${dNumber} have a D-number, ${temporary} a temporary number`);
    expect(prose).toContain(`${oneName} have one name, ${100 - hasPhone} no telephone`);
    expect(prose).toContain(`Of a hundred courses ${correction} have a correction.`);
    expect(prose).toContain(
      `operated ${enteredInError} have a value that was somebody else's (entered-in-error), and of a hundred operated ${removed} have one`,
    );
    expect(prose).toContain(`before an operation ${localCode} have`);
    expect(prose).toContain(
      `${unavailable} are answered 503, ${hang} never, ${cut} by a closed connection, ${slow} after`,
    );
  });
});
