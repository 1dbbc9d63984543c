/** The pages of the hospital's record: its patients with a button that opens the registry form, and who an app is to be about. */
import { hash } from 'node:crypto';
import type { Patient, Resource } from '../../src/fhir/types.ts';

/** A patient as a line of a page. */
export interface Row {
  readonly patient: Patient;
  /** Where the button leads. */
  readonly href: string;
  /** What the patient is here for. */
  readonly about?: string;
}

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #f2f5f2; color: #1b2a1f; }
main { max-width: 52rem; margin: 0 auto; padding: 1.5rem 1rem; }
table { width: 100%; border-collapse: collapse; background: #fff; }
caption { text-align: start; font-weight: 600; padding: 0.5rem 0; }
th, td { text-align: start; padding: 0.5rem; border-bottom: 1px solid #c9d3cb; }
a, button { color: #0b5a3c; }
pre { white-space: pre-wrap; background: #fff; padding: 0.75rem; }
nav a { display: inline-block; padding: 0.25rem 0.5rem; }
button, input { font: inherit; padding: 0.4rem 0.9rem; border: 1px solid #0b5a3c; border-radius: 4px; }
button { margin-top: 1rem; background: #fff; }
`;

/** What a page may do: be styled by the lines above, and send its forms. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; form-action 'self'; frame-ancestors 'none'`;

export interface LaunchPage {
  /** The record's name: `Demojournal`. */
  readonly title: string;
  readonly clinician: string;
  readonly rows: readonly Row[];
  /** Where a search by name is sent; absent: the list is short. */
  readonly searchUrl?: string;
  readonly searched?: string;
  readonly next?: string;
  /** Where the button for one more patient sends. */
  readonly admitUrl?: string;
  readonly documentsUrl: string;
}

/** The list of patients, each with the button that opens the registry form. */
export const launchPage = (page: LaunchPage): string =>
  html(
    `${page.title} – innlagte pasienter`,
    `<h1>${escape(page.title)}</h1>
<p>Et etterlignet journalsystem med oppdiktede pasienter. Du er logget inn som ${escape(page.clinician)}.</p>
${page.searchUrl === undefined ? '' : searchForm(page.searchUrl, page.searched ?? '')}
${table('Innlagte pasienter', page.rows, 'Åpne registerskjema', 'Åpne registerskjema for')}
${page.next === undefined ? '' : `<nav aria-label="Flere pasienter"><a href="${escape(page.next)}">Flere pasienter</a></nav>`}
${page.admitUrl === undefined ? '' : `<form method="post" action="${escape(page.admitUrl)}"><button>Legg inn en ny oppdiktet pasient</button></form>`}
<p><a href="${escape(page.documentsUrl)}">Dokumenter fra kvalitetsregistre</a></p>`,
  );

/** Whom an app that was opened by itself is to be about, or no. */
export const choicePage = (title: string, rows: readonly Row[], denyUrl: string): string =>
  html(
    `${title} – velg pasient`,
    `<h1>Velg pasient</h1>
<p>Kvalitetsregisteret ber om å få lese om én pasient i ${escape(title)}. Hvilken pasient gjelder det?</p>
${table('Pasienter', rows, 'Velg', 'Velg')}
<p><a href="${escape(denyUrl)}">Nei, gi ikke tilgang</a></p>`,
  );

/** What registers have written into the record. */
export const documentPage = (title: string, resources: readonly Resource[]): string =>
  html(
    `${title} – dokumenter`,
    `<h1>Dokumenter fra kvalitetsregistre</h1>
${resources.length === 0 ? '<p>Ingen ennå.</p>' : resources.map((one) => `<pre>${escape(textOf(one))}</pre>`).join('\n')}`,
  );

function textOf(resource: Resource): string {
  const data =
    resource.resourceType === 'DocumentReference' ? resource.content[0]?.attachment.data : undefined;
  return data === undefined
    ? JSON.stringify({ ...resource, meta: undefined }, undefined, 2)
    : Buffer.from(data, 'base64').toString('utf8');
}

const searchForm = (action: string, searched: string): string =>
  `<form method="get" action="${escape(action)}" role="search"><label>Navn <input name="navn" value="${escape(searched)}"></label> <button>Søk</button></form>`;

const table = (caption: string, rows: readonly Row[], button: string, label: string): string =>
  `<table>
<caption>${escape(caption)}</caption>
<thead><tr><th scope="col">Navn</th><th scope="col">Fødselsdato</th><th scope="col">Register</th></tr></thead>
<tbody>
${rows.map((row) => tableRow(row, button, label)).join('\n')}
</tbody>
</table>`;

function tableRow({ patient, href, about }: Row, button: string, label: string): string {
  const name = nameOf(patient);
  return (
    `<tr><th scope="row">${escape(name)}</th><td>${escape(norwegianDate(patient.birthDate ?? ''))}</td>` +
    `<td>${about === undefined ? '' : `${escape(about)}<br>`}<a role="button" href="${escape(href)}" aria-label="${escape(`${label} ${name}`)}">` +
    `${escape(button)}</a></td></tr>`
  );
}

const html = (title: string, body: string): string => `<!doctype html>
<html lang="nb">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;

export function nameOf({ name: [name] = [] }: Patient): string {
  return `${name?.given?.join(' ') ?? ''} ${name?.family ?? ''}`.trim();
}

const norwegianDate = (date: string): string => date.split('-').reverse().join('.');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
