/** A posted form with a file. */
import { readMultipart } from '../../../src/web/multipart.ts';

const TYPE = 'multipart/form-data; boundary=--mark';

const body = (...parts: readonly string[]): Buffer =>
  Buffer.from(`${parts.map((part) => `----mark\r\n${part}\r\n`).join('')}----mark--\r\n`, 'latin1');

describe('A form with a file', () => {
  it('gives the fields as text and the file byte for byte, also what looks like an end.', () => {
    const data = '\x00\xff\r\n--mark\r\n\r\nend';
    const posted = readMultipart(
      body(
        'Content-Disposition: form-data; name="tittel"\r\n\r\nGuide',
        `Content-Disposition: form-data; name="fil"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n${data}`,
      ),
      TYPE,
    );

    expect(posted.fields).toEqual({ tittel: 'Guide' });
    expect(posted.files['fil']?.name).toBe('a.pdf');
    expect(posted.files['fil']?.data.toString('latin1')).toBe(data);
  });

  it('is read as far as forms of ours go.', () => {
    const parts = Array.from(
      { length: 1000 },
      (_, at) => `Content-Disposition: form-data; name="f${at}"\r\n\r\n`,
    );

    expect(Object.keys(readMultipart(body(...parts), TYPE).fields)).toHaveLength(20);
  });

  it.each([
    ['another type', Buffer.from('a=b'), 'application/x-www-form-urlencoded'],
    ['no boundary', body('x'), 'multipart/form-data'],
    ['no body', undefined, TYPE],
    ['a part without a head', body('nothing'), TYPE],
  ])('gives nothing for %s.', (_what, content, type) => {
    expect(readMultipart(content, type)).toEqual({ fields: {}, files: {} });
  });
});
