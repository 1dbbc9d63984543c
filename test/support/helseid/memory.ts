/** Where the stand-in keeps its things: in memory, with clients that never change. */
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

/** The library's own copies of static clients would be objects of another realm under jest, which it then refuses. */
export function memoryAdapter(clients: ReadonlyMap<string, object>): AdapterFactory {
  return (model) => (model === 'Client' ? reader(clients) : keeper());
}

const reader = (clients: ReadonlyMap<string, object>): Adapter => ({
  ...keeper(),
  find: (id) => Promise.resolve(clients.get(id) as AdapterPayload | undefined),
});

function keeper(): Adapter {
  const rows = new Map<string, AdapterPayload>();
  return {
    find: (id) => Promise.resolve(rows.get(id)),
    findByUid: (uid) => Promise.resolve([...rows.values()].find((row) => row.uid === uid)),
    findByUserCode: () => Promise.resolve(undefined),
    upsert: (id, payload) => Promise.resolve(void rows.set(id, payload)),
    consume: (id) =>
      Promise.resolve(void rows.set(id, { ...rows.get(id), consumed: Math.floor(Date.now() / 1000) })),
    destroy: (id) => Promise.resolve(void rows.delete(id)),
    revokeByGrantId: () => Promise.resolve(undefined),
  };
}
