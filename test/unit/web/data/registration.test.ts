/** Who may look people up to register them. */
import type { StaffPrincipal } from '../../../../src/access/principal.ts';
import { findPerson } from '../../../../src/web/data/registration.ts';
import type { Sources } from '../../../../src/web/data/sources.ts';

const nurse: StaffPrincipal = {
  kind: 'staff',
  subject: 'user:lu',
  name: 'Behandler',
  scopes: ['user/*.cruds'],
  role: 'LU',
  register: 'smertereg',
  units: ['demo-smerteklinikk'],
};

const nothing = {} as Sources;

describe('A session that an EHR has opened', () => {
  it('rule 4: looks nobody up: it is about its one person.', async () => {
    const asked: string[] = [];
    const registry = {
      findMany: () => Promise.resolve(new Map()),
      find: (number: string) => {
        asked.push(number);
        return Promise.resolve(undefined);
      },
    };
    const launched = { ...nurse, launch: 'launch-1', patient: 'p1' };

    const found = findPerson(nothing, registry, launched, { type: 'norsk', number: '13916900028' });

    await expect(found).rejects.toMatchObject({ status: 403 });
    expect(asked).toEqual([]);
  });
});
