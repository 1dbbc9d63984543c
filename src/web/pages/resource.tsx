/** One stored resource: content, versions and what differs, where it came from, references both ways, and the JSON itself. */
import type { ReactNode } from 'react';
import type { ElementLine, ElementValue, ResourceModel } from '../models/resource-view.ts';
import { Table } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { formatInstant } from '../ui/format.ts';
import { useTexts } from '../ui/page-context.tsx';
import { CompareVersions } from '../ui/compare-versions.tsx';
import { Part } from '../ui/part.tsx';
import { resourceTexts } from '../ui/resource-texts.ts';
import { TableHead } from '../ui/table-head.tsx';
import { PageLinks } from './page-links.tsx';

export function ResourcePage({ model }: { readonly model: ResourceModel }): ReactNode {
  const t = useTexts(resourceTexts);
  const { type, id, title, lines, json } = model;
  return (
    <div className="stack stack--sections">
      <div className="stack stack--tight">
        <h1 className="page-title">{title}</h1>
        <p>
          <code>
            {type}/{id}
          </code>
        </p>
        <p className="subtle">{t.lead}</p>
      </div>
      <Part id="innhold-ressurs" title={t.content}>
        <Content lines={lines} />
      </Part>
      <Part id="versjoner" title={t.versions}>
        <Versions model={model} />
      </Part>
      <Part id="opphav" title={t.provenance}>
        <ProvenanceList model={model} />
      </Part>
      <Part id="viser-til" title={t.refersTo}>
        <RefersTo references={model.refersTo} />
      </Part>
      <Part id="vises-fra" title={t.referredBy}>
        <ReferredBy model={model} />
      </Part>
      <details className="json">
        <summary>{t.json}</summary>
        <pre tabIndex={0} aria-label={t.json}>
          <code>{json}</code>
        </pre>
      </details>
    </div>
  );
}

const Value = ({ value: { text, href } }: { readonly value: ElementValue }): ReactNode =>
  href === undefined ? text : <a href={href}>{text}</a>;

const Content = ({ lines }: { readonly lines: readonly ElementLine[] }): ReactNode => (
  <dl className="card facts elements">
    {lines.map(({ name, values }) => [
      <dt key={`${name}?`}>{name}</dt>,
      <dd key={name}>
        {values.map((value, at) => (
          <p key={at}>
            <Value value={value} />
          </p>
        ))}
      </dd>,
    ])}
  </dl>
);

function Versions({ model }: { readonly model: ResourceModel }): ReactNode {
  const t = useTexts(resourceTexts);
  const { versions, compared } = model;
  return (
    <>
      <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="versjoner">
        <Table size="small">
          <TableHead columns={[t.version, t.when, t.who]} />
          <tbody>
            {versions.map(({ version, at, who, isDeletion }) => (
              <tr key={version}>
                <td className="tabular">{version}</td>
                <td className="nowrap tabular">{formatInstant(at)}</td>
                <td>{isDeletion ? t.deleted : who}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
      {versions.length > 1 && (
        <CompareVersions
          action={`/ressurs/${model.type}/${model.id}`}
          versions={versions}
          compared={compared}
          texts={{ from: t.from, to: t.to, compare: t.compare }}
        />
      )}
      <Differences compared={compared} />
    </>
  );
}

function Differences({ compared }: { readonly compared: ResourceModel['compared'] | undefined }): ReactNode {
  const t = useTexts(resourceTexts);
  if (compared === undefined) {
    return null;
  }
  return (
    <>
      <h3 id="forskjeller" className="card__title">
        {fill(t.differences, { from: compared.from, to: compared.to })}
      </h3>
      {compared.changes.length === 0 ? (
        <p>{t.noDifferences}</p>
      ) : (
        <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="forskjeller">
          <Table size="small">
            <TableHead columns={[t.element, t.before, t.after]} />
            <tbody>
              {compared.changes.map(({ path, before, after }) => (
                <tr key={path}>
                  <th scope="row">
                    <code>{path}</code>
                  </th>
                  <td>{before === undefined ? t.nothing : <del>{before}</del>}</td>
                  <td>{after === undefined ? t.nothing : <ins>{after}</ins>}</td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </>
  );
}

function ProvenanceList({ model: { provenance } }: { readonly model: ResourceModel }): ReactNode {
  const t = useTexts(resourceTexts);
  return provenance.length === 0 ? (
    <p className="subtle">{t.noProvenance}</p>
  ) : (
    <ul className="events">
      {provenance.map(({ reference, at, agents, sources }) => (
        <li key={reference}>
          <time dateTime={at} className="subtle">
            {formatInstant(at)}
          </time>
          <p>
            <a href={`/ressurs/${reference}`}>{reference}</a> {agents.join(', ')}
          </p>
          {sources.map((source) => (
            <p key={source.text} className="subtle">
              {t.madeFrom.split('{sources}')[0]}
              <Value value={source} />
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}

function RefersTo({ references }: { readonly references: readonly string[] }): ReactNode {
  const t = useTexts(resourceTexts);
  return references.length === 0 ? (
    <p className="subtle">{t.refersToNothing}</p>
  ) : (
    <ul className="bullets">
      {references.map((reference) => (
        <li key={reference}>
          <a href={`/ressurs/${reference.replace(/\/_history\/.*$/, '')}`}>{reference}</a>
        </li>
      ))}
    </ul>
  );
}

function ReferredBy({ model }: { readonly model: ResourceModel }): ReactNode {
  const t = useTexts(resourceTexts);
  const { referredBy, page, pages, isCut, type, id } = model;
  return referredBy.length === 0 ? (
    <p className="subtle">{t.referredByNothing}</p>
  ) : (
    <>
      {isCut && <p>{fill(t.cut, { n: 1000 })}</p>}
      <ul className="bullets">
        {referredBy.map(({ reference, at }) => (
          <li key={reference}>
            <a href={`/ressurs/${reference}`}>{reference}</a>{' '}
            <span className="subtle">{formatInstant(at)}</span>
          </li>
        ))}
      </ul>
      <PageLinks
        page={page}
        pages={pages}
        hrefOf={(number) => `/ressurs/${type}/${id}?side=${number}#vises-fra`}
      />
    </>
  );
}
