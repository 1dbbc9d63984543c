/** What a role is called, and what a message was about, in the reader's language: cells of tables. */
import type { ReactNode } from 'react';
import type { StaffRole } from '../../../access/principal.ts';
import { accountTexts } from '../../ui/account-texts.ts';
import { useTexts } from '../../ui/page-context.tsx';

export const RoleName = ({ role }: { readonly role: StaffRole }): ReactNode =>
  useTexts(accountTexts).roleNames[role];

export const Purpose = ({ purpose }: { readonly purpose: string }): ReactNode =>
  useTexts(accountTexts).purposes[purpose] ?? purpose;
