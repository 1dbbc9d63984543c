/**
 * Writes docs/smertereg-fields.md, every field of the register's forms, from the content: `node scripts/smertereg-fields.mjs`.
 * Where a field stands in the user guide, and why one has no old name, is in smertereg-guide.json.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readArtefacts, readJson, root, TYPES } from './content-files.mjs';

const page = new URL('docs/smertereg-fields.md', root);
const REGISTER = 'smertereg-';

const CORE = 'http://hl7.org/fhir/StructureDefinition/';
const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-';
const OUR = 'https://ryggrad.no/fhir/StructureDefinition/';
const LEGACY = 'https://ryggrad.no/fhir/NamingSystem/smertereg-oqr/';

const LONGEST_LIST = 12;

/** What the table is made of: the register's forms in the order of the guide, lists, maps, and the places in the guide. */
export function readContent() {
  const ofType = readArtefacts();
  const guide = readJson('scripts/smertereg-guide.json');
  const order = Object.keys(guide.forms);
  const place = ({ id }) => (order.includes(id) ? order.indexOf(id) : order.length);
  return {
    forms: ofType('Questionnaire')
      .filter(({ id }) => id.startsWith(REGISTER))
      .toSorted((a, b) => place(a) - place(b)),
    valueSets: new Map(ofType('ValueSet').map((each) => [`${each.url}|${each.version}`, each])),
    codeSystems: new Map(ofType('CodeSystem').map((each) => [each.url, each])),
    maps: ofType('ConceptMap').flatMap(({ group = [] }) => group),
    guide,
  };
}

/** One row per item that is no help text. */
export function readFields(content = readContent()) {
  return content.forms.flatMap((form) => {
    const items = new Map(allItems(form.item).map(({ item }) => [item.linkId, item]));
    return allItems(form.item)
      .filter(({ item }) => !isHelp(item))
      .map(({ item, above }) => ({
        form: form.id,
        linkId: item.linkId,
        type: item.type,
        question: [item.prefix, item.text].filter(Boolean).join(' '),
        answers: answersOf(item, content),
        condition: conditionOf([...above, item], items, content),
        rules: rulesOf(item),
        place: placeOf(form.id, [...above, item], content),
        legacy: legacyOf(item, content),
        reason: reasonOf(item, content),
      }));
  });
}

const allItems = (items = [], above = []) =>
  items.flatMap((item) => [{ item, above }, ...allItems(item.item, [...above, item])]);

const extension = (element, url) => element.extension?.find((each) => each.url === url);
const flag = (element, url) => extension(element, url)?.valueBoolean === true;
const valueOf = (element) => Object.entries(element ?? {}).find(([name]) => name.startsWith('value'))?.[1];
const control = (item) =>
  extension(item, `${CORE}questionnaire-itemControl`)?.valueCodeableConcept?.coding?.[0]?.code;
const isHelp = (item) => item.type === 'display' && control(item) === 'help';

function answersOf(item, content) {
  if (item.type === 'group' || item.type === 'display') {
    return '';
  }
  const unit = extension(item, `${CORE}questionnaire-unit`)?.valueCoding?.display;
  const several = item.repeats ? ', flere svar' : '';
  const options = optionsOf(item, content);
  if (options === undefined) {
    const length = item.maxLength === undefined ? '' : `, inntil ${item.maxLength} tegn`;
    return `${TYPES[item.type]}${unit === undefined ? '' : `, ${unit}`}${length}`;
  }
  if (options.length === 0 || options.length > LONGEST_LIST) {
    const title = content.valueSets.get(item.answerValueSet)?.title ?? item.answerValueSet;
    return `${TYPES[item.type]}: ${title}${options.length > 0 ? ` (${options.length} valg)` : ''}${several}`;
  }
  const texts = options.map((option) => `${option.display}${oldCode(option, item, content)}${option.mark}`);
  return `${texts.join(' · ')}${several}`;
}

