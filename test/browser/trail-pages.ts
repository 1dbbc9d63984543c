/** The pages of the audit trail with made-up events behind them. */
import { badRequest } from '../../src/fhir/outcome.ts';
import type { TrailPages } from '../../src/web/deps.ts';
import type { PatientHead } from '../../src/web/view-models.ts';
import type { EventModel, ReviewLine } from '../../src/web/models/trail.ts';

const line = (id: string, parts: Partial<ReviewLine> = {}): ReviewLine => ({
  id,
  at: '2026-11-24T08:05:00Z',
  who: 'Ane Nordli',
  agent: 'user:lu-ane',
  role: 'lokal bruker',
  where: 'Smerteteam Nord',
  what: 'Åpnet pasientsiden',
  status: 200,
  patients: 1,
  deviations: [],
  isFollowedUp: false,
  ...parts,
});

const LINES: readonly ReviewLine[] = [
  line('e1', { deviations: ['other-unit', 'night', 'many'] }),
  line('e2', { what: 'Så på arbeidslisten', patients: 48 }),
  line('e3', { what: 'Åpnet et skjema', status: 404, deviations: ['refused'], isFollowedUp: true }),
  line('e4', {
    who: 'Bjørn Sørli',
    agent: 'user:lc-bjorn',
    role: 'lokal koordinator',
    deviations: ['colleague'],
  }),
];

/** Follow-ups are kept for as long as the object lives. */
export function madeUpTrail(patient: PatientHead): TrailPages {
  const followUps: EventModel['followUps'][number][] = [];
  return {
    review: (_principal, request) =>
      Promise.resolve({
        request: { from: '2026-11-18', to: '2026-11-24', ...request },
        counts: { all: LINES.length, marked: 3, open: 2 },
        lines: request.agent === 'user:nobody' ? [] : LINES,
        pages: 3,
        isCut: true,
        newSeed: '1764000000000',
      }),
    event: (_principal, id) =>
      Promise.resolve({
        line: LINES.find((one) => one.id === id) ?? line(id),
        requestId: 'b7c8b5a2-1e2f-4a57-9d6e-6f9f6a3c1d11',
        purpose: 'HQUALIMP',
        legalBasis: ['https://lovdata.no/forskrift/2019-06-21-789'],
        seen: ['EpisodeOfCare/019abc12-0000-7000-8000-000000000001/_history/1', 'Patient/p1/_history/2'],
        patients: [patient.id],
        followUps,
      }),
    followUp: (_principal, _id, { verdict, comment }) => {
      if (comment === '') {
        throw badRequest('A comment is needed.', undefined, 'comment');
      }
      followUps.push({ at: '2026-11-24T09:00:00Z', who: 'Bjørn Sørli', verdict, comment });
      return Promise.resolve();
    },
    accessList: () =>
      Promise.resolve({
        patient,
        register: 'SmerteReg – Nasjonalt kvalitetsregister for smertebehandling',
        madeAt: '2026-11-24T09:00:00Z',
        lines: LINES.map(({ at, who, role, where, what }) => ({
          at: `${at.slice(8, 10)}.${at.slice(5, 7)}.${at.slice(0, 4)} kl. 09:05`,
          who,
          role,
          where,
          what,
          outcome: 'Gitt',
        })),
      }),
  };
}
