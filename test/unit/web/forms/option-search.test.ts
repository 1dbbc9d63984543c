/** Finding an option of a long list by what was typed. */
import { matchOption, optionsLike, searchLabel } from '../../../../src/web/forms/option-search.ts';
import { content } from '../../../content/fill-form.ts';
import { formOf } from '../../../content/run-case.ts';

const options = (linkId: string) =>
  formOf(content, 'smertereg-b11').byLinkId.get(linkId)?.options?.list ?? [];

describe('A long list', () => {
  it('needs the whole of a code, and the beginnings of other words.', () => {
    const found = (text: string) =>
      optionsLike(options('icd10-primary'), text).map(({ coding }) => coding.code);

    expect(found('m54')).toEqual([]);
    expect(found('M54.5 korsrygg')).toEqual(['M54.5']);
    expect(found('korsrygg')).toEqual(['M54.5']);
  });

  it.each([
    ['morf iv', ['Morfin iv/sc/im']],
    ['MORF', ['Morfin tablett/mikstur', 'Morfin depottablett (Dolcontin)', 'Morfin iv/sc/im']],
    ['depot oxyc', ['Oksykodon depottablett (OxyContin, Targiniq)']],
    ['norspan', ['Buprenorfin plaster (Norspan)']],
    ['fin', []],
    ['-', []],
    ['', []],
  ])('has for “%s” the options %j.', (text, labels) => {
    expect(optionsLike(options('opioid-form'), text).map(searchLabel)).toEqual(labels);
  });

  it.each([
    ['m54.5', 'M54.5'],
    ['M545', 'M54.5'],
    ['l40', undefined],
  ])('is found in by the code %s: %s.', (text, code) => {
    expect(matchOption(options('icd10-primary'), text)?.coding.code).toBe(code);
  });
});
