/** Departments and locations [Avdelinger, Lokasjoner]: the list, a new one, and a change. */
import type { ReactNode } from 'react';
import type { PlaceKind } from '../../registry/unit/places.ts';
import type { PlaceChange, PlaceLine, PlaceProblem, PlacesModel, TypedPlace } from '../models/places.ts';
import { Alert, Button, ErrorSummary, Radio, RadioGroup, Table, Tag, TextField } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { formatInstant } from '../ui/format.ts';
import { useTexts } from '../ui/page-context.tsx';
import { placeTexts } from '../ui/place-texts.ts';
import { TableHead } from '../ui/table-head.tsx';

export const PLACE_ADDRESS: Readonly<Record<PlaceKind, string>> = {
  ward: '/avdelinger',
  site: '/lokasjoner',
};

/** What was typed and could not be taken. */
export interface RefusedPlace {
  readonly typed: TypedPlace;
  readonly problems: readonly PlaceProblem[];
}

export type PlaceNotice = 'added' | 'saved' | 'removed';

export interface PlacesPageProps {
  readonly model: PlacesModel;
  readonly refused?: RefusedPlace | undefined;
  readonly notice?: PlaceNotice | undefined;
}

const EMPTY: TypedPlace = { name: '', alias: '', resh: '', isActive: true };

export function PlacesPage({ model, refused, notice }: PlacesPageProps): ReactNode {
  const t = useTexts(placeTexts);
  const { kind, lines, mayChange, changes } = model;
  return (
    <div className="stack stack--sections">
      <div className="stack stack--tight">
        <h1 className="page-title">{t.title[kind]}</h1>
        <p className="lead">{t.lead[kind]}</p>
      </div>
      {notice !== undefined && (
        <Alert variant="success" size="small" role="status">
          {t[notice]}
        </Alert>
      )}
      {lines.length === 0 ? <p className="card empty">{t.none[kind]}</p> : <Lines model={model} />}
      {mayChange && (
        <section className="stack stack--tight" aria-labelledby="ny">
          <h2 id="ny" className="section-title">
            {t.add[kind]}
          </h2>
          <Problems refused={refused} />
          <form method="post" action={PLACE_ADDRESS[kind]} className="card stack place-form" noValidate>
            <Fields typed={refused?.typed ?? EMPTY} problems={refused?.problems ?? []} />
            <div>
              <Button type="submit">{t.addButton}</Button>
            </div>
          </form>
        </section>
      )}
      {changes !== undefined && <Changes changes={changes} />}
    </div>
  );
}

/** The field that a problem is about. */
const FIELD: Readonly<Record<PlaceProblem, 'navn' | 'visningsnavn' | 'resh'>> = {
  'place-name': 'navn',
  'place-name-taken': 'navn',
  'place-alias': 'visningsnavn',
  'place-alias-taken': 'visningsnavn',
  'place-resh': 'resh',
  'place-used': 'navn',
  'place-changed': 'navn',
};

function Problems({ refused }: { readonly refused: RefusedPlace | undefined }): ReactNode {
  const t = useTexts(placeTexts);
  return refused === undefined || refused.problems.length === 0 ? null : (
    <ErrorSummary heading={t.heading}>
      {refused.problems.map((problem) => (
        <ErrorSummary.Item key={problem} href={`#${FIELD[problem]}`}>
          {t.problems[problem]}
        </ErrorSummary.Item>
      ))}
    </ErrorSummary>
  );
}

function Fields({
  typed,
  problems,
}: {
  readonly typed: TypedPlace;
  readonly problems: readonly PlaceProblem[];
}): ReactNode {
  const t = useTexts(placeTexts);
  const field = (name: 'navn' | 'visningsnavn' | 'resh', label: string, hint: string, value: string) => {
    const problem = problems.find(
      (one) => FIELD[one] === name && one !== 'place-used' && one !== 'place-changed',
    );
    return (
      <TextField
        id={name}
        name={name}
        label={label}
        description={hint}
        defaultValue={value}
        autoComplete="off"
        maxLength={100}
        error={problem === undefined ? undefined : t.problems[problem]}
        {...(name === 'resh' && { inputMode: 'numeric' as const, className: 'short-field' })}
      />
    );
  };
  return (
    <>
      {field('navn', t.name, t.nameHint, typed.name)}
      {field('visningsnavn', t.alias, t.aliasHint, typed.alias)}
      {field('resh', t.resh, t.reshHint, typed.resh)}
    </>
  );
}

