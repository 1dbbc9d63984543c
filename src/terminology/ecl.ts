/**
 * The part of SNOMED CT's expression constraint language that value sets mostly use:
 * `<` `<<` `<!` `>` `>>` `*`, `AND` `OR` `MINUS`, brackets, and refinements `: attribute = value` joined by commas.
 * https://confluence.ihtsdotools.org/display/DOCECL
 */
import { ALL, and, not, or, type Condition } from './condition.ts';

const MAX_LENGTH = 2000;
const TOKEN = /\s*(<<|<!|>>|<|>|\*|\(|\)|:|,|=|\d{6,18}|\|[^|]*\||AND\b|OR\b|MINUS\b)/y;

/** What an attribute's value must be: written as a property by the loader. */
const REFINABLE: ReadonlySet<string> = new Set(['', '<<']);

/** The constraint as a condition; undefined when it uses more of the language than this. */
export function conditionOfEcl(text: string): Condition | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined) {
    return undefined;
  }
  const reader = new Reader(tokens);
  const condition = reader.expression();
  return reader.isAtEnd() ? condition : undefined;
}

function tokensOf(text: string): readonly string[] | undefined {
  if (text.length > MAX_LENGTH) {
    return undefined;
  }
  const tokens: string[] = [];
  const trimmed = text.trim();
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < trimmed.length;) {
    const match = TOKEN.exec(trimmed);
    if (match === null) {
      return undefined;
    }
    tokens.push(match[1] as string);
  }
  return tokens.filter((token) => !token.startsWith('|'));
}

const PREFIXES: Readonly<Record<string, (code: string) => Condition>> = {
  '<<': (code) => ({ kind: 'is-a', code }),
  '<': (code) => ({ kind: 'below', code }),
  '<!': (code) => ({ kind: 'child', code }),
  '>>': (code) => ({ kind: 'above', code }),
  '>': (code) => and({ kind: 'above', code }, not({ kind: 'codes', codes: [code] })),
};

const JOINS: Readonly<Record<string, (left: Condition, right: Condition) => Condition>> = {
  AND: (left, right) => and(left, right),
  OR: (left, right) => or(left, right),
  MINUS: (left, right) => and(left, not(right)),
};

/** Reads from left to right; each method answers undefined where the text is not of this language part. */
class Reader {
  private readonly tokens: readonly string[];
  private place = 0;
  private depth = 0;

  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
  }

  isAtEnd(): boolean {
    return this.place === this.tokens.length;
  }

  /** Operands joined by one operator; ECL asks for brackets where two differ. */
  expression(): Condition | undefined {
    let left = this.refined();
    let operator: string | undefined;
    for (let join = JOINS[this.peek()]; left !== undefined && join !== undefined; join = JOINS[this.peek()]) {
      const name = this.next();
      const right = this.refined();
      if (right === undefined || (operator !== undefined && (operator !== name || name === 'MINUS'))) {
        return undefined;
      }
      operator = name;
      left = join(left, right);
    }
    return left;
  }

  private refined(): Condition | undefined {
    const focus = this.operand();
    if (focus === undefined || this.peek() !== ':') {
      return focus;
    }
    this.next();
    const refinements: Condition[] = [];
    do {
      const refinement = this.refinement();
      if (refinement === undefined) {
        return undefined;
      }
      refinements.push(refinement);
    } while (this.peek() === ',' && this.next() !== '');
    return and(focus, ...refinements);
  }

  private operand(): Condition | undefined {
    const token = this.next();
    if (token === '*') {
      return ALL;
    }
    if (token === '(') {
      this.depth += 1;
      const inner = this.depth > 20 ? undefined : this.expression();
      return this.next() === ')' ? inner : undefined;
    }
    const prefix = PREFIXES[token];
    if (prefix !== undefined) {
      const code = this.next();
      return isCode(code) ? prefix(code) : undefined;
    }
    return isCode(token) ? { kind: 'codes', codes: [token] } : undefined;
  }

  /** `attribute = value`: the value as it is stated, or with `<<` anything below it. */
  private refinement(): Condition | undefined {
    const name = this.next();
    if (!isCode(name) || this.next() !== '=') {
      return undefined;
    }
    const operator = isCode(this.peek()) ? '' : this.next();
    const value = this.next();
    if (!REFINABLE.has(operator) || !isCode(value)) {
      return undefined;
    }
    return operator === '' ? { kind: 'property', name, value } : { kind: 'property-is-a', name, code: value };
  }

  private peek(): string {
    return this.tokens[this.place] ?? '';
  }

  private next(): string {
    const token = this.peek();
    this.place += 1;
    return token;
  }
}

const isCode = (token: string): boolean => /^\d{6,18}$/.test(token);
