/** The EHR's one page: its patients, each with a button that opens the registry form. */
import type { Patient } from '../../src/fhir/types.ts';

export interface PageEntry {
  readonly patient: Patient;
  /** Where the button leads: our launch address with `iss` and `launch`. */
  readonly launchUrl: string;
}

/** Complete HTML document. */
export function launchPage(entries: readonly PageEntry[]): string {
  return `<!doctype html>
<html lang="nb">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Demojournal – innlagte pasienter</title>
</head>
<body>
<main>
<h1>Demojournal</h1>
<p>Et etterlignet journalsystem med oppdiktede pasienter. Du er logget inn som Ane Lund.</p>
<table>
<caption>Innlagte pasienter</caption>
<thead><tr><th scope="col">Navn</th><th scope="col">Fødselsdato</th><th scope="col">Register</th></tr></thead>
<tbody>
${entries.map(row).join('\n')}
</tbody>
</table>
</main>
</body>
</html>
`;
}

function row({ patient, launchUrl }: PageEntry): string {
  const [name] = patient.name ?? [];
  const label = `${name?.given?.join(' ') ?? ''} ${name?.family ?? ''}`.trim();
  return (
    `<tr><th scope="row">${escape(label)}</th><td>${escape(norwegianDate(patient.birthDate ?? ''))}</td>` +
    `<td><a role="button" href="${escape(launchUrl)}" aria-label="Åpne registerskjema for ${escape(label)}">` +
    'Åpne registerskjema</a></td></tr>'
  );
}

const norwegianDate = (date: string): string => date.split('-').reverse().join('.');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
