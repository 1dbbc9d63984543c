import { sharedValidator } from '../../support/validator.ts';

const validator = sharedValidator();

describe('The references of a resource', () => {
  it('are the literal ones with the types their elements allow, also in contained resources, without fragments.', () => {
    const found = validator.references({
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'IMP' },
      contained: [
        {
          resourceType: 'Practitioner',
          id: 'a',
          qualification: [{ code: { text: 'x' }, issuer: { reference: 'Organization/2' } }],
        },
      ],
      subject: { reference: 'Patient/1' },
      participant: [{ individual: { reference: '#a' } }],
      serviceProvider: { identifier: { value: '1' } },
    });

    expect(found).toEqual([
      {
        reference: 'Organization/2',
        expression: 'Encounter.contained[0].qualification[0].issuer',
        targetTypes: ['Organization'],
      },
      { reference: 'Patient/1', expression: 'Encounter.subject', targetTypes: ['Patient', 'Group'] },
    ]);
  });

  it('allow any type where the base does.', () => {
    const found = validator.references({
      resourceType: 'Basic',
      code: { text: 'x' },
      subject: { reference: 'Patient/1' },
    });

    expect(found).toEqual([{ reference: 'Patient/1', expression: 'Basic.subject', targetTypes: [] }]);
  });
});
