/** Answers of made-up pathways that rules make depend on each other: dates, and the consent. By linkId, of any register. */
import type { Given } from './random-forms.ts';

export const GIVEN: Given = {
  'referral-date': '2016-02-01',
  'visit-date': '2016-03-01',
  'offer-date': '2016-03-02',
  'start-date': '2016-03-01',
  'registration-date': '2016-03-01',
  'end-date': '2016-03-06',
  'consent-date': '2016-03-01',
  'birth-date': '1960-05-17',
  'sick-leave-date': '2016-01-01',
  'recovered-date': '2016-06-01',
  consent: 'yes',
  attended: 'yes',
  'norwegian-speaking': 'yes',
  'cognitively-impaired': 'no',
};
