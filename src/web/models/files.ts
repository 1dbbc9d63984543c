/** The file archive of a register, and what is generated from its forms. */
import type { CodeBookLine } from '../../registry/dump/code-book.ts';

export interface FileLine {
  readonly id: string;
  readonly title: string;
  readonly name: string;
  readonly size: number;
  readonly at: string;
}

export interface FilesModel {
  readonly files: readonly FileLine[];
  /** The reader lays out files. */
  readonly mayChange: boolean;
  /** Tables of the data dump that the reader may fetch. */
  readonly tables: readonly string[];
  /** Forms that can be printed without answers. */
  readonly forms: readonly { readonly id: string; readonly title: string }[];
}

export interface FileContent {
  readonly name: string;
  readonly contentType: string;
  readonly data: Buffer;
}

export type FileProblem = 'title' | 'file' | 'kind' | 'size';

export interface CodeBookModel {
  readonly register: string;
  readonly version: string;
  readonly madeOn: string;
  readonly lines: readonly CodeBookLine[];
}
