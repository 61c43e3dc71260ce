/**
 * What is to be said of the eras beside their code: how each was come by, what it would mean if that were wrong, and what the model leaves out. Prose
 * only, for docs/MODEL.md; nothing judges by it.
 */
import type { EraId } from '../types.ts';

export interface EraNote {
  /** The era that its patch was made on, which it is compared with; null: the first. */
  readonly after: EraId | null;
  /** How the code was obtained: from the source itself, or from patches and their context alone. */
  readonly basis: 'read' | 'inferred';
  readonly source: string;
  /** What would be other than the model says, if what was inferred is wrong; null where nothing was. */
  readonly ifWrong: string | null;
}

export const ERA_NOTES: Readonly<Record<EraId, EraNote>> = {
  A: {
    after: null,
    basis: 'inferred',
    source: 'contexts of the v5.7 patches and a vendor 5.4 tree; no mainline tree of v4.20 to v5.6 was read in full',
    ifWrong: 'a kernel before v5.7 that shares the freed object after all would be called not affected',
  },
  B: {
    after: 'A',
    basis: 'inferred',
    source: 'the patches that made it (72acd9df18f1 and its series) and the ones that ended it; no v5.7 tree',
    ifWrong:
      'a crash of v5.7 alone would be placed in the wrong function; no stable branch is of this era, and a verdict for it is possible at most',
  },
  B1: {
    after: 'B',
    basis: 'inferred',
    source: 'the context of b54240ad4943, and 5.10.262 less what came to it',
    ifWrong:
      'the window between the free and the NULL store would be another: which of use-after-free and NULL a crash of 5.10.0 to 5.10.100 shows',
  },
  C: { after: 'B1', basis: 'read', source: '5.10.262', ifWrong: null },
  D: {
    after: 'C',
    basis: 'inferred',
    source: '6.1.192 less 01657bc14a39 and a2e7e59a9426, whose patches were read',
    ifWrong: 'only v6.1-rc1 to 6.1.1 are of this era: two probes at once on them',
  },
  E: {
    after: 'D',
    basis: 'inferred',
    source: '6.1.192 less a2e7e59a9426, whose patch and backport were read',
    ifWrong: 'the order of the steps around the lock in v6.2 to v6.5 and 6.1.2 to 6.1.67: the classic case of the race',
  },
  E2: {
    after: 'E',
    basis: 'inferred',
    source: '6.6.17 less a2e7e59a9426, whose patch was read',
    ifWrong: 'the functions in which crashes of 6.6.0 to 6.6.4 and v6.7-rc1 to rc3 are found',
  },
  F61: { after: 'E', basis: 'read', source: '6.1.192', ifWrong: null },
  F: { after: 'E2', basis: 'read', source: '6.6.17', ifWrong: null },
  F2: {
    after: 'F',
    basis: 'inferred',
    source: 'the patches of the series around 17de3f5fdd35; v6.8 itself was not read',
    ifWrong: 'siblings of the race in v6.8 to v6.10; the race itself is closed by the lock, which is unchanged',
  },
  F3: { after: 'F2', basis: 'read', source: '6.12.117, less what came to it after v6.11', ifWrong: null },
  G: {
    after: 'F3',
    basis: 'inferred',
    source: '7.3.4 less the two commits that followed, whose patches were read',
    ifWrong: 'the siblings that v6.15.0 alone has',
  },
  H: { after: 'G', basis: 'read', source: '7.3.4', ifWrong: null },
};

export interface Abstraction {
  readonly what: string;
  readonly why: string;
  /** What the model can therefore miss, or report that a machine does not do. */
  readonly costs: string;
}

export const ABSTRACTIONS: readonly Abstraction[] = [
  {
    what: 'Sequential consistency: every load sees the last store, in one order for all CPUs.',
    why: 'The race needs no reordering, and the locks that close it order everything.',
    costs: 'A crash that only a weakly ordered machine shows is missed; none is invented.',
  },
  {
    what: 'Only accesses to shared state, lock operations, frees and prints are steps; what a thread does with its own variables runs with the step before.',
    why: 'Nobody else can see it, so that no order of it matters.',
    costs: 'Nothing; counts of interleavings are counts of orders of these steps.',
  },
  {
    what: 'Granularity compiled: an accessor that tests dev->iommu and then follows it loads it once.',
    why: 'Compilers do; granularity source makes a step of every load in the source.',
    costs:
      'A compiler that loads twice reaches what only source does. One that also makes one load of those of several accessors in a row, as gcc does, does not reach what needs each: granularity merged leaves these out, and reproduce says where a crash needs one. Nothing is excluded because of that.',
  },
  {
    what: 'Objects have identity and are absent, live or freed; freed memory is not handed out again.',
    why: 'What a freed object is used for next is not the race, and would make every crash possible.',
    costs:
      'Crashes through reused memory (garbage pointers, another device struck) are seen only as the use-after-free that they begin with.',
  },
  {
    what: 'Allocations never fail.',
    why: 'Their error paths are not the race, and a boot log shows a failure.',
    costs: 'Crashes behind an allocation failure are missed.',
  },
  {
    what: 'One client device (two in one scenario) with one or two entries in "iommus", and one or two IOMMU instances.',
    why: 'The race is about one dev->iommu; what other devices do to it goes through the same lock.',
    costs:
      'A third entry does what the second does; where krealloc() has to move the fwspec (more ids than its slab object has room for) the old object is freed, which is not followed. pci_for_each_dma_alias() counts as several entries.',
  },
  {
    what: "RISC-V's table of IOMMUs (RIMT, drivers/acpi/riscv/rimt.c, from v6.18) is not followed.",
    why: 'Read: rimt_iommu_xlate() defers a client whose IOMMU has not registered its node, and else does what iort_iommu_xlate() does, below the same lock of acpi_iommu_configure_id(); every release that has it has the fix.',
    costs: 'A crash below rimt_iommu_configure_id() is judged by the functions above and below it.',
  },
  {
    what: 'The mutex is one lock that is free or held; waiting for it costs no step.',
    why: 'Fairness, spinning and handing over change who is next, and every next one is explored.',
    costs: 'Nothing.',
  },
  {
    what: "Spinlocks and what they cover are one step: the list of IOMMUs, the driver core's lists, sysfs links.",
    why: 'Nothing of the race lies inside one of them.',
    costs: 'Nothing that is known.',
  },
  {
    what: 'device_lock() of the client is not modelled: each device has one thread that binds it.',
    why: 'It keeps two probes of one device apart, and there is only one here; the registering thread never takes it.',
    costs: 'Unbinding by sysfs while a client probes is not followed.',
  },
  {
    what: 'Reference counts of groups, modules and fwnodes are left out.',
    why: 'No outcome depends on them.',
    costs: 'Leaks of these are not seen; leaks of dev_iommu, fwspec and private data are.',
  },
  {
    what: 'Without KASAN (memory plain) a use-after-free or double free goes on silently and a freed object keeps its last contents; with it a path ends there.',
    why: 'That is what the two kernels do most of the time.',
    costs: 'What the allocator does to freed memory (free-list pointers, poison) is left to the reading of a log.',
  },
  {
    what: 'What is left by an attempt before the scenario begins is put there as a state, not run.',
    why: 'It ran to its end before, alone.',
    costs: 'Nothing, as long as the state is the right one.',
  },
];
