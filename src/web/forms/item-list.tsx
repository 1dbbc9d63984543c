/**
 * The items of one level: questions, groups under their headings, rows.
 */
import type { ReactNode } from 'react';
import type { FormNode } from '../../sdc/tree.ts';
import { useFrame, type Rendering } from './form-context.tsx';
import { FilledGroup } from './filled-group.tsx';
import { Help } from './help.tsx';
import { itemText } from '../../sdc/text.ts';
import { nameOf } from './names.ts';
import { blocksOf, nodeName, pathOfNode } from './nodes.ts';
import { Question } from './question.tsx';
import { Rows } from './rows.tsx';

type Level = 2 | 3 | 4;

export interface ItemListProps {
  readonly nodes: readonly FormNode[];
  readonly rendering: Rendering;
  /** Heading level of groups here. */
  readonly level: Level;
}

function ItemList({ nodes, rendering, level }: ItemListProps): ReactNode {
  return blocksOf(nodes, rendering.view).map((block) =>
    block.kind === 'rows' ? (
      <Rows
        key={block.item.linkId}
        {...block}
        issues={rendering.issuesAt(nameOf(block.place))}
        drawRow={(row) => <ItemList nodes={row.children} rendering={rendering} level={level} />}
        drawCell={(node) =>
          rendering.view.isVisible(node) ? (
            <QuestionNode node={node} rendering={rendering} isCell />
          ) : undefined
        }
      />
    ) : (
      <ItemNode key={block.node.path} node={block.node} rendering={rendering} level={level} />
    ),
  );
}

/** The top of a form: groups are cards of their own, questions beside them share one. */
export function TopList({ rendering }: Pick<ItemListProps, 'rendering'>): ReactNode {
  const runs = runsOf(rendering.view.roots);
  return runs.map((run) =>
    run.every(({ item }) => item.type === 'group' && !item.isRepeating) ? (
      <ItemList key={run[0]?.path} nodes={run} rendering={rendering} level={2} />
    ) : (
      <div key={run[0]?.path} className="group group--top">
        <ItemList nodes={run} rendering={rendering} level={2} />
      </div>
    ),
  );
}

/** Neighbours of one kind: plain groups, or everything else. */
function runsOf(nodes: readonly FormNode[]): readonly (readonly FormNode[])[] {
  const isCard = ({ item }: FormNode): boolean => item.type === 'group' && !item.isRepeating;
  return nodes.reduce<readonly (readonly FormNode[])[]>((runs, node) => {
    const last = runs.at(-1);
    return last?.[0] !== undefined && isCard(last[0]) === isCard(node)
      ? [...runs.slice(0, -1), [...last, node]]
      : [...runs, [node]];
  }, []);
}

interface NodeProps {
  readonly node: FormNode;
  readonly rendering: Rendering;
}

function ItemNode({ node, rendering, level }: NodeProps & { readonly level: Level }): ReactNode {
  const { lang } = useFrame();
  const { item } = node;
  if (item.type === 'display') {
    return <p className="display">{itemText(item, lang)}</p>;
  }
  return item.type === 'group' ? (
    <Group node={node} rendering={rendering} level={level} />
  ) : (
    <QuestionNode node={node} rendering={rendering} isCell={false} />
  );
}

/** A question of the tree. */
function QuestionNode({ node, rendering, isCell }: NodeProps & { readonly isCell: boolean }): ReactNode {
  const name = nodeName(node);
  return (
    <Question
      item={node.item}
      path={pathOfNode(node)}
      name={name}
      answers={node.answers}
      source={node.source}
      text={rendering.texts[name]}
      issues={rendering.issuesAt(name)}
      isCell={isCell}
    />
  );
}

const below: Readonly<Record<Level, Level>> = { 2: 3, 3: 4, 4: 4 };

/** A group below its heading; on the first level a card of its own. */
function Group({ node, rendering, level }: NodeProps & { readonly level: Level }): ReactNode {
  const { lang } = useFrame();
  const { item } = node;
  const id = nodeName(node);
  const text = itemText(item, lang);
  const Title = `h${level}` as const;
  const issues = rendering.issuesAt(id);
  const title = text !== '' && (
    <Title id={`${id}-title`} className="group__title">
      {text}
    </Title>
  );
  const content = (
    <>
      <Help item={item} />
      {issues.map(({ message }) => (
        <p key={message} className="aksel-error-message aksel-label aksel-label--small">
          {message}
        </p>
      ))}
      <ItemList nodes={node.children} rendering={rendering} level={below[level]} />
    </>
  );
  return (
    <section
      id={id}
      tabIndex={-1}
      aria-labelledby={text === '' ? undefined : `${id}-title`}
      className={level === 2 ? 'group group--top' : 'group'}
    >
      {level === 2 && text !== '' ? (
        <FilledGroup node={node} rendering={rendering} title={title}>
          {content}
        </FilledGroup>
      ) : (
        <>
          {title}
          {content}
        </>
      )}
    </section>
  );
}
