/** What was met last, up to a number; the oldest go first. */
export interface Recent<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
}

export function createRecent<K, V>(most: number): Recent<K, V> {
  const entries = new Map<K, V>();
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size > most) {
        entries.delete(entries.keys().next().value as K);
      }
    },
  };
}
