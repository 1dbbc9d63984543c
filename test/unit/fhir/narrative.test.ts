import { narrativeFault } from '../../../src/fhir/narrative.ts';

const XMLNS = 'xmlns="http://www.w3.org/1999/xhtml"';

describe('The narrative check', () => {
  it.each([
    `<div ${XMLNS}><p class="a">Tekst &amp; tall &#160;</p><br/><img src="#i" alt="bilde"/></div>`,
    `<div ${XMLNS}><!-- merknad --><a href="https://example.org">x</a></div>`,
    `<div ${XMLNS}><table><tbody><tr><td colspan="2">1</td></tr></tbody></table></div>`,
  ])('accepts %s', (div) => {
    expect(narrativeFault(div)).toBeUndefined();
  });

  it.each([
    [12, 'must be a string'],
    ['tekst', 'one <div>'],
    [`<div ${XMLNS}><script>alert(1)</script></div>`, '<script>'],
    [`<div ${XMLNS} onclick="x()">a</div>`, 'onclick'],
    [`<div ${XMLNS}><a href="javascript:x()">a</a></div>`, 'run anything'],
    [`<div ${XMLNS}><a href="java&#115;cript:x()">a</a></div>`, 'run anything'],
    [`<div ${XMLNS}><iframe src="x"/>a</div>`, '<iframe>'],
    [`<div ${XMLNS}><p>a</div>`, 'not open'],
    [`<div ${XMLNS}>a`, 'not closed'],
    [`<div xmlns="http://www.w3.org/1999/xhéml">a</div>`, 'The namespace'],
    [`<div ${XMLNS}><p xmlns="">a</p></div>`, 'The namespace'],
    [`<div ${XMLNS}>a & b</div>`, '&amp;'],
    [`<div ${XMLNS}>1 < 2</div>`, 'not well-formed'],
    [`<div ${XMLNS}>  </div>`, 'no text'],
    [`<div ${XMLNS}>a</div><div>b</div>`, 'Nothing may follow'],
  ])('refuses %s', (div, reason) => {
    expect(narrativeFault(div)).toContain(reason);
  });
});
