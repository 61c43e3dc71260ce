import type { Pool } from './pool.ts';
export async function queuePool(_url: string, _model: string, _contents: boolean): Promise<Pool> {
  throw new Error('x');
}