function Lines({ model: { kind, lines, mayChange } }: { readonly model: PlacesModel }): ReactNode {
  const t = useTexts(placeTexts);
  const heads = [t.name, t.alias, t.resh, t.department, t.active, ...(mayChange ? [t.action] : [])];
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={t.title[kind]}>
      <Table size="small">
        <TableHead columns={heads} />
        <tbody>
          {lines.map(({ id, name, alias, resh, department, isActive }) => (
            <tr key={id}>
              <th scope="row">{name}</th>
              <td>{alias}</td>
              <td className="tabular">{resh}</td>
              <td>{department}</td>
              <td>
                <Tag size="xsmall" variant={isActive ? 'success' : 'neutral'}>
                  {isActive ? t.yes : t.no}
                </Tag>
              </td>
              {mayChange && (
                <td>
                  <a href={`${PLACE_ADDRESS[kind]}/${id}`} aria-label={fill(t.changeOf, { name })}>
                    {t.change}
                  </a>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function Changes({ changes }: { readonly changes: readonly PlaceChange[] }): ReactNode {
  const t = useTexts(placeTexts);
  return (
    <div className="stack stack--tight">
      <h2 id="endringer" className="section-title">
        {t.changes}
      </h2>
      <p>{t.changesLead}</p>
      {changes.length === 0 ? (
        <p className="card empty">{t.noChanges}</p>
      ) : (
        <div className="table-scroll" tabIndex={0} role="region" aria-label={t.changes}>
          <Table size="small">
            <TableHead columns={[t.when, t.what, t.name, t.department, t.who]} />
            <tbody>
              {changes.map(({ at, what, name, department, who }) => (
                <tr key={`${at}${name}${what}`}>
                  <td className="nowrap tabular">{formatInstant(at)}</td>
                  <td>{t.changed[what]}</td>
                  <td>{name}</td>
                  <td>{department}</td>
                  <td>{who}</td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </div>
  );
}

export interface PlacePageProps {
  readonly kind: PlaceKind;
  readonly place: PlaceLine & { readonly version: string };
  readonly refused?: RefusedPlace | undefined;
}

export function PlacePage({ kind, place, refused }: PlacePageProps): ReactNode {
  const t = useTexts(placeTexts);
  const typed = refused?.typed ?? place;
  const address = PLACE_ADDRESS[kind];
  return (
    <div className="stack">
      <p>
        <a href={address}>{t.title[kind]}</a>
      </p>
      <h1 className="page-title">{t.edit[kind]}</h1>
      <Problems refused={refused} />
      <form method="post" action={`${address}/${place.id}`} className="card stack place-form" noValidate>
        <input type="hidden" name="versjon" value={place.version} />
        <Fields typed={typed} problems={refused?.problems ?? []} />
        <RadioGroup
          legend={t.active}
          description={t.activeHint}
          name="aktiv"
          defaultValue={typed.isActive ? 'ja' : 'nei'}
        >
          <Radio value="ja">{t.yes}</Radio>
          <Radio value="nei">{t.no}</Radio>
        </RadioGroup>
        <div className="row">
          <Button type="submit">{t.save}</Button>
          <a href={address}>{t.cancel}</a>
        </div>
      </form>
      <form method="post" action={`${address}/${place.id}/slett`} className="stack stack--tight">
        <p id="slett">{t.removeLead}</p>
        <div>
          <Button type="submit" variant="secondary" size="small" aria-describedby="slett">
            {t.remove}
          </Button>
        </div>
      </form>
    </div>
  );
}
