import { ageOn } from '../../../../src/web/data/delivered.ts';
import { deliveredHref, readDeliveredQuery } from '../../../../src/web/pages/delivered-query.ts';
import { linkedPages } from '../../../../src/web/pages/page-links.tsx';

const read = (address: string) => readDeliveredQuery(new URL(address, 'http://localhost').searchParams);

describe('The address of delivered registrations', () => {
  it('holds the whole search, and is read as it was written.', () => {
    const query = {
      from: '2026-01-01',
      to: '2026-02-01',
      ageFrom: 18,
      ageTo: 67,
      place: 'Kirurgisk sengepost',
      page: 3,
    };

    expect(read(deliveredHref(query))).toEqual(query);
    expect(deliveredHref({ page: 1 })).toBe('/innleverte');
    expect(deliveredHref({ ...query, place: undefined } as never, 'file')).toBe(
      '/innleverte.csv?fra=2026-01-01&til=2026-02-01&alderfra=18&aldertil=67',
    );
  });

  it('takes days as people type them, and what it does not understand as if it were not there.', () => {
    expect(read('/innleverte?fra=01.03.2026&til=i+g%C3%A5r&alderfra=-1&aldertil=abc&side=0')).toEqual({
      from: '2026-03-01',
      page: 1,
    });
  });
});

describe('The age on a list', () => {
  it('is whole years on the day of the start, in Norway.', () => {
    expect(ageOn('1970-11-21', '2026-11-20T22:59:00Z')).toBe(55);
    expect(ageOn('1970-11-21', '2026-11-20T23:01:00Z')).toBe(56);
    expect(ageOn('2008-02-29', '2026-02-28')).toBe(17);
    expect(ageOn('1970', '2026-11-20')).toBeUndefined();
    expect(ageOn(undefined, '2026-11-20')).toBeUndefined();
  });
});

describe('The links to pages', () => {
  it('are the first, the last and those around; what is left out is marked.', () => {
    expect(linkedPages(1, 3)).toEqual([1, 2, 3]);
    expect(linkedPages(50, 100)).toEqual([1, undefined, 48, 49, 50, 51, 52, undefined, 100]);
    expect(linkedPages(1, 100)).toEqual([1, 2, 3, undefined, 100]);
  });
});
