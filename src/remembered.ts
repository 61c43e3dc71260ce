/** What `make` gives for `key`, made once while it is remembered: the same functions and releases stand in log after log. A full memory begins anew. */
export function known<V, K = string>(memory: Map<K, V>, most: number, key: K, make: () => V): V {
  let value = memory.get(key);
  if (value === undefined) {
    value = make();
    if (memory.size >= most) memory.clear();
    memory.set(key, value);
  }
  return value;
}
