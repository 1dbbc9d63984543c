/** The number that the code of a link goes to, sealed beside the link: it may be another one than the register's own. */
import type { SecretBox } from '../../storage/secret-box.ts';

const placeOf = (access: string): string => `patient_access/mobile/${access}`;

export const sealMobile = (box: SecretBox, access: string, mobile: string): string =>
  box.seal(mobile, placeOf(access));

export const openMobile = (box: SecretBox, access: string, sealed: string): string =>
  box.open(sealed, placeOf(access));
