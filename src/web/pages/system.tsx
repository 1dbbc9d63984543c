/** [Systeminfo]: versions, contacts, and what has changed. */
import type { ReactNode } from 'react';
import type { SystemModel } from '../models/system.ts';
import { Table } from '../ui/aksel.ts';
import { formatDate } from '../ui/format.ts';
import { useTexts } from '../ui/page-context.tsx';
import { Part } from '../ui/part.tsx';
import { systemTexts } from '../ui/system-texts.ts';
import { TableHead } from '../ui/table-head.tsx';

export function SystemPage({ model }: { readonly model: SystemModel }): ReactNode {
  const t = useTexts(systemTexts);
  const { register, forms, counts, contacts, versions } = model;
  return (
    <div className="stack stack--sections">
      <h1 className="page-title">{t.title}</h1>
      <dl className="card facts">
        <dt>{t.server}</dt>
        <dd>Ryggrad {model.server}</dd>
        <dt>{t.node}</dt>
        <dd>{model.node}</dd>
        <dt>{t.standard}</dt>
        <dd>FHIR R4 (4.0.1)</dd>
        <dt>{t.register}</dt>
        <dd>
          {register.title}, {register.version}
        </dd>
        <dt>{t.publisher}</dt>
        <dd>{register.publisher}</dd>
      </dl>
      <Part id="kontakter" title={t.contacts}>
        {contacts.length === 0 ? (
          <p className="card empty">{t.noContacts}</p>
        ) : (
          <dl className="card facts">
            {contacts.map(({ role, name, email }) => [
              <dt key={`${role}?`}>{role}</dt>,
              <dd key={role}>
                {name}
                {email !== undefined && (
                  <>
                    {' '}
                    <a href={`mailto:${email}`}>{email}</a>
                  </>
                )}
              </dd>,
            ])}
          </dl>
        )}
      </Part>
      <Part id="historikk" title={t.versions}>
        {versions.length === 0 ? (
          <p className="card empty">{t.noVersions}</p>
        ) : (
          <ol className="events">
            {versions.map(({ version, date, text }) => (
              <li key={version}>
                <span className="subtle">{formatDate(date)}</span>
                <p>
                  <strong>{version}</strong>
                </p>
                <p>{text}</p>
              </li>
            ))}
          </ol>
        )}
      </Part>
      <Part id="skjemaer" title={t.forms}>
        <Rows
          labelledBy="skjemaer"
          heads={[t.form, t.version, t.date]}
          rows={forms.map(({ title, version, date }) => [title, version, formatDate(date)])}
        />
      </Part>
      <Part id="innholdet" title={t.content}>
        <Rows
          labelledBy="innholdet"
          heads={[t.kind, t.count]}
          rows={counts.map(({ type, n }) => [type, String(n)])}
        />
      </Part>
    </div>
  );
}

const Rows = ({
  labelledBy,
  heads,
  rows,
}: {
  readonly labelledBy: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}): ReactNode => (
  <div className="table-scroll" tabIndex={0} role="region" aria-labelledby={labelledBy}>
    <Table size="small">
      <TableHead columns={heads} />
      <tbody>
        {rows.map(([first, ...rest]) => (
          <tr key={first}>
            <th scope="row">{first}</th>
            {rest.map((cell, at) => (
              <td key={at} className="tabular">
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  </div>
);
