/** [Filarkiv]: files of the register, documents made from its forms, and forms on paper. */
import type { ReactNode } from 'react';
import type { FileLine, FileProblem, FilesModel } from '../models/files.ts';
import { formatNumber } from '../../sdc/numbers.ts';
import { Alert, Button, ErrorSummary, Table, TextField } from '../ui/aksel.ts';
import { fileTexts } from '../ui/file-texts.ts';
import { fill } from '../ui/form-texts.ts';
import { formatDate } from '../ui/format.ts';
import { useTexts } from '../ui/page-context.tsx';

export interface FilesPageProps {
  readonly model: FilesModel;
  readonly problems: readonly FileProblem[];
  /** What was typed as the title. */
  readonly typed: string;
  readonly notice: 'added' | 'removed' | undefined;
}

export function FilesPage({ model, problems, typed, notice }: FilesPageProps): ReactNode {
  const t = useTexts(fileTexts);
  const { files, mayChange, forms, tables } = model;
  return (
    <div className="stack stack--sections">
      <div className="stack stack--tight">
        <h1 className="page-title">{t.title}</h1>
        <p className="lead">{t.lead}</p>
      </div>
      {notice !== undefined && (
        <Alert variant="success" size="small" role="status">
          {t[notice]}
        </Alert>
      )}
      <div className="stack stack--tight">
        <h2 id="filer" className="section-title">
          {t.files}
        </h2>
        {files.length === 0 ? <p className="card empty">{t.none}</p> : <Files model={model} />}
      </div>
      <div className="stack stack--tight">
        <h2 className="section-title">{t.generated}</h2>
        <p>{t.generatedLead}</p>
        <ul className="bullets">
          <li>
            <a href="/filarkiv/kodebok">{t.codeBook}</a>
          </li>
          <li>
            <a href="/filarkiv/kodebok.csv">{t.asCsv}</a>
          </li>
        </ul>
        {tables.length > 0 && (
          <>
            <p>{t.dumpLead}</p>
            <ul className="bullets">
              {tables.map((table) => (
                <li key={table}>
                  <a href={`/filarkiv/datadump/${table}.csv`}>{fill(t.dumpOf, { table })}</a>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      <div className="stack stack--tight">
        <h2 className="section-title">{t.paper}</h2>
        <p>{t.paperLead}</p>
        <ul className="bullets">
          {forms.map(({ id, title }) => (
            <li key={id}>
              <a href={`/skjema/tomt/${id}`}>{title}</a>
            </li>
          ))}
        </ul>
      </div>
      {mayChange && <NewFile problems={problems} typed={typed} />}
    </div>
  );
}

function Files({ model: { files, mayChange } }: { readonly model: FilesModel }): ReactNode {
  const t = useTexts(fileTexts);
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-labelledby="filer">
      <Table size="small">
        <thead>
          <tr>
            <th scope="col">{t.name}</th>
            <th scope="col" className="number">
              {t.size}
            </th>
            <th scope="col">{t.at}</th>
            {mayChange && <th scope="col">{t.action}</th>}
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <Row key={file.id} file={file} mayChange={mayChange} />
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function Row({
  file: { id, title, name, size, at },
  mayChange,
}: {
  readonly file: FileLine;
  readonly mayChange: boolean;
}): ReactNode {
  const t = useTexts(fileTexts);
  return (
    <tr>
      <th scope="row">
        <a href={`/filarkiv/fil/${id}`}>{title}</a> <span className="subtle">{name}</span>
      </th>
      <td className="number nowrap">{formatNumber(Math.max(1, Math.round(size / 1024)), 'nb')} kB</td>
      <td className="nowrap tabular">{formatDate(at)}</td>
      {mayChange && (
        <td>
          <form method="post" action={`/filarkiv/fil/${id}/slett`}>
            <Button
              type="submit"
              size="xsmall"
              variant="secondary"
              aria-label={fill(t.removeOf, { name: title })}
            >
              {t.remove}
            </Button>
          </form>
        </td>
      )}
    </tr>
  );
}

function NewFile({
  problems,
  typed,
}: {
  readonly problems: readonly FileProblem[];
  readonly typed: string;
}): ReactNode {
  const t = useTexts(fileTexts);
  const ofFile = problems.find((problem) => problem !== 'title');
  return (
    <div className="stack stack--tight">
      <h2 className="section-title">{t.add}</h2>
      {problems.length > 0 && (
        <ErrorSummary heading={t.heading}>
          {problems.map((problem) => (
            <ErrorSummary.Item key={problem} href={problem === 'title' ? '#tittel' : '#fil'}>
              {t.problems[problem]}
            </ErrorSummary.Item>
          ))}
        </ErrorSummary>
      )}
      <form
        method="post"
        action="/filarkiv"
        encType="multipart/form-data"
        className="card stack place-form"
        noValidate
      >
        <TextField
          id="tittel"
          name="tittel"
          label={t.titleField}
          defaultValue={typed}
          autoComplete="off"
          maxLength={200}
          error={problems.includes('title') ? t.problems.title : undefined}
        />
        <TextField
          id="fil"
          name="fil"
          type={'file' as 'text'}
          label={t.fileField}
          description={t.fileHint}
          error={ofFile === undefined ? undefined : t.problems[ofFile]}
        />
        <div>
          <Button type="submit">{t.addButton}</Button>
        </div>
      </form>
    </div>
  );
}
