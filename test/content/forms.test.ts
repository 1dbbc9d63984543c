/** `register check` has nothing to say about any form of the content. */
import { listConcepts } from '../../src/content/concepts.ts';
import { compilePath } from '../../src/fhir/path.ts';
import { checkForm } from '../../src/sdc/check-form.ts';
import { content } from './fill-form.ts';

describe.each(content.questionnaires.all())('The form $id', (questionnaire) => {
  it('keeps to the dialect.', () => {
    const issues = checkForm(questionnaire, {
      compilePath,
      resolveValueSet: (canonical) => listConcepts(content, canonical),
    });

    expect(issues).toEqual([]);
  });
});
