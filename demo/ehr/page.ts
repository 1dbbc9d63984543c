/** The EHR's one page: its patients, each with a button that opens the registry form. */
import { hash } from 'node:crypto';
import type { Patient, Resource } from '../../src/fhir/types.ts';

export interface PageEntry {
  readonly patient: Patient;
  /** Where the button leads: our launch address with `iss` and `launch`. */
  readonly launchUrl: string;
}

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #f2f5f2; color: #1b2a1f; }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem; }
table { width: 100%; border-collapse: collapse; background: #fff; }
caption { text-align: start; font-weight: 600; padding: 0.5rem 0; }
th, td { text-align: start; padding: 0.5rem; border-bottom: 1px solid #c9d3cb; }
pre { white-space: pre-wrap; background: #fff; padding: 0.75rem; }
a, button { color: #0b5a3c; }
button { font: inherit; margin-top: 1rem; padding: 0.4rem 0.9rem; background: #fff; border: 1px solid #0b5a3c; border-radius: 4px; }
`;

/** What the page may do: be styled by the lines above, and send its form. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; form-action 'self'; frame-ancestors 'none'`;

/** Complete HTML document; `admitUrl` takes the button for a new patient. */
export function launchPage(entries: readonly PageEntry[], admitUrl: string): string {
  return `<!doctype html>
<html lang="nb">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Demojournal – innlagte pasienter</title>
<style>${STYLE}</style>
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
<form method="post" action="${escape(admitUrl)}"><button>Legg inn en ny oppdiktet pasient</button></form>
<p><a href="${escape(admitUrl.replace(/innleggelse$/, 'dokumenter'))}">Dokumenter fra kvalitetsregistre</a></p>
</main>
</body>
</html>
`;
}

/** The page of a standalone launch: which patient, or no. `request` is the authorisation request. */
export function choicePage(patients: readonly Patient[], request: string): string {
  const link = (patient: Patient): string =>
    `<li><a href="${escape(`${request}&patient=${patient.id ?? ''}`)}">${escape(nameOf(patient))}</a></li>`;
  return `<!doctype html>
<html lang="nb">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Demojournal – velg pasient</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Velg pasient</h1>
<p>Kvalitetsregisteret ber om å lese i journalen. Hvilken pasient gjelder det?</p>
<ul>
${patients.map(link).join('\n')}
</ul>
<p><a href="${escape(`${request}&no=1`)}">Nei, gi ikke tilgang</a></p>
</main>
</body>
</html>
`;
}

/** What registers have left here. */
export function documentPage(resources: readonly Resource[]): string {
  const texts = resources.map((resource) =>
    resource.resourceType === 'DocumentReference'
      ? Buffer.from(resource.content[0]?.attachment.data ?? '', 'base64').toString('utf8')
      : JSON.stringify(resource, null, 2),
  );
  return `<!doctype html>
<html lang="nb">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Demojournal – dokumenter</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Dokumenter fra kvalitetsregistre</h1>
${texts.length === 0 ? '<p>Ingen ennå.</p>' : texts.map((text) => `<pre>${escape(text)}</pre>`).join('\n')}
<p><a href="../ehr">Til pasientene</a></p>
</main>
</body>
</html>
`;
}

function nameOf({ name: [name] = [] }: Patient): string {
  return `${name?.given?.join(' ') ?? ''} ${name?.family ?? ''}`.trim();
}

function row({ patient, launchUrl }: PageEntry): string {
  const label = nameOf(patient);
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
