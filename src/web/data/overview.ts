/**
 * The local overview [Lokal oversikt]: rows of the register's views, counted by the database. Which charts there are is said by the
 * register's pages/overview.json.
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import { listConcepts } from '../../content/concepts.ts';
import type { OverviewChart, Worded } from '../../content/register.ts';
import { auditRead, type Caller } from '../../repository/audit.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import type { Language } from '../../sdc/language.ts';
import { localised } from '../../sdc/text.ts';
import { createViewLibrary, type ViewLibrary } from '../../views/library.ts';
import { runView } from '../../views/run.ts';
import { type Group, groupedRows } from '../../views/statement.ts';
import type { ChartModel, OverviewModel } from '../models/overview.ts';
import { namesOfForm } from './heads.ts';
import { schedulesOf } from './modules.ts';
import { callerOf, langOf, type Sources, textsOf } from './sources.ts';

/** A count with what it was counted by. */
interface Counted {
  readonly values: readonly (string | null)[];
  readonly n: number;
}

const MONTHS = 12;

export async function overviewPage(sources: Sources, principal: StaffPrincipal): Promise<OverviewModel> {
  const caller = callerOf(sources, principal, 'overview');
  const register = sources.registry.content.registers.find(({ id }) => id === principal.register);
  const charts = register?.pages?.overview?.charts ?? [];
  const [unit] = principal.units;
  const department = unit === undefined ? undefined : (await sources.units.unit(unit))?.name;
  await auditRead(sources.repository.deps, caller, { status: 200, query: 'overview' });
  return {
    department: principal.role === 'SC' ? undefined : department,
    charts: await Promise.all(charts.map((chart) => drawable(sources, caller, chart))),
  };
}

const GROUPS: {
  readonly [K in OverviewChart['kind']]: (chart: Extract<OverviewChart, { kind: K }>) => readonly Group[];
} = {
  months: ({ date, series }) => [
    { kind: 'month', column: date },
    { kind: 'text', column: series },
  ],
  shares: ({ column, by }) => [
    { kind: 'text', column },
    ...(by === undefined ? [] : [{ kind: 'text', column: by } as const]),
  ],
  days: ({ from, to }) => [{ kind: 'days', from, to }],
};

async function drawable(sources: Sources, caller: Caller, chart: OverviewChart): Promise<ChartModel> {
  const lang = langOf(sources);
  const head = { id: chart.id, title: worded(chart.title, lang), about: worded(chart.about, lang) };
  switch (chart.kind) {
    case 'months': {
      const counts = await count(sources, caller, chart.view, GROUPS.months(chart));
      return { ...head, kind: 'months', ...monthSeries(sources, chart, counts) };
    }
    case 'shares': {
      const counts = await count(sources, caller, chart.view, GROUPS.shares(chart));
      return { ...head, kind: 'shares', rows: shares(sources, caller, chart, counts) };
    }
    case 'days': {
      const counts = await count(sources, caller, chart.view, GROUPS.days(chart));
      return { ...head, kind: 'days', ...days(chart.bins, counts) };
    }
  }
}

/** A text of the register's content in the reader's language. */
export const worded = (text: Worded, lang: Language): string => text[lang] ?? text.nb;

const libraries = new WeakMap<object, ViewLibrary>();

function libraryOf({ registry, repository }: Sources): ViewLibrary {
  const known = libraries.get(registry);
  const library = known ?? createViewLibrary(registry.content.registers, repository.deps.fhirBase);
  libraries.set(registry, library);
  return library;
}

/** Rows of a view that the reader may see, counted. */
async function count(
  sources: Sources,
  caller: Caller,
  canonical: string,
  groups: readonly Group[],
): Promise<readonly Counted[]> {
  const view = libraryOf(sources).find(canonical)?.compiled;
  if (view === undefined) {
    return [];
  }
  const rows = runView(sources.repository, caller, {
    view,
    form: (compiled, source) => groupedRows(compiled, source, groups),
    narrowing: {},
    limit: undefined,
  });
  const counted: Counted[] = [];
  for await (const row of rows) {
    const cells = JSON.parse(row) as readonly (string | number | null)[];
    counted.push({
      values: cells.slice(0, -1).map((cell) => (cell === null ? null : String(cell))),
      n: Number(cells.at(-1)),
    });
  }
  return counted;
}

