/**
 * Every variable that a register is known to have, and where it is in the content: form, linkId, type and codes, or why it is left
 * out. Writes docs/<register>-variables.md and prints the tables: `node scripts/register-variables.mjs [register …]`.
 * The known variables are in test/content/<prefix>-variables.json, where <prefix> begins the ids of the forms; it begins with the
 * register's id. A variable that is nowhere makes the command fail.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readArtefacts, readJson, root, TYPES } from './content-files.mjs';

const LISTS = 'test/content/';
const ENDING = '-variables.json';
const LEGACY = 'https://ryggrad.no/fhir/NamingSystem/';
const LONGEST_LIST = 16;

/** Forms, lists and maps of the content, and the variables that registers are known to have. */
export function readContent() {
  const ofType = readArtefacts();
  const registers = readdirSync(new URL('registers/', root)).toSorted();
  return {
    forms: new Map(ofType('Questionnaire').map((form) => [form.id, form])),
    valueSets: new Map(ofType('ValueSet').map((each) => [`${each.url}|${each.version}`, each])),
    codeSystems: new Map(ofType('CodeSystem').map((each) => [each.url, each])),
    maps: ofType('ConceptMap')
      .flatMap(({ group = [] }) => group)
      .filter(({ target }) => target?.startsWith(LEGACY)),
    lists: readdirSync(new URL(LISTS, root))
      .filter((name) => name.endsWith(ENDING))
      .toSorted()
      .map((name) => name.slice(0, -ENDING.length))
      .map((prefix) => ({
        prefix,
        register: registers.find((id) => prefix === id || prefix.startsWith(`${id}-`)),
        ...readJson(`${LISTS}${prefix}${ENDING}`),
      })),
  };
}

/** One row for each variable of each form, in the order of the list. */
export function readVariables(content = readContent()) {
  return content.lists.flatMap((list) => {
    const all = [...content.forms.keys()].filter((id) => id.startsWith(`${list.prefix}-`));
    return Object.entries(list.forms).flatMap(([form, names]) => {
      const own = `${list.prefix}-${form}`;
      const places = (content.forms.has(own) ? [own] : all).flatMap((id) => placesOf(id, content));
      return names.map((variable) => ({
        register: list.register,
        prefix: list.prefix,
        form,
        variable,
        ...(places.find(({ names: known }) => known.has(variable))?.row(variable) ?? {}),
        reason: list.leftOut.find(({ forms, names: left }) => forms.includes(form) && left.includes(variable))
          ?.reason,
      }));
    });
  });
}

/** The questions of a form, each with the names that it stands for. */
function placesOf(id, content) {
  const items = allItems(content.forms.get(id).item).filter(
    ({ type }) => type !== 'group' && type !== 'display',
  );
  const asked = new Set(items.flatMap(variablesOf));
  return items
    .map((item) => {
      const own = variablesOf(item);
      const maps = mapsOf(item, content).filter(({ field }) => own.includes(field) || !asked.has(field));
      const flags = new Map(maps.flatMap(({ answers }) => answers));
      const whole = { questionnaire: id, linkId: item.linkId };
      return {
        names: new Set([...own, ...flags.keys(), ...maps.map(({ field }) => field)]),
        row: (variable) =>
          flags.has(variable) && !own.includes(variable)
            ? { ...whole, type: 'avkrysning', codes: `1 når svaret er «${flags.get(variable)}»` }
            : { ...whole, type: typeOf(item), codes: codesOf(item, variable, content) },
      };
    })
    .toSorted((a, b) => a.names.size - b.names.size);
}

const variablesOf = ({ code = [] }) =>
  code.filter(({ system }) => system?.endsWith('-variable')).map(({ code: name }) => name);

/** Maps to old codes of the lists that the answers are from, retired answers too: the field, and each old code with its answer. */
function mapsOf(item, content) {
  const systems = new Set(optionsOf(item, content).map(({ system }) => system));
  return content.maps
    .filter(({ source }) => systems.has(source))
    .map(({ source, target, element }) => {
      const concepts = content.codeSystems.get(source)?.concept ?? [];
      return {
        field: target.split('/').at(-1),
        answers: element.flatMap(({ code, target: targets = [] }) =>
          targets.map((old) => [old.code, concepts.find((each) => each.code === code)?.display ?? code]),
        ),
      };
    });
}

const allItems = (items = []) => items.flatMap((item) => [item, ...allItems(item.item)]);

const typeOf = ({ type, repeats, maxLength }) =>
  [TYPES[type], repeats ? 'flere svar' : '', maxLength === undefined ? '' : `inntil ${maxLength} tegn`]
    .filter(Boolean)
    .join(', ');

