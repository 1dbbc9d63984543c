/** [Systeminfo]: what runs here, who answers for the register, and what its versions brought. */
export interface SystemModel {
  readonly server: string;
  readonly node: string;
  readonly register: { readonly title: string; readonly version: string; readonly publisher: string };
  readonly forms: readonly {
    readonly title: string;
    readonly version: string;
    readonly date: string;
  }[];
  readonly counts: readonly { readonly type: string; readonly n: number }[];
  readonly contacts: readonly { readonly role: string; readonly name: string; readonly email?: string }[];
  readonly versions: readonly { readonly version: string; readonly date: string; readonly text: string }[];
}
