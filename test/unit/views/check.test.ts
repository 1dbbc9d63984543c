/** The views of the registers, and how `ryggrad register check` reads views. */
import { fileURLToPath } from 'node:url';
import { loadContent } from '../../../src/content/load.ts';
import type { Register } from '../../../src/content/register.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { checkViews } from '../../../src/views/check.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const content = await loadContent([ROOT]);

const registerOf = (view: JsonObject): Register =>
  ({ ...content.registers[0], id: 'r', views: [{ id: 'v', ...view }] }) as Register;

const view = (path: string, more: JsonObject = {}): JsonObject => ({
  resource: 'Observation',
  url: 'https://register.example.no/fhir/ViewDefinition/v',
  version: '1.0.0',
  name: 'v',
  select: [{ column: [{ name: 'a', path }] }],
  ...more,
});

describe('The check of a register’s views', () => {
  it('finds nothing wrong with those of this repository.', () => {
    const findings = content.registers.flatMap(checkViews);

    expect(content.registers.flatMap(({ views = [] }) => views).length).toBeGreaterThanOrEqual(8);
    expect(findings).toEqual([]);
  });

  it.each([
    ['a path that does not parse', view('a..b'), 'error', 'select[0].column[0].path', /no FHIRPath/],
    ['a type that is none', view('id', { resource: 'Foo' }), 'error', 'resource', /no type of R4/],
    ['an element that R4 does not have', view('statuss'), 'warning', '', /no element "statuss"/],
    ['JSON’s name of a choice', view('valueQuantity.value'), 'warning', '', /write value.ofType\(Quantity\)/],
    ['a type that a choice never has', view('value.ofType(Money)'), 'warning', '', /never a Money/],
    [
      'a column that is a list',
      view('note.text', { select: [{ column: [{ name: 'a', path: 'note.text', collection: true }] }] }),
      'warning',
      'select[0].column[0]',
      /is a list/,
    ],
    ['a name that no table can have', view('id', { name: 'Å' }), 'warning', 'name', /small letters/],
  ])('finds %s.', (_name, json, severity, element, reason) => {
    expect(checkViews(registerOf(json))).toEqual([
      { severity, view: 'v', element, reason: expect.stringMatching(reason) },
    ]);
  });
});
