/** Forms that are sent to patients: what falls due, and the channels that carry it (docs/adr/0020). */
import type { NationalRegistries } from '../adapters/national/settings.ts';
import { syntheticContacts } from '../adapters/contact/synthetic-contacts.ts';
import { hasContentOf } from '../registry/registry.ts';
import { advanceForms } from '../registry/sending/advance.ts';
import { type DeliveryReport, noContacts } from '../registry/sending/channel.ts';
import { deliverForm } from '../registry/sending/deliver.ts';
import { keepReport } from '../registry/sending/reports.ts';
import type { JobContext } from '../storage/jobs.ts';
import { EVERYTHING } from '../storage/row-access.ts';
import { linkChannels } from '../smart/patient-access/link-channel.ts';
import type { Engine, EngineOptions } from './engine.ts';
import type { People } from './people.ts';

export interface PatientForms {
  /** Do what is due; answers with how many forms something was done. */
  advance(): Promise<number>;
  /** The job that hands one order to a channel. */
  deliver(payload: unknown, job: Pick<JobContext, 'attempt' | 'maxAttempts'>): Promise<void>;
  /** What a channel tells afterwards of a message. */
  report(report: DeliveryReport): Promise<void>;
  /** After an attempt to send a message: a link that was given up has not reached the patient. */
  settle(payload: unknown): Promise<void>;
}

export function createSending(
  { config, storage, log, clock, newId }: EngineOptions,
  { repository, registry }: Pick<Engine, 'repository' | 'registry'>,
  { messages, accounts }: Pick<People, 'messages' | 'accounts'>,
  national: Pick<NationalRegistries, 'contacts'>,
): PatientForms {
  const { schedules, forms, packs } = registry;
  const sending = { repository, schedules, hasContent: hasContentOf(forms, packs) };
  const link = { messages, clock, newId, box: accounts.box, log: accounts.log, publicUrl: config.publicUrl };
  const channels = linkChannels({ ...link, store: storage.store }, config.mode);
  const contacts =
    config.mode === 'demo' && national.contacts === noContacts ? syntheticContacts : national.contacts;
  const report = (told: DeliveryReport): Promise<void> => keepReport({ repository }, told);
  return {
    report,
    async settle(payload) {
      const { id } = payload as { readonly id: string };
      const [givenUp] = await storage.db.query<{ readonly problem: string | null }>({
        text: `select problem from message where id = $1 and purpose = 'patient-form' and failed is not null`,
        values: [id],
      });
      if (givenUp !== undefined) {
        await report({ key: id, status: 'failed', reason: 'Meldingen kom ikke fram' });
      }
    },
    advance: () =>
      advanceForms({
        ...sending,
        db: storage.db.as(EVERYTHING),
        onFailure: (err, task) => log.error({ err, task }, 'a form for a patient could not be advanced'),
      }),
    deliver: (payload, job) => deliverForm({ ...sending, forms, channels, contacts }, payload, job),
  };
}
