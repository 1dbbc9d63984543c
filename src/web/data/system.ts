/** Versions of the server, the register and its forms, for the national coordinator. */
import type { StaffPrincipal } from '../../access/principal.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import { forbidden } from '../../fhir/outcome.ts';
import { localised } from '../../sdc/text.ts';
import type { SystemModel } from '../models/system.ts';
import { formsOf } from './files.ts';
import { worded } from './overview.ts';
import { langOf, type Sources, textsOf } from './sources.ts';

export interface ServerFacts {
  /** Version of this program. */
  readonly version: string;
  readonly node: string;
}

/** Throws 403 for others than the national coordinator. */
export function systemPage(sources: Sources, principal: StaffPrincipal, facts: ServerFacts): SystemModel {
  if (principal.role !== 'SC') {
    throw forbidden('Systeminfo er for registerleder (SC).', 'role');
  }
  const lang = langOf(sources);
  const { content } = sources.registry;
  const register = content.registers.find(({ id }) => id === principal.register);
  const texts = textsOf(sources, principal.register, lang);
  const listed = (register?.manifest.definition?.resource ?? []).map(
    ({ reference }) =>
      parseCanonical(reference.reference ?? '')
        .url.split('/')
        .at(-2) ?? '',
  );
  const { contacts = [], versions = [] } = register?.pages?.about ?? {};
  return {
    server: facts.version,
    node: facts.node,
    register: {
      title: texts?.title ?? principal.register,
      version: register?.manifest.version ?? '',
      publisher: register?.manifest.publisher ?? '',
    },
    forms: formsOf(sources, principal.register).map(({ questionnaire }) => ({
      title: localised(questionnaire, 'title', lang),
      version: questionnaire.version ?? '',
      date: questionnaire.date ?? '',
    })),
    counts: [...Map.groupBy(listed, (type) => type)].map(([type, all]) => ({ type, n: all.length })),
    contacts: contacts.map(({ role, ...rest }) => ({ ...rest, role: worded(role, lang) })),
    versions: versions
      .map(({ text, ...rest }) => ({ ...rest, text: worded(text, lang) }))
      .toSorted((a, b) => b.date.localeCompare(a.date)),
  };
}
