/** XML: https://hl7.org/fhir/R4/xml.html */
import fc from 'fast-check';
import { loadR4 } from '../../../src/content/r4.ts';
import { parseJson, stringifyJson } from '../../../src/fhir/json.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { createShapes } from '../../../src/fhir/shape.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { createXmlFormat } from '../../../src/fhir/xml.ts';

const xml = createXmlFormat(createShapes((type) => loadR4().structureDefinitions.get(type)));
const FHIR = 'xmlns="http://hl7.org/fhir"';
const refusal = (text: string): FhirError => {
  try {
    xml.read(text);
  } catch (cause) {
    if (cause instanceof FhirError) {
      return cause;
    }
    throw cause;
  }
  throw new Error('It was not refused');
};

describe('The XML reader', () => {
  it('keeps the digits of decimals.', () => {
    const read = xml.read(
      `<Observation ${FHIR}><valueQuantity><value value="1.00"/></valueQuantity></Observation>`,
    );

    expect(stringifyJson(read)).toBe('{"resourceType":"Observation","valueQuantity":{"value":1.00}}');
  });

  it('keeps ids and extensions of primitives in their places of a list.', () => {
    const read = xml.read(
      `<Patient ${FHIR}><name><given value="Per"/><given id="g"><extension url="http://x.no/e"><valueCode value="a"/></extension></given></name></Patient>`,
    );

    expect(read).toEqual({
      resourceType: 'Patient',
      name: [
        {
          given: ['Per', null],
          _given: [null, { id: 'g', extension: [{ url: 'http://x.no/e', valueCode: 'a' }] }],
        },
      ],
    });
  });

  it('takes contained resources, entries and parameters for what they are.', () => {
    const read = xml.read(
      `<Bundle ${FHIR}><entry><resource><Patient><contained><Organization><id value="o"/></Organization></contained></Patient></resource></entry></Bundle>`,
    );

    expect(read).toEqual({
      resourceType: 'Bundle',
      entry: [
        { resource: { resourceType: 'Patient', contained: [{ resourceType: 'Organization', id: 'o' }] } },
      ],
    });
  });

  it('takes the narrative letter by letter.', () => {
    const div =
      '<div xmlns="http://www.w3.org/1999/xhtml">a &lt; b<br/>\r\n<!-- x --> <b class="c">&#160;</b></div>';

    const read = xml.read(`<Patient ${FHIR}><text><status value="generated"/>${div}</text></Patient>`);

    expect(read).toMatchObject({ text: { div } });
  });

  it('takes a prefix for the namespace, whatever the order of attributes.', () => {
    const read = xml.read(
      '<f:Patient xmlns:f="http://hl7.org/fhir"><f:extension url="http://x.no/e" id="i"><f:valueBoolean value="true"/></f:extension></f:Patient>',
    );

    expect(read).toEqual({
      resourceType: 'Patient',
      extension: [{ url: 'http://x.no/e', id: 'i', valueBoolean: true }],
    });
  });

  it.each([
    [
      'an unknown element',
      `<Patient ${FHIR}>\n<colour value="red"/></Patient>`,
      'unknown-element',
      /line 2, column/,
    ],
    [
      'an unknown attribute',
      `<Patient ${FHIR}><active value="true" lang="no"/></Patient>`,
      'unknown-element',
      /lang/,
    ],
    ['an attribute of a resource', `<Patient ${FHIR} id="p"/>`, 'unknown-element', /"id"/],
    ['another namespace', '<Patient xmlns="http://example.org"/>', 'xml-namespace', /namespace/],
    ['no resource', `<Tree ${FHIR}/>`, 'resource-type', /Tree/],
    ['an abstract type', `<DomainResource ${FHIR}/>`, 'resource-type', /DomainResource/],
    [
      'an element twice',
      `<Patient ${FHIR}><gender value="male"/><gender value="male"/></Patient>`,
      'cardinality',
      /once/,
    ],
    ['an empty element', `<Patient ${FHIR}><name/></Patient>`, 'ele-1', /empty/],
    ['an empty value', `<Patient ${FHIR}><gender value=""/></Patient>`, 'ele-1', /empty/],
    ['a boolean that is none', `<Patient ${FHIR}><active value="yes"/></Patient>`, 'type', /boolean/],
    [
      'a number that is none',
      `<Patient ${FHIR}><multipleBirthInteger value="+1"/></Patient>`,
      'type',
      /integer/,
    ],
    ['text between elements', `<Patient ${FHIR}>Per</Patient>`, 'xml-text', /attributes/],
    ['CDATA between elements', `<Patient ${FHIR}><![CDATA[Per]]></Patient>`, 'xml-text', /attributes/],
    [
      'two resources in one place',
      `<Patient ${FHIR}><contained><Patient/><Patient/></contained></Patient>`,
      'cardinality',
      /more than one/,
    ],
    [
      'a document type',
      '<!DOCTYPE Patient [<!ENTITY a "b">]><Patient xmlns="http://hl7.org/fhir"/>',
      'xml-doctype',
      /not allowed/,
    ],
    ['an entity of its own', `<Patient ${FHIR}><gender value="&a;"/></Patient>`, 'xml-syntax', /well-formed/],
    ['what is cut off', `<Patient ${FHIR}><name>`, 'xml-syntax', /well-formed/],
    ['nothing', '', 'xml-syntax', /line 1/],
    [
      'a narrative outside XHTML',
      `<Patient ${FHIR}><text><div>x</div></text></Patient>`,
      'unknown-element',
      /XHTML/,
    ],
    ['depth', `<Patient ${FHIR}>${'<extension url="u">'.repeat(80)}`, 'xml-depth', /64/],
  ])('refuses %s, and says where.', (_what, text, rule, message) => {
    const { status, issues } = refusal(text);

    expect(status).toBe(400);
    expect(issues[0]).toMatchObject({ rule });
    expect(issues[0]?.diagnostics).toMatch(message);
  });

  it('refuses another encoding with 415.', () => {
    expect(refusal(`<?xml version="1.0" encoding="ISO-8859-1"?><Patient ${FHIR}/>`).status).toBe(415);
  });

  it('answers 400 or 415 to any text, never otherwise.', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        try {
          xml.read(`<Patient ${FHIR}>${a}<active value="${b}"/></Patient>`);
        } catch (cause) {
          expect(cause).toBeInstanceOf(FhirError);
        }
      }),
    );
  });
});

