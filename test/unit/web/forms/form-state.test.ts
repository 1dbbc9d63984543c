import { applyEvent, type FormState } from '../../../../src/web/forms/form-state.ts';
import { parseName, parseRowName } from '../../../../src/web/forms/names.ts';
import { answersAt } from '../../../../src/web/forms/response-tree.ts';
import { empty, engineOf, option, twoRows } from './sample-form.ts';

const { form } = engineOf(empty);
const path = (name: string) => parseName(name)!;
const start: FormState = { response: empty, texts: {} };
const rows: FormState = engineOf(twoRows).initial;
const analgesics = form.byLinkId.get('analgetika')?.options?.list ?? [];
const optionNamed = (code: string) => analgesics.find(({ coding }) => coding.code === code)!;
const at = ({ response }: FormState, name: string) => answersAt(response, form, path(name));

const typing = (state: FormState, name: string, text: string): FormState =>
  applyEvent(state, { kind: 'typed', path: path(name), fields: { [name]: text } }, form);

const toggling = (state: FormState, code: string): FormState =>
  applyEvent(state, { kind: 'toggled', path: path('q/analgetika'), option: optionNamed(code) }, form);

describe('The state of a form', () => {
  it('answers while one types, and keeps the text as it is written.', () => {
    const state = typing(start, 'q/vekt', '7,5');

    expect(at(state, 'q/vekt')).toEqual([{ valueDecimal: 7.5 }]);
    expect(state.texts).toEqual({ 'q/vekt': '7,5' });
  });

  it('has no answer while the text is no number, and never a part of it.', () => {
    const state = typing(typing(start, 'q/vekt', '7'), 'q/vekt', '7,');

    expect(at(state, 'q/vekt')).toEqual([]);
  });

  it('shows what was understood once the field is left, and keeps what was not.', () => {
    const understood = typing(start, 'q/dato', '2026-11-24');
    const not = typing(start, 'q/dato', '24.13.2026');

    expect(applyEvent(understood, { kind: 'left', path: path('q/dato') }, form).texts).toEqual({});
    expect(applyEvent(not, { kind: 'left', path: path('q/dato') }, form).texts).toEqual({
      'q/dato': '24.13.2026',
    });
  });

  it('unticks all others for an exclusive option, and the exclusive one for any other.', () => {
    const some = toggling(toggling(start, 'annet'), 'opioider');
    const none = toggling(some, 'ingen');

    expect(at(some, 'q/analgetika')).toEqual([
      { valueCoding: option('opioider', 'opioider') },
      { valueCoding: option('annet', 'annet') },
    ]);
    expect(at(none, 'q/analgetika')).toEqual([{ valueCoding: option('ingen', 'ingen') }]);
    expect(at(toggling(none, 'opioider'), 'q/analgetika')).toEqual([
      { valueCoding: option('opioider', 'opioider') },
    ]);
    expect(at(toggling(none, 'ingen'), 'q/analgetika')).toEqual([]);
  });

  it('adds a row at the end and leaves the others alone.', () => {
    const state = applyEvent(rows, { kind: 'row-added', path: path('q/rad'), id: 'ny' }, form);

    expect(at(state, 'q/rad:r1/dose')).toEqual([{ valueDecimal: 60 }]);
    expect(at(state, 'q/rad:b7/dose')).toEqual([{ valueDecimal: 7.5 }]);
    expect(at(typing(state, 'q/rad:ny/dose', '5'), 'q/rad:ny/dose')).toEqual([{ valueDecimal: 5 }]);
  });

  it('removes a row with the text that stood in it, and no other.', () => {
    const written = typing(typing(rows, 'q/rad:r1/dose', 'x'), 'q/rad:b7/dose', '8,0');

    const state = applyEvent(written, { kind: 'row-removed', rows: parseRowName('q/rad:r1')! }, form);

    expect(state.texts).toEqual({ 'q/rad:b7/dose': '8,0' });
    expect(at(state, 'q/rad:b7/dose')).toEqual([{ valueDecimal: 8 }]);
    expect(at(state, 'q/rad:r1/dose')).toEqual([]);
  });

  it('calculates after every event.', () => {
    const engine = engineOf(twoRows);

    const state = engine.apply(engine.initial, {
      kind: 'typed',
      path: path('q/rad:b7/dose'),
      fields: { 'q/rad:b7/dose': '20' },
    });

    expect(at(state, 'q/sum')).toEqual([{ valueDecimal: 80 }]);
  });

  it('changes nothing of what it was given.', () => {
    const before = JSON.stringify(rows);

    typing(toggling(rows, 'ingen'), 'q/rad:r1/dose', '1');

    expect(JSON.stringify(rows)).toBe(before);
  });
});
