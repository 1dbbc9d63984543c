/** Pathways of a dump by what became of them, while it is read in. */
const TOLD = 100;

export class Tally {
  private loadedCount = 0;
  private knownCount = 0;
  private refusedCount = 0;
  private readonly refusals: { readonly pathway: string; readonly problems: readonly string[] }[] = [];

  loaded(): void {
    this.loadedCount += 1;
  }

  known(): void {
    this.knownCount += 1;
  }

  refuse(pathway: string, ...problems: readonly string[]): void {
    this.refusedCount += 1;
    if (this.refusals.length < TOLD) {
      this.refusals.push({ pathway, problems });
    }
  }

  result() {
    return {
      loaded: this.loadedCount,
      known: this.knownCount,
      refused: this.refusals,
      refusedCount: this.refusedCount,
    };
  }
}