describe('The XML writer', () => {
  it('writes in the order of the definition, whatever the order of the members.', () => {
    expect(xml.write({ gender: 'male', id: 'p', resourceType: 'Patient' })).toBe(
      `<?xml version="1.0" encoding="UTF-8"?><Patient ${FHIR}><id value="p"/><gender value="male"/></Patient>`,
    );
  });

  it('gives back any text that FHIR can hold.', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((value) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(value));

    fc.assert(
      fc.property(text, (value) => {
        const patient = {
          resourceType: 'Patient',
          name: [{ text: value, given: [value, `\t${value}\r\n`] }],
        };

        expect(xml.read(xml.write(patient))).toEqual(patient);
      }),
    );
  });

  it.each(['1.00', '0.0000001', '1e-7', '-0', '123456789012345678901234567890.10', '0'])(
    'keeps %s.',
    (digits) => {
      const text = `{"resourceType":"Observation","valueQuantity":{"value":${digits}}}`;

      const written = xml.write(parseJson(text) as JsonObject);

      expect(written).toContain(`value="${digits}"`);
      expect(stringifyJson(xml.read(written))).toBe(text);
    },
  );

  it('gives entities of HTML as numbers, and a bare ampersand as text, so that the XML stays well-formed.', () => {
    const div =
      '<div xmlns="http://www.w3.org/1999/xhtml">&nbsp;&copy;&euro; &amp; <a href="x?a=1&b=2">x</a></div>';

    const written = xml.write({ resourceType: 'Patient', text: { status: 'generated', div } });

    expect(written).toContain('&#160;&#169;&#8364; &amp; <a href="x?a=1&amp;b=2">');
    expect(xml.read(written)).toMatchObject({ resourceType: 'Patient' });
  });

  it('leaves nothing out in silence.', () => {
    expect(() => xml.write({ resourceType: 'Patient', colour: 'red' })).toThrow(/colour/);
  });
});