function optionsOf({ answerOption, answerValueSet }, { valueSets, codeSystems }) {
  if (answerOption !== undefined) {
    return answerOption.map((option) => ({ ...option.valueCoding, mark: markOf(option) }));
  }
  if (answerValueSet === undefined) {
    return undefined;
  }
  return (valueSets.get(answerValueSet)?.compose?.include ?? []).flatMap(({ system, concept }) =>
    (concept ?? codeSystems.get(system)?.concept ?? []).map(({ code, display }) => ({
      system,
      code,
      display,
      mark: '',
    })),
  );
}

function markOf(option) {
  if (flag(option, `${CORE}questionnaire-optionExclusive`)) {
    return ' (utelukker andre)';
  }
  return flag(option, `${OUR}option-system-only`) ? ' (settes av systemet)' : '';
}

/** The code of the old solution: by the map of this very field, that of all yes/no fields, or what all maps agree on. */
function oldCode({ system, code }, item, { maps }) {
  const field = variableOf(item)?.code;
  const found = maps
    .filter(({ source, target }) => source === system && target?.startsWith(LEGACY))
    .flatMap(({ target, element }) =>
      element
        .filter((each) => each.code === code)
        .map((each) => ({ field: target.slice(LEGACY.length), code: each.target?.[0]?.code })),
    )
    .filter((each) => each.code !== undefined);
  const own = [field, 'YESNO'].flatMap((name) => found.filter((each) => each.field === name))[0]?.code;
  const all = new Set(found.map((each) => each.code));
  const agreed = own ?? (all.size === 1 ? [...all][0] : undefined);
  return agreed === undefined ? '' : ` (${agreed})`;
}

/** When the item is asked: its own condition and those of the groups around it. */
function conditionOf(path, items, content) {
  return path
    .map((item) => ownCondition(item, items, content))
    .filter((text) => text !== '')
    .join(' og ');
}

function ownCondition(item, items, content) {
  const { enableWhen = [], enableBehavior = 'all' } = item;
  const texts = enableWhen.map((each) => comparison(each, items, content));
  const joined = texts.join(enableBehavior === 'any' ? ' eller ' : ' og ');
  const whole = texts.length > 1 && enableBehavior === 'any' ? `(${joined})` : joined;
  const expression = extension(item, `${SDC}enableWhenExpression`)?.valueExpression?.expression;
  return [whole, expression === undefined ? '' : `\`${expression}\``].filter(Boolean).join(' og ');
}

function comparison({ question, operator, ...answer }, items, content) {
  const asked = items.get(question);
  const value = Object.entries(answer).find(([name]) => name.startsWith('answer'))?.[1];
  const name = `«${asked?.text ?? question}»`;
  if (operator === 'exists') {
    return `${name} er ${value === true ? '' : 'ikke '}besvart`;
  }
  const option = optionsOf(asked ?? {}, content)?.find(
    ({ system, code }) => system === value?.system && code === value?.code,
  );
  return `${name} ${operator} ${option?.display ?? yesNo(value?.code ?? value)}`;
}

const YES_NO = { true: 'ja', false: 'nei' };
const yesNo = (value) => YES_NO[String(value)] ?? value;

function rulesOf(item) {
  const usual = extension(item, `${OUR}usual-range`);
  const limit = (url) => valueOf(extension(item, `${CORE}${url}`));
  const [low, high] = ['low', 'high'].map((end) => valueOf(usual === undefined ? {} : extension(usual, end)));
  const constraints = (item.extension ?? [])
    .filter(({ url }) => url === `${CORE}questionnaire-constraint`)
    .map(
      (each) =>
        `${valueOf(extension(each, 'severity')) === 'error' ? 'regel' : 'spør'}: ${valueOf(extension(each, 'human'))}`,
    );
  return [
    item.required ? 'påkrevd' : '',
    flag(item, `${OUR}recommended`) ? 'bør besvares' : '',
    flag(item, `${CORE}questionnaire-hidden`) ? 'skjult' : '',
    item.readOnly ? 'bare lesing' : '',
    extension(item, `${SDC}calculatedExpression`) === undefined ? '' : 'beregnes',
    extension(item, `${SDC}initialExpression`) === undefined ? '' : 'forhåndsutfylles',
    item.type === 'group' && item.repeats ? 'rader' : '',
    usual === undefined ? '' : `vanlig ${low}–${high}`,
    limit('minValue') === undefined ? '' : `minst ${limit('minValue')}`,
    limit('maxValue') === undefined ? '' : `høyst ${limit('maxValue')}`,
    flag(item, `${OUR}not-after-now`) ? 'ikke frem i tid' : '',
    ...constraints,
  ]
    .filter(Boolean)
    .join('; ');
}