type Of<K extends OverviewChart['kind']> = Extract<OverviewChart, { kind: K }>;

const sum = (counts: readonly Counted[]): number => counts.reduce((total, { n }) => total + n, 0);

function monthSeries(
  { registry, repository, lang = 'nb' }: Sources,
  { names }: Of<'months'>,
  counts: readonly Counted[],
) {
  const last = dayInOslo(repository.deps.clock.now()).slice(0, 7);
  const months = Array.from({ length: MONTHS }, (_, back) => monthBefore(last, MONTHS - 1 - back));
  const concepts = listConcepts(registry.content, names) ?? [];
  const countsOf = (code: string): readonly number[] =>
    months.map((month) => sum(counts.filter(({ values }) => values[0] === month && values[1] === code)));
  return {
    months,
    series: concepts.map(({ code, display, source }) => ({
      name: localised(source, 'display', lang) || display,
      counts: countsOf(code),
    })),
  };
}

/** `monthBefore('2026-01', 1)` is `2025-12`. */
function monthBefore(month: string, back: number): string {
  const at = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 - back;
  return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;
}

function shares(
  sources: Sources,
  { principal }: Caller,
  { values, leftOut = [], by, name }: Of<'shares'>,
  counts: readonly Counted[],
) {
  const counted = counts.filter(({ values: [value] }) => value != null && !leftOut.includes(value));
  const share = (own: readonly Counted[]) => ({
    n: sum(own.filter(({ values: [value] }) => values.includes(value ?? ''))),
    of: sum(own),
  });
  const lang = langOf(sources);
  if (by === undefined) {
    return [{ name: name === undefined ? '' : worded(name, lang), ...share(counted) }];
  }
  const register = 'register' in principal ? principal.register : '';
  const texts = textsOf(sources, register, lang);
  const planned = schedulesOf(sources, register).flatMap(({ forms }) => forms);
  const order = planned.map(({ questionnaire }) => questionnaire);
  const forms = Map.groupBy(counted, ({ values: [, form] }) => (form ?? '').split('|')[0] ?? '');
  const place = (form: string): number => order.findIndex((one) => one.split('|')[0] === form);
  return [...forms]
    .toSorted(([a], [b]) => place(a) - place(b))
    .map(([form, own]) => ({ name: namesOfForm(form, undefined, texts).short, ...share(own) }));
}

function days(bins: readonly number[], counts: readonly Counted[]) {
  const known = counts
    .flatMap(({ values: [value], n }) => (value == null ? [] : [{ day: Number(value), n }]))
    .toSorted((a, b) => a.day - b.day);
  const n = known.reduce((total, one) => total + one.n, 0);
  const between = (from: number, to: number | undefined): number =>
    known
      .filter(({ day }) => day >= from && (to === undefined || day <= to))
      .reduce((all, one) => all + one.n, 0);
  const edges = bins.map((to, at) => ({
    from: at === 0 ? 0 : (bins[at - 1] ?? 0) + 1,
    to: to as number | undefined,
  }));
  const rest = { from: (bins.at(-1) ?? -1) + 1, to: undefined };
  return {
    n,
    median: medianOf(known, n),
    bins: [...edges, rest].map(({ from, to }) => ({ from, to, n: between(from, to) })),
  };
}

function medianOf(
  sorted: readonly { readonly day: number; readonly n: number }[],
  n: number,
): number | undefined {
  let before = 0;
  for (const { day, n: own } of sorted) {
    before += own;
    if (before * 2 >= n) {
      return day;
    }
  }
  return undefined;
}
