/**
 * Who is above whom in a code system while it is loaded: https://hl7.org/fhir/R4/codesystem.html#hierachy
 */
export class Hierarchy {
  private readonly parents = new Map<string, readonly string[]>();
  private readonly known = new Map<string, readonly string[]>();

  add(code: string, parents: readonly string[]): void {
    if (parents.length > 0) {
      this.parents.set(code, parents);
    }
  }

  get size(): number {
    return this.parents.size;
  }

  /** The code itself and all above it. A code that is above itself by a fault of the file does not run in circles. */
  lineOf(code: string): readonly string[] {
    const known = this.known.get(code);
    if (known !== undefined) {
      return known;
    }
    this.known.set(code, [code]);
    const line = new Set([code]);
    for (const parent of this.parents.get(code) ?? []) {
      for (const above of this.lineOf(parent)) {
        line.add(above);
      }
    }
    const all = [...line];
    this.known.set(code, all);
    return all;
  }
}
