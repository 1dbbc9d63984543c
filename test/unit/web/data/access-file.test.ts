/** A person's own list as a file (AU-05). */
import { accessCsv, accessJson } from '../../../../src/web/data/access-file.ts';

const line = {
  at: '24.11.2026 kl. 10:14',
  who: '=HYPERLINK("http://evil.example")',
  role: 'lokal bruker',
  where: 'Smerteteam Nord; sengepost',
  what: 'Åpnet et skjema',
  outcome: 'Gitt',
};

describe('The list of who has seen a person’s data, as a file', () => {
  it('is CSV as a Norwegian spreadsheet reads it.', () => {
    const [head, row, end] = accessCsv([line]).split('\r\n');

    expect(head).toBe('\uFEFF"Når";"Hvem";"Rolle";"Hvor";"Hva";"Utfall"');
    expect(row).toBe(
      `"24.11.2026 kl. 10:14";"'=HYPERLINK(""http://evil.example"")";"lokal bruker";"Smerteteam Nord; sengepost";"Åpnet et skjema";"Gitt"`,
    );
    expect(end).toBe('');
  });

  it('is JSON with the same lines.', () => {
    expect(JSON.parse(accessJson([line]))).toEqual([line]);
  });
});
