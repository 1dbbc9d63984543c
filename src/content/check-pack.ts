/** What is wrong with a content pack: something is missing, was changed after it was sealed, or is of no such instrument. */
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import type { Instrument, InstrumentItem } from './instrument.ts';
import type { InstrumentIndex } from './instruments.ts';
import { checksumOf } from './pack-checksum.ts';

interface Fault {
  readonly element: string;
  readonly reason: string;
}

const NEEDED = ['instrument', 'version', 'language', 'holder', 'licence', 'validFrom'] as const;
const KNOWN = new Set([...NEEDED, 'validTo', 'checksum', 'intro', 'footer', 'items', 'texts']);
const LANGUAGES = new Set(['nb', 'nn', 'en']);
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Every fault of a pack; none for one that may be used. */
export function packFaults(pack: JsonObject, instruments: InstrumentIndex): readonly Fault[] {
  return [
    ...NEEDED.filter((name) => typeof pack[name] !== 'string' || pack[name] === '').map((name) =>
      fault(name, 'A content pack needs it.'),
    ),
    ...Object.keys(pack)
      .filter((name) => !KNOWN.has(name))
      .map((name) => fault(name, 'A content pack has no such member.')),
    ...languageFaults(pack['language']),
    ...dayFaults(pack),
    ...checksumFaults(pack),
    ...wordFaults(pack, instruments),
  ];
}

const fault = (element: string, reason: string): Fault => ({ element, reason });

const languageFaults = (language: JsonValue | undefined): readonly Fault[] =>
  typeof language !== 'string' || language === '' || LANGUAGES.has(language)
    ? []
    : [fault('language', `The language is nb, nn or en, not ${language}.`)];

function dayFaults({ validFrom, validTo }: JsonObject): readonly Fault[] {
  const isDay = (day: JsonValue | undefined): boolean =>
    typeof day === 'string' && DAY.test(day) && !Number.isNaN(Date.parse(day));
  return [
    ...(validFrom === undefined || validFrom === '' || isDay(validFrom)
      ? []
      : [fault('validFrom', 'The day is written 2026-12-31.')]),
    ...(validTo === undefined || isDay(validTo) ? [] : [fault('validTo', 'The day is written 2026-12-31.')]),
    ...(isDay(validFrom) && isDay(validTo) && String(validTo) < String(validFrom)
      ? [fault('validTo', 'The pack ends before it begins.')]
      : []),
  ];
}

function checksumFaults(pack: JsonObject): readonly Fault[] {
  const { checksum } = pack;
  if (checksum === undefined || checksum === '') {
    return [fault('checksum', 'The pack is not sealed. Read it through, then run `ryggrad packs seal`.')];
  }
  return checksum === checksumOf(pack)
    ? []
    : [fault('checksum', 'The pack was changed after it was sealed, or copied with a mistake.')];
}

function wordFaults(pack: JsonObject, instruments: InstrumentIndex): readonly Fault[] {
  const { items, texts } = pack;
  const parts = [items, texts].filter(isObject).filter((part) => Object.keys(part).length > 0);
  const instrument = instruments.get(String(pack['instrument']));
  return [
    ...(parts.length === 0 ? [fault('items', 'A content pack has items or texts.')] : []),
    ...(['intro', 'footer'] as const)
      .filter((name) => pack[name] !== undefined && (typeof pack[name] !== 'string' || pack[name] === ''))
      .map((name) => fault(name, 'It is a text, or is left out.')),
    ...entriesOf(items).flatMap(([code, words]) => [
      ...textFaults(`items.${code}`, words),
      ...itemFaults(`items.${code}`, code, words, instrument),
    ]),
    ...entriesOf(texts).flatMap(([linkId, words]) => textFaults(`texts.${linkId}`, words)),
  ];
}

function textFaults(element: string, words: JsonValue): readonly Fault[] {
  if (!isObject(words)) {
    return [fault(element, 'It is an object with text and answers.')];
  }
  const { text, answers } = words;
  return [
    ...(text === undefined || (typeof text === 'string' && text.trim() !== '')
      ? []
      : [fault(`${element}.text`, 'It is a text that is not empty.')]),
    ...entriesOf(answers)
      .filter(([, answer]) => typeof answer !== 'string' || answer.trim() === '')
      .map(([points]) => fault(`${element}.answers.${points}`, 'It is a text that is not empty.')),
  ];
}

function itemFaults(
  element: string,
  code: string,
  words: JsonValue,
  instrument: Instrument | undefined,
): readonly Fault[] {
  if (instrument === undefined) {
    return [fault(element, 'The instrument is not defined here, so that it has no items: use texts.')];
  }
  const item = instrument.items.find((each) => each.code === code);
  if (item === undefined) {
    return [fault(element, `${instrument.id} has no such item.`)];
  }
  const { answers } = isObject(words) ? words : {};
  return entriesOf(answers)
    .filter(([points]) => !isOnScale(item, Number(points)))
    .map(([points]) =>
      fault(`${element}.answers.${points}`, `Answers are named by their points, ${item.min} to ${item.max}.`),
    );
}

const isOnScale = ({ min, max }: InstrumentItem, points: number): boolean =>
  Number.isInteger(points) && points >= min && points <= max;

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entriesOf = (value: JsonValue | undefined): readonly (readonly [string, JsonValue])[] =>
  isObject(value) ? Object.entries(value) : [];
