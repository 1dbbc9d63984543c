/**
 * A register as a dataset of DCAT-AP-NO 3.0, as helsedata.no and data.norge.no read it: https://data.norge.no/specification/dcat-ap-no
 * (what 2.2 asks for besides, an identifier, is there too).
 */
import type { Register, RegisterCatalogue, Worded } from '../../content/register.ts';
import type { JsonObject } from '../../fhir/types.ts';

export const DCAT_AP_NO = '3.0';

const AUTHORITY = 'http://publications.europa.eu/resource/authority';
/** How organisations are named until the register of legal entities has addresses of its own. */
const ORGANISATION = 'https://organization-catalog.fellesdatakatalog.digdir.no/organizations';

const CONTEXT: JsonObject = {
  adms: 'http://www.w3.org/ns/adms#',
  dcat: 'http://www.w3.org/ns/dcat#',
  dcatap: 'http://data.europa.eu/r5r/',
  dct: 'http://purl.org/dc/terms/',
  foaf: 'http://xmlns.com/foaf/0.1/',
  org: 'http://www.w3.org/ns/org#',
  prov: 'http://www.w3.org/ns/prov#',
  vcard: 'http://www.w3.org/2006/vcard/ns#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
};

/** What DCAT-AP-NO says must be there, and a register does not tell: each a sentence with the file to write it in. */
export function missingFromCatalogue({ id, pages }: Register): readonly string[] {
  const file = `registers/${id}/pages/catalogue.json`;
  const catalogue = pages?.catalogue;
  if (catalogue === undefined) {
    return [`${file} is not there: it has organisation, contact and description of the dataset.`];
  }
  const { organisation, contact, description } = catalogue;
  return [
    ...(/^\d{9}$/.test(organisation)
      ? []
      : [
          `${file}, organisation: the organisation number of who answers for the register is needed (nine digits).`,
        ]),
    ...(contact?.email !== undefined || contact?.url !== undefined
      ? []
      : [`${file}, contact: an e-mail address or a page is needed.`]),
    ...(description?.nb ? [] : [`${file}, description: a text in bokmål is needed.`]),
  ];
}

/** The dataset as JSON-LD; `files` are those that describe its variables, beside it. */
export function datasetOf(
  register: Register,
  catalogue: RegisterCatalogue,
  files: readonly { readonly name: string; readonly mediaType: string }[],
): JsonObject {
  const { manifest, access } = register;
  const { organisation, contact, description, keywords = {}, page } = catalogue;
  const dataset = manifest.url ?? '';
  const from = catalogue.from ?? access.basis[0]?.from;
  return {
    '@context': CONTEXT,
    '@graph': [
      {
        '@id': dataset,
        '@type': 'dcat:Dataset',
        'dct:identifier': dataset,
        'dct:title': inLanguages(titleOf(register)),
        'dct:description': inLanguages(description),
        'dct:publisher': { '@id': `${ORGANISATION}/${organisation}` },
        'dcat:contactPoint': { '@id': `${dataset}#kontakt` },
        'dcat:theme': { '@id': `${AUTHORITY}/data-theme/HEAL` },
        'dcat:keyword': Object.entries(keywords).flatMap(([language, words]) =>
          words.map((word) => ({ '@value': word, '@language': language })),
        ),
        'dct:accessRights': { '@id': `${AUTHORITY}/access-right/NON_PUBLIC` },
        ...(access.legalBasis !== undefined && {
          'dcatap:applicableLegislation': { '@id': access.legalBasis },
        }),
        'dct:spatial': { '@id': `${AUTHORITY}/country/NOR` },
        'dct:language': { '@id': `${AUTHORITY}/language/NOB` },
        'dct:accrualPeriodicity': { '@id': `${AUTHORITY}/frequency/CONT` },
        'prov:wasGeneratedBy': {
          '@id': 'https://data.norge.no/vocabulary/provenance-activity-type#collecting-from-third-party',
        },
        ...(from !== undefined && {
          'dct:temporal': { '@type': 'dct:PeriodOfTime', 'dcat:startDate': date(from) },
        }),
        ...(manifest.date !== undefined && { 'dct:modified': date(manifest.date.slice(0, 10)) }),
        ...(manifest.version !== undefined && { 'dcat:version': manifest.version }),
        ...(page !== undefined && { 'dcat:landingPage': { '@id': page } }),
        'foaf:page': files.map(({ name }) => ({ '@id': name })),
      },
      {
        '@id': `${ORGANISATION}/${organisation}`,
        '@type': 'org:Organization',
        'foaf:name': { '@value': manifest.publisher ?? '', '@language': 'nb' },
        'dct:identifier': organisation,
      },
      {
        '@id': `${dataset}#kontakt`,
        '@type': 'vcard:Organization',
        'vcard:fn': inLanguages(contact.name),
        ...(contact.email !== undefined && { 'vcard:hasEmail': { '@id': `mailto:${contact.email}` } }),
        ...(contact.url !== undefined && { 'vcard:hasURL': { '@id': contact.url } }),
      },
      ...files.map(({ name, mediaType }) => ({
        '@id': name,
        '@type': 'foaf:Document',
        'dct:title': { '@value': 'Variabelbeskrivelse', '@language': 'nb' },
        'dct:format': { '@id': `https://www.iana.org/assignments/media-types/${mediaType}` },
      })),
    ],
  };
}

const titleOf = ({ id, manifest, texts }: Register): Worded => ({
  nb: texts?.['nb']?.title ?? manifest.title ?? id,
  ...(texts?.['nn'] !== undefined && { nn: texts['nn'].title }),
  ...(texts?.['en'] !== undefined && { en: texts['en'].title }),
});

/** One value for each language, no language twice. */
const inLanguages = (text: Worded): readonly JsonObject[] =>
  (['nb', 'nn', 'en'] as const).flatMap((language) => {
    const value = text[language];
    return value === undefined ? [] : [{ '@value': value, '@language': language }];
  });

const date = (day: string): JsonObject => ({ '@value': day, '@type': 'xsd:date' });
