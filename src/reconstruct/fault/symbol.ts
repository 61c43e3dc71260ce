/** A function's source name: ".isra.0", ".constprop.0", ".part.0", ".cold", ".llvm.123" cut off. */
export function sourceName(symbol: string): string {
  const dot = symbol.indexOf('.', 1);
  return dot < 0 ? symbol : symbol.slice(0, dot);
}
