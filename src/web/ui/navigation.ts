/**
 * The entries of the navigation, and who has them. What people go to every day stands first; the rest is behind [Mer].
 */
import type { StaffRole } from '../../access/principal.ts';
import type { Language } from '../../sdc/language.ts';
import type { FrameModel } from '../view-models.ts';
import { auditTexts } from './audit-texts.ts';
import { connectionTexts } from './connection-texts.ts';
import { fileTexts } from './file-texts.ts';
import { overviewTexts } from './overview-texts.ts';
import { pageTexts } from './page-texts.ts';
import { patientFormsTexts } from './patient-forms-texts.ts';
import { placeTexts } from './place-texts.ts';
import { reservationTexts } from './reservation-texts.ts';
import { systemTexts } from './system-texts.ts';
import { unmappedTexts } from './unmapped-texts.ts';
import { workbenchTexts } from './workbench-texts.ts';

export type NavId =
  | 'work-list'
  | 'patient-forms'
  | 'new-registration'
  | 'search'
  | 'delivered'
  | 'overview'
  | 'files'
  | 'connections'
  | 'system'
  | 'wards'
  | 'sites'
  | 'users'
  | 'trail'
  | 'unmapped'
  | 'reservations';

export interface NavEntry {
  readonly id: NavId;
  readonly href: string;
  readonly text: (lang: Language) => string;
  readonly roles: readonly StaffRole[];
  /** Always in sight; the others are behind [Mer]. */
  readonly isDaily?: true;
  /** Only in a session of one's own: one that an EHR opened has nothing but the form's. */
  readonly isOwn?: true;
  readonly isShown?: (frame: FrameModel) => boolean;
}

const ALL: readonly StaffRole[] = ['LU', 'LC', 'SC'];
const LOCAL: readonly StaffRole[] = ['LU', 'LC'];
const COORDINATORS: readonly StaffRole[] = ['LC', 'SC'];

const ENTRIES: readonly NavEntry[] = [
  {
    id: 'work-list',
    href: '/arbeidsliste',
    text: (lang) => pageTexts[lang].workList,
    roles: ALL,
    isDaily: true,
  },
  {
    id: 'patient-forms',
    href: '/pasientregistreringer',
    text: (lang) => patientFormsTexts[lang].title,
    roles: LOCAL,
    isDaily: true,
    isOwn: true,
  },
  {
    id: 'new-registration',
    href: '/ny-registrering',
    text: (lang) => workbenchTexts[lang].newRegistration,
    roles: LOCAL,
    isDaily: true,
    isOwn: true,
    isShown: ({ isCaptured }) => isCaptured !== true,
  },
  {
    id: 'search',
    href: '/pasientsok',
    text: (lang) => workbenchTexts[lang].searchTitle,
    roles: LOCAL,
    isDaily: true,
    isOwn: true,
  },
  {
    id: 'delivered',
    href: '/innleverte',
    text: (lang) => workbenchTexts[lang].deliveredTitle,
    roles: ['LC'],
    isOwn: true,
  },
  {
    id: 'overview',
    href: '/oversikt',
    text: (lang) => overviewTexts[lang].title,
    roles: ALL,
    isOwn: true,
  },
  {
    id: 'files',
    href: '/filarkiv',
    text: (lang) => fileTexts[lang].title,
    roles: ALL,
    isOwn: true,
  },
  {
    id: 'wards',
    href: '/avdelinger',
    text: (lang) => placeTexts[lang].title.ward,
    roles: COORDINATORS,
    isOwn: true,
  },
  {
    id: 'sites',
    href: '/lokasjoner',
    text: (lang) => placeTexts[lang].title.site,
    roles: COORDINATORS,
    isOwn: true,
  },
  {
    id: 'unmapped',
    href: '/kan-ikke-kodes',
    text: (lang) => unmappedTexts[lang].title,
    roles: COORDINATORS,
    isOwn: true,
  },
  {
    id: 'users',
    href: '/brukere',
    text: (lang) => pageTexts[lang].users,
    roles: COORDINATORS,
    isOwn: true,
  },
  {
    id: 'trail',
    href: '/tilgangslogg',
    text: (lang) => auditTexts[lang].title,
    roles: COORDINATORS,
    isOwn: true,
  },
  {
    id: 'connections',
    href: '/forbindelser',
    text: (lang) => connectionTexts[lang].title,
    roles: COORDINATORS,
    isOwn: true,
  },
  {
    id: 'system',
    href: '/system',
    text: (lang) => systemTexts[lang].title,
    roles: ['SC'],
    isOwn: true,
  },
  {
    id: 'reservations',
    href: '/reservasjon',
    text: (lang) => reservationTexts[lang].title,
    roles: ALL,
    isShown: ({ hasReservations }) => hasReservations === true,
  },
];

/** The entries for a reader; none before a role is chosen. */
export function navigationOf(frame: FrameModel): readonly NavEntry[] {
  const { user } = frame;
  const role = user?.role;
  if (user === undefined || role === undefined) {
    return [];
  }
  return ENTRIES.filter(
    ({ roles, isOwn, isShown }) =>
      roles.includes(role) && (isOwn !== true || user.mayChangeRole) && (isShown?.(frame) ?? true),
  );
}
