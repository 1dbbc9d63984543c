/** Types of chromium.mjs for the tests that launch a browser. */

/** A browser program, what its environment must hold in addition, and where it came from. */
export interface FoundChromium {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
  readonly source: string;
}

export declare const chromiumFlags: readonly string[];

export declare function findChromium(): Promise<FoundChromium>;
