import { empty, option, twoRows } from './sample-form.ts';
import { drawn } from './posted.ts';

const all = drawn(twoRows, {
  texts: { 'q/vekt': '7,5 kg' },
  isAttempted: true,
  comment: 'Ringt',
  next: 'B1.2',
});
const ids = [...all.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);

describe('The HTML of a form', () => {
  it('has no inline style or event handler, which the content security policy would refuse.', () => {
    expect(all).not.toMatch(/ style="| on[a-z]+="|<style|<script/);
  });

  it('never uses native number or date fields, whose reading depends on the language of the browser.', () => {
    expect(all).not.toMatch(/type="(?:number|date|datetime-local|range)"/);
  });

  it('ties every label to a field that exists.', () => {
    const targets = [...all.matchAll(/<label[^>]* for="([^"]*)"/g)].map(([, target]) => target);

    expect(targets.length).toBeGreaterThan(10);
    expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
  });

  it('points aria references at elements that exist.', () => {
    const references = [...all.matchAll(/ aria-(?:labelledby|describedby)="([^"]*)"/g)].flatMap(
      ([, list = '']) => list.split(' '),
    );

    expect(references.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('gives every element an id of its own.', () => {
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('has one first heading and leaves out no level.', () => {
    const levels = [...all.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));

    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.every((level, index) => index === 0 || level <= (levels[index - 1] ?? 0) + 1)).toBe(true);
  });

  it('groups radio buttons and check boxes under the question as legend.', () => {
    expect(all).toMatch(/<fieldset[^>]*>.{0,200}<legend[^>]*>LAR<\/legend>/s);
    expect(all).toMatch(/<legend[^>]*>Analgetika<\/legend>/);
  });

  it('shows a text that is no number as it was typed, with what to write instead.', () => {
    expect(all).toContain('value="7,5 kg"');
    expect(all).toMatch(/Skriv et tall/);
  });

  it('shows the calculated sum and has no field for it.', () => {
    expect(all).toMatch(/<output[^>]*id="q\/sum"[^>]*>67,5/);
    expect(all).not.toContain('name="q/sum"');
  });

  it('leads from the summary of errors to the field that is missing.', () => {
    expect(all).toMatch(/<a href="#q\/dato"[^>]*>Registreringsdato: Må besvares\.<\/a>/);
  });

  it('starts with a button that saves, so that Enter never removes a row.', () => {
    expect(/<button[^>]*>/.exec(all)?.[0]).toContain('value="save"');
  });

  it('draws no question that is not enabled, and does once it is.', () => {
    const usikker = {
      ...empty,
      item: [
        { linkId: 'om', item: [{ linkId: 'lar', answer: [{ valueCoding: option('usikker', 'usikker') }] }] },
      ],
    };

    expect(drawn(empty)).not.toContain('Hvorfor usikker?');
    expect(drawn(usikker)).toContain('Hvorfor usikker?');
  });

  it('draws a locked form as text, without fields.', () => {
    const locked = drawn(twoRows, { state: 'locked' });

    expect(locked).not.toMatch(/<input|<select|<textarea|<button/);
    expect(locked).toContain('60');
  });
});
