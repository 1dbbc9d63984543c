/**
 * Which texts are FHIRPath beyond doubt, told in a fraction of the time that a parser takes: https://hl7.org/fhirpath/#grammar
 * What the parser takes may be refused here (comments, instance selectors, `sort`); what is taken here the parser takes.
 */

/** Is this surely FHIRPath? False means that the parser must say. */
export function isPlainPath(text: string): boolean {
  const reader = new Reader(text);
  return reader.expression(0) && reader.isAtEnd();
}

const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const DELIMITED = /`[^`\\]*`/y;
const STRING = /'(?:[^'\\]|\\[`"'\\/fnrt]|\\u[0-9A-Fa-f]{4})*'/y;
const NUMBER = /\d+(?:\.\d+)?(?![\dA-Za-z_])/y;
const TIME = String.raw`\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?`;
const DATE = String.raw`\d{4}(?:-\d\d(?:-\d\d)?)?`;
const MOMENT = new RegExp(
  `@(?:${DATE}(?:T(?:${TIME}(?:Z|[+-]\\d\\d:\\d\\d)?)?)?|T${TIME})(?![\\w:.+-])`,
  'y',
);
const BOOLEAN = /(?:true|false)(?!\w)/y;
const THIS = /\$(?:this|index|total)(?!\w)/y;
/** With parameters it has a grammar of its own. */
const SORT = /sort\(\)/y;
const SPACE = /[ \r\n\t]*/y;
const SIGN = /[+-]/y;
const OPERATOR = /<=|>=|!=|!~|[*/+\-&|<>=~]|(?:div|mod|in|contains|and|or|xor|implies)(?!\w)/y;
const OF_TYPE = /(?:is|as)(?!\w)/y;
const UNIT = /(?:year|month|week|day|hour|minute|second|millisecond)s?(?!\w)/y;
const COMMENT = /\/[/*]/y;

/** Names that are words of the language. The first four are names nevertheless after a dot and after a percent sign. */
const WORDS = new Set(
  'is as in contains div mod and or xor implies true false asc desc sort'
    .split(' ')
    .concat(
      'year month week day hour minute second millisecond'.split(' ').flatMap((unit) => [unit, `${unit}s`]),
    ),
);
const NAMES_BESIDES = new Set(['is', 'as', 'in', 'contains']);

/** Deeper ones are left to the parser. */
const MAX_DEPTH = 100;

/** Where the reading stands in the text. Each method reads one rule of the grammar and tells whether it was there. */
class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  isAtEnd(): boolean {
    this.take(SPACE);
    return this.at === this.text.length;
  }

  /** Operands with operators between them, whatever binds closer. */
  expression(depth: number): boolean {
    if (depth > MAX_DEPTH || !this.operand(depth)) {
      return false;
    }
    for (;;) {
      if (this.word(OF_TYPE)) {
        if (!this.type()) {
          return false;
        }
      } else if (this.is(COMMENT) || !this.word(OPERATOR)) {
        return true;
      } else if (!this.operand(depth)) {
        return false;
      }
    }
  }

  private operand(depth: number): boolean {
    while (this.word(SIGN)) {
      // any number of signs
    }
    if (!this.term(depth)) {
      return false;
    }
    for (;;) {
      if (this.symbol('.')) {
        if (!this.word(SORT) && !this.word(THIS) && !this.invocation(depth, NAMES_BESIDES)) {
          return false;
        }
      } else if (this.symbol('[')) {
        if (!this.expression(depth + 1) || !this.symbol(']')) {
          return false;
        }
      } else {
        return true;
      }
    }
  }

  private term(depth: number): boolean {
    if (this.symbol('(')) {
      return this.expression(depth + 1) && this.symbol(')');
    }
    if (this.symbol('{')) {
      return this.symbol('}');
    }
    if (this.symbol('%')) {
      return this.take(STRING) || this.name(NAMES_BESIDES);
    }
    if (this.word(NUMBER)) {
      return this.word(UNIT) || this.word(STRING) || true;
    }
    return (
      this.word(STRING) ||
      this.word(MOMENT) ||
      this.word(THIS) ||
      this.word(BOOLEAN) ||
      this.invocation(depth, NONE)
    );
  }

  /** A member or a function. `besides`: words that may be its name. */
  private invocation(depth: number, besides: ReadonlySet<string>): boolean {
    this.take(SPACE);
    if (!this.name(besides)) {
      return false;
    }
    if (!this.symbol('(')) {
      return !this.symbol('{');
    }
    if (this.symbol(')')) {
      return true;
    }
    do {
      if (!this.expression(depth + 1)) {
        return false;
      }
    } while (this.symbol(','));
    return this.symbol(')');
  }

  /** What follows `is` and `as`. */
  private type(): boolean {
    do {
      this.take(SPACE);
      if (!this.name(NONE)) {
        return false;
      }
    } while (this.symbol('.'));
    return !this.symbol('(') && !this.symbol('[') && !this.symbol('{');
  }

  private name(besides: ReadonlySet<string>): boolean {
    const from = this.at;
    if (this.take(DELIMITED)) {
      return this.text.slice(from, this.at) !== '`sort`';
    }
    if (!this.take(IDENTIFIER)) {
      return false;
    }
    const name = this.text.slice(from, this.at);
    return !WORDS.has(name) || besides.has(name);
  }

  private symbol(symbol: string): boolean {
    this.take(SPACE);
    const isThere = this.text.startsWith(symbol, this.at);
    this.at += isThere ? symbol.length : 0;
    return isThere;
  }

  private word(pattern: RegExp): boolean {
    this.take(SPACE);
    return this.take(pattern);
  }

  /** Is the pattern next, after any space? Reads the space alone. */
  private is(pattern: RegExp): boolean {
    this.take(SPACE);
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  private take(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const isThere = pattern.test(this.text);
    this.at = isThere ? pattern.lastIndex : this.at;
    return isThere;
  }
}

const NONE: ReadonlySet<string> = new Set();
