import fc from 'fast-check';
import { expect, it } from 'vitest';
import { demangled } from '../../src/parser/grammars/demangle.ts';
import { size } from '../size.ts';

it.each([
  ['_RNvCscSpY9Juk0HT_7___rustc17rust_begin_unwind', '__rustc::rust_begin_unwind'],
  ['_RNvNtCs9jEwPDbx20M_4core9panicking9panic_fmt', 'core::panicking::panic_fmt'],
  [
    '_RNvMs3_NtCshgDM7dBCdno_11rust_binder7processNtB5_7Process10update_ref',
    '<rust_binder::process::Process>::update_ref',
  ],
  [
    '_RNvXs1_CscPPBqWtAqum_11ashmem_rustNtB5_6AshmemNtNtCs43vyB533jt3_6kernel10miscdevice10MiscDevice4mmap',
    '<ashmem_rust::Ashmem as kernel::miscdevice::MiscDevice>::mmap',
  ],
  ['_RINvNtC3std3mem8align_ofjEC3foo', 'std::mem::align_of::<usize>'],
  ['_RNCNvCs15kBYyAo9fc_7mycrate4main0B3_', 'mycrate::main::{closure#0}'],
  [
    '_RNvMs3_NtCshgDM7dBCdno_11rust_binder7processNtB5_7Process10update_ref.llvm.123',
    '<rust_binder::process::Process>::update_ref',
  ],
])('%s', (symbol, path) => expect(demangled(symbol)).toBe(path));

it('leaves every other symbol alone', () => {
  for (const symbol of ['_RNv', '_R', 'apple_dart_of_xlate', '_Random', '_RNvB_', '_RINvB_B_E', '_ZN4core3fmt'])
    expect(demangled(symbol)).toBeNull();
});

it('neither throws nor expands without end', () => {
  const char = fc.constantFrom(...'CMXYNIBsvtLKEpTASRQPOFDGU_0123456789ab');
  fc.assert(
    fc.property(fc.array(char, { maxLength: 80 }), (chars) => {
      expect((demangled(`_R${chars.join('')}`) ?? '').length).toBeLessThanOrEqual(2000);
    }),
    { seed: 20231103, numRuns: size(2000, 20_000), verbose: 1 },
  );
});
