/** Delivered registrations [Innleverte registreringer], for the coordinator who sees that everybody is there. */
import { stringify } from 'csv-stringify/sync';
import type { StaffPrincipal } from '../../access/principal.ts';
import { forbidden } from '../../fhir/outcome.ts';
import { FORLOPS_ID } from '../../registry/person/register-identifiers.ts';
import {
  countDelivered,
  type DeliveredPathway,
  deliveredPage,
  deliveredPlaces,
} from '../../repository/pathway-list.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import type { DeliveredModel, DeliveredQuery, DeliveredRow } from '../models/delivered.ts';
import { workbenchTexts } from '../ui/workbench-texts.ts';
import { pageTexts } from '../ui/page-texts.ts';
import { moduleTexts } from '../ui/module-texts.ts';
import { patientHead } from './heads.ts';
import { modulesOf, moduleTitle } from './modules.ts';
import { loadPathways } from './pathways.ts';
import { callerOf, langOf, type Sources } from './sources.ts';
import { withIds } from './work-list.ts';

const PAGE = 50;
/** Rows of a file: more than a department has. */
const MOST = 20_000;
/** Pathways of a file that are read at a time: their forms are much more than their rows. */
const PIECE = 500;

function requireCoordinator({ role }: StaffPrincipal): void {
  if (role !== 'LC') {
    throw forbidden('Innleverte registreringer er for lokal koordinator (LC).', 'role');
  }
}

export async function deliveredModel(
  sources: Sources,
  principal: StaffPrincipal,
  query: DeliveredQuery,
): Promise<DeliveredModel> {
  requireCoordinator(principal);
  const { repository } = sources;
  const [count, places] = await Promise.all([
    countDelivered(repository, principal, query),
    deliveredPlaces(repository, principal),
  ]);
  const pages = Math.max(1, Math.ceil(count / PAGE));
  const page = Math.min(query.page, pages);
  const lines = await deliveredPage(repository, principal, query, { limit: PAGE, offset: (page - 1) * PAGE });
  const rows = await rowsOf(sources, principal, lines, 'delivered-list');
  const modules = modulesOf(sources, principal.register);
  return { modules, query: { ...query, page }, rows, count, pages, places };
}

async function rowsOf(
  sources: Sources,
  principal: StaffPrincipal,
  lines: readonly DeliveredPathway[],
  page: string,
): Promise<readonly DeliveredRow[]> {
  const caller = callerOf(sources, principal, page);
  const pathways = await loadPathways(sources, caller, withIds(lines.map(({ episode }) => episode)));
  const byId = new Map(pathways.map((pathway) => [pathway.episode.id, pathway]));
  return lines.flatMap(({ episode: id, location, department, completed }) => {
    const pathway = byId.get(id);
    if (pathway === undefined) {
      return [];
    }
    const { episode, patient } = pathway;
    const number = episode.identifier?.find(({ system }) => system === FORLOPS_ID)?.value;
    const start = episode.period?.start;
    const age = ageOn(patient?.birthDate, start);
    const module = moduleTitle(sources, pathway.schedule);
    return {
      patient: patientHead(patient),
      ...(module !== undefined && { module }),
      completedAt: completed,
      ...(number !== undefined && { pathwayNumber: number }),
      ...(start !== undefined && { start }),
      ...(age !== undefined && { age }),
      ...(location !== null && { location }),
      ...(department !== null && { department }),
    };
  });
}

/** Whole years on the day of an instant. */
export function ageOn(birthDate: string | undefined, instant: string | undefined): number | undefined {
  if (birthDate === undefined || birthDate.length !== 10 || instant === undefined) {
    return undefined;
  }
  const day = instant.length === 10 ? instant : dayInOslo(new Date(instant));
  const digits = (date: string): number => Number(date.replaceAll('-', ''));
  return Math.floor((digits(day) - digits(birthDate)) / 10_000);
}

/** The rows of a search as a file: without names and national numbers, which the page shows. */
export async function deliveredCsv(
  sources: Sources,
  principal: StaffPrincipal,
  query: DeliveredQuery,
): Promise<string> {
  requireCoordinator(principal);
  const lines = await deliveredPage(sources.repository, principal, query, { limit: MOST, offset: 0 });
  const rows: DeliveredRow[] = [];
  for (let at = 0; at < lines.length; at += PIECE) {
    rows.push(...(await rowsOf(sources, principal, lines.slice(at, at + PIECE), 'delivered-file')));
  }
  const t = workbenchTexts[langOf(sources)];
  const p = pageTexts[langOf(sources)];
  const hasModules = modulesOf(sources, principal.register).length > 0;
  const m = moduleTexts[langOf(sources)];
  const head = [
    ...(hasModules ? [m.module] : []),
    p.pathwayNumber,
    p.patientNumber,
    p.start,
    t.completedAt,
    t.age,
    p.location,
    p.department,
  ];
  const table = rows.map((row) => [
    ...(hasModules ? [row.module] : []),
    row.pathwayNumber,
    row.patient.patientNumber,
    dayOf(row.start),
    dayOf(row.completedAt),
    row.age,
    row.location,
    row.department,
  ]);
  return stringify([head, ...table], { delimiter: ';', bom: true, escape_formulas: true });
}

const dayOf = (instant: string | undefined): string =>
  instant === undefined || instant.length === 10 ? (instant ?? '') : dayInOslo(new Date(instant));
