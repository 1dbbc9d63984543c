/**
 * Resources as XML and back, by the definitions of R4: https://hl7.org/fhir/R4/xml.html
 */
import type { Shapes } from './shape.ts';
import type { JsonObject, JsonValue } from './types.ts';
import { readXml } from './xml-read.ts';
import { writeXml } from './xml-write.ts';

export interface XmlFormat {
  /** XML text → the value that FHIR JSON has for it, exact digits kept. Throws 400 with line and column. */
  read(text: string): JsonValue;
  /** A resource → XML text; `indent` spaces a level, or on one line. */
  write(resource: JsonObject, indent?: number): string;
}

export const createXmlFormat = (shapes: Shapes): XmlFormat => ({
  read: (text) => readXml(text, shapes),
  write: (resource, indent) => writeXml(resource, shapes, indent),
});
