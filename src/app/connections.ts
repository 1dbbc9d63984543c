/** What the pages on connections need: the inbox, the names of registered systems, and a job that carries out again. */
import { replayAll, type ReplayDeps } from '../operations/inbox/replay.ts';
import { listClients } from '../smart/clients.ts';
import type { Storage } from '../storage/open-storage.ts';
import type { ConnectionDeps } from '../web/data/connections.ts';

/** The job that carries out again what was refused of a source. */
export const REPLAY_REFUSED = 'replay-refused';

interface Asked {
  readonly source: string;
  readonly by: string;
}

export const connectionDeps = (
  { db, store }: Pick<Storage, 'db' | 'store'>,
  received: ReplayDeps,
): ConnectionDeps => ({
  received,
  async namesOfClients() {
    return new Map((await listClients(db.pool)).map(({ id, name }) => [`client:${id}`, name]));
  },
  async replayLater(source, by) {
    const asked: Asked = { source, by };
    await store.transaction((tx) =>
      tx.enqueue(REPLAY_REFUSED, asked, { jobKey: `${REPLAY_REFUSED} ${source}` }),
    );
  },
});

/** Carry out what a coordinator has asked for. */
export const replayRefused = async (received: ReplayDeps, payload: unknown): Promise<void> => {
  const { source, by } = payload as Asked;
  await replayAll(received, { source }, by);
};
