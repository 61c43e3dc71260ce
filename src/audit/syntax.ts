/** What the reader of function bodies makes of C: as much of its syntax as says which accesses happen in which order. */

export type Expr =
  /** A constant, a sizeof, a string: nothing happens. */
  | { readonly is: 'nothing' }
  | { readonly is: 'name'; readonly name: string; readonly at: number }
  | { readonly is: 'member'; readonly of: Expr; readonly name: string; readonly at: number }
  | { readonly is: 'index'; readonly of: Expr; readonly index: Expr }
  | { readonly is: 'call'; readonly of: Expr; readonly args: readonly Expr[]; readonly at: number }
  /** `*`, `&`, `!`, `-`, `~`, `++`, `--` before or behind. */
  | { readonly is: 'unary'; readonly op: string; readonly of: Expr; readonly at: number }
  /** Both sides, the left one first. */
  | { readonly is: 'both'; readonly left: Expr; readonly right: Expr }
  /** `&&`, `||`: the right side only sometimes. */
  | { readonly is: 'logic'; readonly op: string; readonly left: Expr; readonly right: Expr }
  | { readonly is: 'choice'; readonly test: Expr; readonly then: Expr; readonly otherwise: Expr }
  | { readonly is: 'assign'; readonly op: string; readonly to: Expr; readonly value: Expr; readonly at: number }
  | { readonly is: 'cast'; readonly struct: string | null; readonly of: Expr }
  /** ({ ... }) */
  | { readonly is: 'block'; readonly body: readonly Stmt[] };

export interface Declared {
  readonly name: string;
  /** "dev_iommu" of `struct dev_iommu *param`; null where it is no struct. */
  readonly struct: string | null;
  readonly init: Expr | null;
}

export type Stmt =
  | { readonly is: 'expr'; readonly expr: Expr }
  | { readonly is: 'declare'; readonly names: readonly Declared[] }
  | { readonly is: 'block'; readonly body: readonly Stmt[] }
  | { readonly is: 'if'; readonly test: Expr; readonly then: Stmt; readonly otherwise: Stmt | null }
  /** `for`, `while`, and macros of the kernel's that loop: their arguments are evaluated like a test. */
  | {
      readonly is: 'loop';
      readonly init: Stmt | null;
      readonly test: Expr;
      readonly step: Expr;
      readonly body: Stmt;
      /** `do ... while`: the body comes first. */
      readonly first: boolean;
    }
  /** scoped_guard(mutex, &lock) */
  | { readonly is: 'scoped'; readonly lock: Expr; readonly body: Stmt; readonly at: number }
  | { readonly is: 'switch'; readonly on: Expr; readonly body: Stmt }
  | { readonly is: 'case'; readonly last: boolean }
  | { readonly is: 'label'; readonly name: string }
  | { readonly is: 'goto'; readonly name: string }
  | { readonly is: 'return'; readonly expr: Expr }
  | { readonly is: 'break' }
  | { readonly is: 'continue' };

export const NOTHING: Expr = { is: 'nothing' };
