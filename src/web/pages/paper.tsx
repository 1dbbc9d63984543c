/** A form as it leaves the printer: no menus, every question whole on its page. */
import type { ReactNode } from 'react';
import type { PaperField, PaperModel, PaperPart } from '../models/paper.ts';
import { Alert, Button } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { formatDate, formatInstant, formatNationalId } from '../ui/format.ts';
import { BodyFigure } from '../forms/body-figure.tsx';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { paperTexts } from '../ui/paper-texts.ts';
import { QrCode } from '../ui/qr-code.tsx';

export function PaperPage({ model }: { readonly model: PaperModel }): ReactNode {
  const t = useTexts(paperTexts);
  const { title, short, version, register, back, parts, state, savedAt } = model;
  return (
    <div className="paper stack">
      <div className="row no-print">
        <a href={back}>{t.back}</a>
        <Button type="button" size="small" data-print="" hidden>
          {t.print}
        </Button>
        <noscript>{t.printHint}</noscript>
      </div>
      <div className="paper__head">
        <p className="subtle">{register}</p>
        <h1 className="page-title">{title}</h1>
        <p className="subtle">
          {fill(t.version, { short, version })}
          {state !== undefined && ` · ${t[state]}`}
          {savedAt !== undefined && ` · ${fill(t.saved, { at: formatInstant(savedAt) })}`}
        </p>
      </div>
      <Person model={model} />
      <Scan model={model} />
      {parts.map((part) => (
        <Part key={part.key} part={part} level={2} />
      ))}
      {state === undefined && (
        <dl className="paper__person">
          <Blank label={t.signature} />
          <Blank label={t.date} />
        </dl>
      )}
    </div>
  );
}

/** What leads whoever types it in to the very form: for a camera or a scanner, and to type. */
function Scan({ model: { scan } }: { readonly model: PaperModel }): ReactNode {
  const t = useTexts(paperTexts);
  return scan === undefined ? null : (
    <div className="paper__scan">
      <QrCode text={scan.address} label={t.scan} />
      <div>
        <p>{t.scanLead}</p>
        <p className="tabular">{scan.number}</p>
      </div>
    </div>
  );
}

function Person({ model: { patient, pathwayNumber } }: { readonly model: PaperModel }): ReactNode {
  const t = useTexts(paperTexts);
  if (patient === undefined) {
    return (
      <dl className="paper__person">
        <Blank label={t.name} />
        <Blank label={t.nationalId} />
        <Blank label={t.pathway} />
      </dl>
    );
  }
  const { name, nationalId, birthDate } = patient;
  const facts = [
    [t.name, name],
    [t.nationalId, nationalId === undefined ? undefined : formatNationalId(nationalId)],
    [t.born, birthDate === undefined ? undefined : formatDate(birthDate)],
    [t.pathway, pathwayNumber],
  ] as const;
  return (
    <dl className="paper__person">
      {facts.map(([label, value]) =>
        value === undefined ? null : (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

const Blank = ({ label }: { readonly label: string }): ReactNode => (
  <div>
    <dt>{label}</dt>
    <dd className="paper__line" />
  </div>
);

const HEADINGS = { 2: 'h2', 3: 'h3', 4: 'h4' } as const;
type Level = keyof typeof HEADINGS;

function Part({ part, level }: { readonly part: PaperPart; readonly level: Level }): ReactNode {
  if (part.kind === 'text') {
    return <p className="paper__text">{part.text}</p>;
  }
  if (part.kind === 'question') {
    return <Question part={part} />;
  }
  const Heading = HEADINGS[level];
  const below = level === 2 ? 3 : 4;
  return (
    <div className="paper__group">
      {part.title !== '' && <Heading className="paper__heading">{part.title}</Heading>}
      {part.parts.map((one) => (
        <Part key={one.key} part={one} level={below} />
      ))}
    </div>
  );
}

function Question({ part }: { readonly part: Extract<PaperPart, { kind: 'question' }> }): ReactNode {
  const { lang } = usePage();
  const t = paperTexts[lang];
  const { text, condition, field, chart } = part;
  return (
    <div className="paper__question">
      <p className="paper__ask">{text}</p>
      {condition !== '' && <p className="paper__hint">{fill(t.onlyIf, { condition })}</p>}
      {chart !== undefined && <BodyFigure {...chart} lang={lang} />}
      <Field field={field} />
    </div>
  );
}

function Field({ field }: { readonly field: PaperField }): ReactNode {
  const t = useTexts(paperTexts);
  if (field.kind === 'answers') {
    return field.answers.length === 0 ? (
      <p className="subtle">{t.nothing}</p>
    ) : (
      field.answers.map((answer) => (
        <p key={answer} className="paper__answer">
          {answer}
        </p>
      ))
    );
  }
  if (field.kind === 'boxes') {
    return (
      <>
        <p className="paper__hint">{field.isMany ? t.manyAnswers : t.oneAnswer}</p>
        <ul className={field.options.length > 5 ? 'paper__boxes paper__boxes--many' : 'paper__boxes'}>
          {field.options.map((option) => (
            <li key={option}>
              <span className="paper__box" aria-hidden="true" /> {option}
            </li>
          ))}
          {field.isOpen && (
            <li>
              {t.other} <span className="paper__line" />
            </li>
          )}
        </ul>
      </>
    );
  }
  return (
    <div>
      {field.hint !== '' && <p className="paper__hint">{field.hint}</p>}
      {Array.from({ length: field.lines }, (_, at) => (
        <div key={at} className="paper__line" />
      ))}
    </div>
  );
}

export function NoPaperPage(): ReactNode {
  const t = useTexts(paperTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{t.licensedTitle}</h1>
      <Alert variant="info">{t.licensed}</Alert>
      <p>
        <a href="/filarkiv">{t.back}</a>
      </p>
    </div>
  );
}
