/**
 * A posted form with one small file, held in memory: https://www.rfc-editor.org/rfc/rfc7578
 */
export interface PostedFile {
  readonly name: string;
  readonly data: Buffer;
}

export interface PostedForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, PostedFile>>;
}

const NOTHING: PostedForm = { fields: {}, files: {} };
const HEAD_END = '\r\n\r\n';
/** No form of ours has as many; what comes after them is left out. */
const MOST_PARTS = 20;

/** Fields and files by name, the last of each; nothing for a body that is no such form. */
export function readMultipart(body: unknown, contentType = ''): PostedForm {
  const boundary = /^multipart\/form-data;.*boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined || !Buffer.isBuffer(body)) {
    return NOTHING;
  }
  const parts = partsOf(Buffer.concat([Buffer.from('\r\n'), body]), Buffer.from(`\r\n--${mark}`)).map(
    readPart,
  );
  return {
    fields: Object.fromEntries(
      parts.flatMap((part) =>
        part?.file === undefined && part ? [[part.field, part.data.toString('utf8')]] : [],
      ),
    ),
    files: Object.fromEntries(
      parts.flatMap((part) =>
        part?.file === undefined ? [] : [[part.field, { name: part.file, data: part.data }]],
      ),
    ),
  };
}

/** What stands between the marks. */
function partsOf(body: Buffer, mark: Buffer): readonly Buffer[] {
  const places: number[] = [];
  let at = body.indexOf(mark);
  while (at !== -1 && places.length <= MOST_PARTS) {
    places.push(at);
    at = body.indexOf(mark, at + mark.length);
  }
  return places.slice(0, -1).map((place, index) => body.subarray(place + mark.length, places[index + 1]));
}

interface Part {
  readonly field: string;
  readonly file: string | undefined;
  readonly data: Buffer;
}

function readPart(part: Buffer): Part | undefined {
  const end = part.indexOf(HEAD_END);
  const head = part.subarray(0, Math.max(0, end)).toString('utf8');
  const field = /name="([^"]*)"/.exec(head)?.[1];
  const file = /filename="([^"]*)"/.exec(head)?.[1];
  return end === -1 || field === undefined
    ? undefined
    : { field, file, data: part.subarray(end + HEAD_END.length) };
}
