/** The part of the UCUM package that is used; it brings no types. https://lhncbc.github.io/ucum-lhc/ */
declare module '@lhncbc/ucum-lhc' {
  export interface Unit {
    /** Case-sensitive code. */
    readonly csCode_: string | number;
    readonly magnitude_: number;
    readonly dim_: { readonly dimVec_: readonly number[] | null } | null;
    /** Name of the function of a unit that does not begin at zero; null for ratio units. */
    readonly cnv_: string | null;
    readonly cnvPfx_: number;
    readonly isArbitrary_: boolean;
    /** How often the mole is a factor of it. */
    readonly moleExp_: number;
  }
  const package_: {
    readonly UcumLhcUtils: {
      getInstance(): {
        getSpecifiedUnit(code: string, mode: 'validate'): { readonly unit?: Unit | null };
      };
    };
  };
  export default package_;
}
