/**
 * A function's source name. Compilers append ".isra.0", ".constprop.0", ".part.0" and ".cold" to what they changed (gcc), ".llvm.123" and ".__uniq.123" to statics
 * that link-time optimisation made global (clang), ".cfi" and ".cfi_jt" to what control-flow integrity checks, and in front of those, for statics in a module
 * of a ThinLTO with CFI (Android up to 5.10), "$" and the module's hash (LLVM, ThinLTOBitcodeWriter.cpp, promoteInternals).
 */
export function sourceName(symbol: string): string {
  const end = symbol.slice(1).search(/[.$]/);
  return end < 0 ? symbol : symbol.slice(0, end + 1);
}