/** The nearest place that is known: the item's, its number in the guide, that of a group around it, the form's section. */
function placeOf(formId, path, { guide }) {
  const form = guide.forms[formId];
  if (form === undefined) {
    return '';
  }
  const places = path.toReversed().map(({ linkId, prefix }) => {
    const numbered =
      form.numbered === true && prefix !== undefined ? `${form.section}, ${prefix}` : undefined;
    return form.items?.[linkId] ?? numbered;
  });
  return places.find((place) => place !== undefined) ?? form.section;
}

const variableOf = ({ code = [] }) => code.find(({ system }) => system?.endsWith('-variable'));
const conceptOf = ({ system, code }, { codeSystems }) =>
  codeSystems.get(system)?.concept?.find((concept) => concept.code === code);

/** The field's name in the old solution, or undefined. Ours begin with NY_. */
function legacyOf(item, content) {
  const variable = variableOf(item);
  const isOurs = variable === undefined || variable.code.startsWith('NY_');
  return isOurs || conceptOf(variable, content) === undefined ? undefined : variable.code;
}

/** Why there is no old name, or undefined. */
function reasonOf(item, content) {
  if (item.type === 'group') {
    return 'Gruppe, ikke et felt.';
  }
  if (item.type === 'display') {
    return 'Tekst, ikke et felt.';
  }
  const variable = variableOf(item);
  if (variable === undefined || !variable.code.startsWith('NY_')) {
    return undefined;
  }
  const concept = conceptOf(variable, content);
  const usual = 'Kodeboken av 2017 har ikke feltet.';
  return concept && (content.guide.reasons[variable.code] ?? concept.definition ?? usual);
}

/** The page as it should be. */
export function fieldsPage(fields, content) {
  return [
    '# SmerteReg: alle felt',
    '',
    '<!-- Skrevet av `node scripts/smertereg-fields.mjs` fra innholdet. Endre innholdet eller scripts/smertereg-guide.json, ikke denne siden. -->',
    '',
    'Sted er i brukerveiledningen for SmerteReg, versjon 1.8. Tidligere navn er feltets navn i kodeboken av 2017 eller i databasen bak',
    'Rapporteket; tall i parentes etter et svar er koden der. Vilkåret er det som må være oppfylt for at feltet vises. Hjelpetekster står i skjemaene.',
    '',
    ...content.forms.flatMap((form) =>
      section(
        form,
        fields.filter(({ form: id }) => id === form.id),
      ),
    ),
    '## Felt i veiledningen som ikke er spørsmål i et skjema',
    '',
    ...table(
      ['Felt', 'Sted i veiledningen', 'Hvor det er hos oss'],
      content.guide.outside.map(({ field, place, where }) => [field, place, where]),
    ),
  ].join('\n');
}

function section({ title, status, id }, fields) {
  const draft = status === 'draft' ? ', utkast' : '';
  const rows = fields.map((field) => [
    field.type === 'group' ? `**${field.question}**` : field.question,
    field.answers,
    field.condition,
    field.rules,
    field.place,
    `\`${field.linkId}\``,
    field.legacy ?? `– ${field.reason ?? ''}`,
  ]);
  return [
    `## ${title}`,
    '',
    `Skjema \`${id}\`${draft}: ${fields.filter(({ type }) => type !== 'group' && type !== 'display').length} felt.`,
    '',
    ...table(['Spørsmål', 'Svar', 'Vilkår', 'Krav', 'Sted i veiledningen', 'linkId', 'Tidligere navn'], rows),
  ];
}

const table = (head, rows) => [
  line(head),
  line(head.map(() => '---')),
  ...rows.map((cells) => line(cells.map(cell))),
  '',
];
const line = (cells) => `| ${cells.join(' | ')} |`;
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const content = readContent();
  writeFileSync(page, fieldsPage(readFields(content), content));
}