function optionsOf({ answerOption, answerValueSet }, { valueSets, codeSystems }) {
  if (answerOption !== undefined) {
    return answerOption.map(({ valueCoding }) => valueCoding).filter(Boolean);
  }
  return (valueSets.get(answerValueSet)?.compose?.include ?? []).flatMap(({ system, concept }) =>
    (concept ?? codeSystems.get(system)?.concept ?? []).map(({ code, display }) => ({
      system,
      code,
      display,
    })),
  );
}

/** Old codes of an answer, with the field that each holds for: the last part of the map's target. */
function oldCodesOf({ system, code }, { maps }) {
  return maps
    .filter(({ source }) => source === system)
    .flatMap(({ target, element }) =>
      element
        .filter((each) => each.code === code)
        .flatMap((each) =>
          (each.target ?? []).map((old) => ({ field: target.split('/').at(-1), code: old.code })),
        ),
    );
}

/** The answers with their old codes, or the limits of a number. */
function codesOf(item, variable, content) {
  const options = optionsOf(item, content);
  if (options.length > LONGEST_LIST) {
    const title = content.valueSets.get(item.answerValueSet)?.title;
    return title === undefined ? `${options.length} valg` : `${title} (${options.length} valg)`;
  }
  if (options.length > 0) {
    return options.map((option) => `${option.display}${shownOld(option, variable, content)}`).join(' · ');
  }
  const limit = (name) => valueOf(item.extension?.find(({ url }) => url.endsWith(`/${name}`)));
  const unit = item.extension?.find(({ url }) => url.endsWith('/questionnaire-unit'))?.valueCoding?.display;
  const [low, high] = [limit('minValue'), limit('maxValue')];
  const range = low === undefined && high === undefined ? '' : `${low ?? ''}–${high ?? ''}`;
  return [range, unit].filter(Boolean).join(' ');
}

const valueOf = (extension) =>
  Object.entries(extension ?? {}).find(([name]) => name.startsWith('value'))?.[1];

/** By the map of this very variable, or what all maps agree on. */
function shownOld(option, variable, content) {
  const found = oldCodesOf(option, content);
  const own = [variable, 'YESNO', 'NRS'].flatMap((name) => found.filter(({ field }) => field === name))[0];
  const all = new Set(found.map(({ code }) => code));
  const old = own?.code ?? (all.size === 1 ? [...all][0] : undefined);
  return old === undefined || old === option.display ? '' : ` (${old})`;
}

/** Variables that are neither in the content nor left out with a reason. */
export const missing = (rows) =>
  rows.filter(({ questionnaire, reason }) => questionnaire === undefined && reason === undefined);

const cell = (text = '') => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (cells) => `| ${cells.map(cell).join(' | ')} |`;
const counted = (rows) => {
  const left = rows.filter(({ questionnaire }) => questionnaire === undefined).length;
  return `${rows.length} variabler: ${rows.length - left} i innholdet, ${left} utelatt`;
};

/** The page of a register as it should be. */
export function pageOf(register, rows = readVariables()) {
  const own = rows.filter((each) => each.register === register);
  const tables = [...Map.groupBy(own, ({ prefix, form }) => `${prefix}-${form}`)].map(([name, lines]) =>
    [
      `## \`${name}\``,
      '',
      `${counted(lines)}.`,
      '',
      row(['Variabel', 'Skjema', 'linkId', 'Type', 'Koder', 'Utelatt fordi']),
      row(['---', '---', '---', '---', '---', '---']),
      ...lines.map(({ variable, questionnaire, linkId, type, codes, reason }) =>
        questionnaire === undefined
          ? row([variable, '', '', '', '', reason ?? '**MANGLER**'])
          : row([variable, questionnaire, linkId, type, codes, '']),
      ),
    ].join('\n'),
  );
  return [
    `# ${register.toUpperCase()}: variablene`,
    '',
    '<!-- Skrevet av `node scripts/register-variables.mjs` fra innholdet. Endre innholdet eller listen over variabler, ikke denne siden. -->',
    '',
    `${counted(own)}. Variablene er navnene som registeret er kjent å ha, skrevet som der; tall i parentes etter et svar er koden i den`,
    'tidligere løsningen. «avkrysning» er et felt i den tidligere løsningen som er ett av svarene på et spørsmål her.',
    '',
    tables.join('\n\n'),
    '',
  ].join('\n');
}

export const registersOf = (rows = readVariables()) => [...new Set(rows.map(({ register }) => register))];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = readVariables();
  const wanted = process.argv.slice(2);
  for (const register of registersOf(rows).filter((id) => wanted.length === 0 || wanted.includes(id))) {
    const page = pageOf(register, rows);
    writeFileSync(new URL(`docs/${register}-variables.md`, root), page);
    console.log(page);
  }
  for (const { prefix, form, variable } of missing(rows)) {
    console.error(`${prefix}-${form}: ${variable} is neither in the content nor left out with a reason.`);
    process.exitCode = 1;
  }
}
