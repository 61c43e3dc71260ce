/**
 * A scenario in Promela, the language of the model checker SPIN: the same threads, steps and memory, to be read beside the kernel's source and searched
 * by a program that no one here wrote (test/differential).
 *
 * One step is one d_step, i.e. one transition. A crash prints its name, fails an assertion and leads back to the state before it: as in the
 * explorer nothing follows it, and it is no state of its own. States, transitions and outcomes can thus be compared number by number.
 */
import type { Machine } from '../machine/machine.ts';
import { GLOBALS, type ObjectType } from '../machine/program.ts';
import { OBJECT_TYPES, STORED } from '../machine/slots.ts';
import { build, type SetUp } from '../scenarios.ts';
import { observer } from './observer.ts';
import { proctype } from './thread.ts';
import { FIELD_WORDS, globalWord, heapWord, MUTEX, RESULTS, resultWord } from './words.ts';

/** The set-up's text: `spin -a FILE && cc -DSAFETY -o pan pan.c && ./pan` searches it for crashes. */
export function toPromela(setUp: SetUp): string {
  const machine = build(setUp);
  const { options } = machine;
  const { era, driver, scenario, memory, granularity } = setUp;
  const lock = setUp.lock ?? era.lock;
  return [
    `/*`,
    ` * Era ${era.id}, ${driver.name}, ${scenario.id}: ${scenario.means}.`,
    ` * Memory ${memory}, granularity ${granularity}, iommu_probe_device_lock: ${lock}.`,
    ` *`,
    ` * Crashes:    spin -a FILE && cc -DSAFETY -o pan pan.c && ./pan && spin -t -p FILE`,
    ` * All of it:  spin -a -o1 -o2 -o3 FILE && cc -DSAFETY -DNOREDUCE -DPRINTF -o pan pan.c && ./pan -A -c0 | sort | uniq -c`,
    ` * SPIN warns of the observer's timeout in a d_step, rightly in general: here nothing else can move then, and the step is whole.`,
    ` */`,
    '/* Lives of an object; FREED_BY(thread, from 1). */',
    '#define ABSENT 0',
    '#define LIVE 1',
    '#define FREED_BY(thread) (1 + (thread))',
    '/* iommu_dev: NULL, an iommu_device, or the address of a member of NULL. */',
    '#define VALID 1',
    '#define RUNNING 0',
    ...RESULTS.map((r, i) => `#define ${resultWord(r)} ${i + 1}`),
    '',
    ...OBJECT_TYPES.map((type) => `typedef ${type}_t { byte life${FIELD_WORDS[type].map((f) => `, ${f}`).join('')} };`),
    '/* The heap: objects by id; 0 is NULL. Pointers are ids. */',
    ...OBJECT_TYPES.map((type) => `${type}_t ${heapWord(type)}[${options.heap[type] + 1}];`),
    `byte ${GLOBALS.filter((g) => machine.has(g))
      .map(globalWord)
      .join(', ')};`,
    '/* Its owner, from 1. */',
    `byte ${MUTEX};`,
    `byte result[${options.threads.length}];`,
    '',
    ...OBJECT_TYPES.flatMap((type) => allocation(type, options.heap[type])),
    ...(memory === 'kasan' ? OBJECT_TYPES.map(forgetting) : []),
    ...options.threads.flatMap((_, t) => ['', proctype(machine, t)]),
    '',
    observer(machine),
    '',
    ...start(machine),
    '',
  ].join('\n');
}

/** One atomic step to the state in which everything begins. SPIN has one state more than the explorer for it: the one before. */
function start(machine: Machine): readonly string[] {
  const begin = machine.initial();
  const { heap, initially } = machine.options;
  const set: string[] = [];
  for (const type of OBJECT_TYPES) {
    for (let id = 1; id <= heap[type]; id++) {
      if (machine.read(begin, `${type}${id}`) === 0) continue;
      set.push(`${heapWord(type)}[${id}].life = LIVE;`);
      STORED[type].forEach(([field], i) => {
        const value = machine.read(begin, `${type}${id}.${field}`);
        if (value !== 0) set.push(`${heapWord(type)}[${id}].${FIELD_WORDS[type][i]} = ${value};`);
      });
    }
  }
  for (const g of GLOBALS) {
    const value = machine.read(begin, g);
    if (value !== 0) set.push(`${globalWord(g)} = ${value};`);
  }
  return [
    'init {',
    '  atomic {',
    ...(initially.because === null ? [] : [`    /* ${initially.because} */`]),
    ...(set.length > 0 ? [`    ${set.join(' ')}`] : []),
    `    ${machine.threads.map((_, t) => `run thread${t}();`).join(' ')} run observer()`,
    '  }',
    'end_init:',
    '  false',
    '}',
  ];
}

/** kzalloc(): the first object that was never there. */
function allocation(type: ObjectType, size: number): readonly string[] {
  const heap = heapWord(type);
  const first = Array.from({ length: size }, (_, i) => i + 1).reduceRight(
    (other, id) => `(${heap}[${id}].life == ABSENT -> ${id} : ${other})`,
    '0',
  );
  return [`inline new_${type}(r) {`, `  r = ${first};`, `  assert(r);`, `  ${heap}[r].life = LIVE`, '}'];
}

/** With KASAN nobody gets past a freed object, so its contents are forgotten. */
function forgetting(type: ObjectType): string {
  const fields = FIELD_WORDS[type].map((f) => `${heapWord(type)}[r].${f} = 0`);
  return `inline forget_${type}(r) { ${fields.join('; ')} }`;
}
