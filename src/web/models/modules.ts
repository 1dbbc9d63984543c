/** A module of a register, to choose from. */
export interface ModuleChoice {
  /** Code of its pathways' type; in addresses and forms. */
  readonly id: string;
  readonly short: string;
  readonly title: string;
}
