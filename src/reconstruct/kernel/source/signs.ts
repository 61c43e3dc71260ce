/**
 * Signs of each feature inside function bodies, one function a feature. Names alone are none: el8 has dev_iommu_fwspec_get() on older code, and android14-6.1 a
 * static bus_set_iommu() on newer. Facts: drivers/iommu/iommu.c, of_iommu.c and include/linux/iommu.h of 5.7 to 7.3.4 and of vendors' trees.
 */
import { statementBefore } from './c-text.ts';
import { evidence, type Found, type Looked, search, type Tree } from './tree.ts';
import type { Evidence, ReadFeature, Reading, Value } from './types.ts';

export const FILES = {
  core: 'drivers/iommu/iommu.c',
  of: 'drivers/iommu/of_iommu.c',
  header: 'include/linux/iommu.h',
  smmu: 'drivers/iommu/arm/arm-smmu/arm-smmu.c',
  /** Up to v5.8. */
  oldSmmu: 'drivers/iommu/arm-smmu.c',
  amba: 'drivers/amba/bus.c',
  bind: 'drivers/base/dd.c',
  tegra: 'drivers/iommu/tegra-smmu.c',
  omap: 'drivers/iommu/omap-iommu.c',
  virtio: 'drivers/iommu/virtio-iommu.c',
} as const;

const LOCK = 'iommu_probe_device_lock';
const TAKES = new RegExp(
  `\\b(?:mutex_lock(?:_\\w+)?\\s*\\(|guard\\s*\\(\\s*mutex\\w*\\s*\\)\\s*\\(|scoped_guard\\s*\\(\\s*mutex\\w*\\s*,)\\s*&\\s*${LOCK}\\b`,
);
const DROPS = new RegExp(`\\bmutex_unlock\\s*\\(\\s*&\\s*${LOCK}\\b`, 'g');
const LOCK_VALUES = ['none', 'static', 'global'];

const seen = (value: Value, ...at: readonly (Evidence | null)[]): Reading => ({
  values: [value],
  evidence: at.filter((e) => e !== null),
  why: null,
});
const open = (values: readonly Value[], why: string, ...at: readonly Evidence[]): Reading => ({
  values,
  evidence: at,
  why,
});

/**
 * What all definitions of a function agree on. `none`: what it means that the file has no such function, where that means anything; a file that was not seen
 * never does.
 */
function agreed(looked: Looked, values: readonly Value[], sign: (found: Found) => Reading): Reading {
  if (looked.is === 'not there') return open(values, looked.why);
  const readings = looked.all.map(sign);
  const first = readings[0]!;
  if (readings.every((r) => r.values.join() === first.values.join())) return first;
  return open(
    [...new Set(readings.flatMap((r) => r.values))],
    `${looked.all.length} definitions, between which the configuration chooses, differ`,
    ...readings.flatMap((r) => r.evidence),
  );
}

/** Yes, no, or not seen, with where. */
interface Answer {
  readonly is: boolean | null;
  readonly at: Evidence | null;
  readonly why: string;
}
const not = (looked: Looked): Answer => ({ is: null, at: null, why: looked.is === 'not there' ? looked.why : '' });

function has(looked: Looked, pattern: RegExp, yes: string, no: string): Answer {
  if (looked.is === 'not there') return not(looked);
  const hits = looked.all.map((f) => search(f, pattern));
  const where = hits.findIndex((h) => h >= 0);
  if (where >= 0 && hits.some((h) => h < 0))
    return {
      is: null,
      at: evidence(looked.all[where]!, hits[where]!, yes),
      why: 'definitions between which the configuration chooses differ',
    };
  const found = looked.all[Math.max(0, where)]!;
  return where >= 0
    ? { is: true, at: evidence(found, hits[where]!, yes), why: '' }
    : { is: false, at: evidence(found, -1, no), why: '' };
}

/** The calls of of_iommu_configure() that translate: each must lie under the lock, if the fix is to be in. */
const TRANSLATES =
  /\bof_iommu_configure_device\s*\(|\bof_iommu_configure_dev(?:_id)?\s*\(|\bpci_for_each_dma_alias\s*\(|\bof_pci_iommu_configure\s*\(|\bof_iommu_xlate\s*\(/;

/** Does the body take the lock and hold it up to the translation? An unlock that a return or goto follows is of another way out. */
function aroundTranslation(found: Found): { readonly is: boolean | null; readonly at: number; readonly text: string } {
  const take = search(found, TAKES);
  if (take < 0) return { is: false, at: -1, text: `of_iommu_configure() does not take ${LOCK}` };
  const call = search(found, TRANSLATES);
  if (call < 0)
    return { is: null, at: take, text: 'of_iommu_configure() takes the lock, and its translation was not found' };
  if (call < take) return { is: false, at: take, text: `of_iommu_configure() takes ${LOCK} behind the translation` };
  for (const drop of found.body.slice(take, call).matchAll(DROPS)) {
    const behind = found.body.slice(take + drop.index + drop[0].length, call);
    if (!/^\s*\)\s*;\s*(?:return|goto)\b/.test(behind))
      return { is: false, at: take + drop.index, text: `of_iommu_configure() drops ${LOCK} before the translation` };
  }
  return { is: true, at: take, text: `of_iommu_configure() holds ${LOCK} over the translation` };
}

function lock(tree: Tree): Reading {
  const core = tree.text(FILES.core);
  const probe = tree.functions(FILES.core, '__iommu_probe_device');
  const inner = has(
    probe,
    TAKES,
    `__iommu_probe_device() takes ${LOCK}`,
    `__iommu_probe_device() does not take ${LOCK}`,
  );
  const callers = ['probe_iommu_group', 'iommu_probe_device'].map((name) =>
    has(tree.functions(FILES.core, name), TAKES, `${name}() takes ${LOCK}`, `${name}() does not take it`),
  );
  const caller = callers.find((c) => c.is === true) ?? null;
  const anyProbe = inner.is !== null || callers.some((c) => c.is !== null);
  if (core !== null && anyProbe && !new RegExp(`\\b${LOCK}\\b`).test(core))
    return seen('none', inner.at ?? callers.find((c) => c.at !== null)!.at, {
      file: FILES.core,
      line: null,
      text: `${LOCK} is nowhere in it`,
    });

  const configure = tree.functions(FILES.of, 'of_iommu_configure');
  const inside = inner.is === true && /\bstatic\s+DEFINE_MUTEX\s*\(\s*iommu_probe_device_lock\b/.test(core ?? '');
  if (configure.is === 'not there') {
    // A mutex that is static to its file is out of the translation's reach.
    if (inside) return seen('static', inner.at);
    if (caller !== null || inner.is === true)
      return open(['static', 'global'], configure.why, ...[caller?.at ?? inner.at].filter((e) => e != null));
    return open(
      core === null ? LOCK_VALUES : ['none', 'static', 'global'],
      core === null ? tree.why(FILES.core) : configure.why,
    );
  }
  const outer = configure.all.map((f) => ({ f, ...aroundTranslation(f) }));
  const first = outer[0]!;
  const at = evidence(first.f, first.at, first.text);
  if (outer.some((o) => o.is !== first.is) || first.is === null) return open(LOCK_VALUES, first.text, at);
  if (first.is) {
    if (!anyProbe) return seen('global', at);
    if (caller === null && inner.is !== true)
      return open([], `${first.text}, but no probe in ${FILES.core} takes it: half of a2e7e59a9426`, at);
    return seen('global', at, caller?.at ?? inner.at);
  }
  if (inner.is === true) return seen('static', inner.at, at);
  // The probes serialised, the translation not: the half of the fix that changes nothing for the race.
  if (caller !== null) return seen('static', caller.at, at);
  if (!anyProbe) return open(['none', 'static'], inner.why, at);
  return seen('none', inner.at ?? callers[0]!.at, at);
}

function free(tree: Tree): Reading {
  return agreed(tree.functions(FILES.core, 'dev_iommu_free'), ['free-then-null', 'null-then-free'], (f) => {
    const store = search(
      f,
      /\bdev\s*->\s*iommu\s*=\s*NULL\b|\b(?:WRITE_ONCE|rcu_assign_pointer|smp_store_release)\s*\(\s*&?\s*dev\s*->\s*iommu\s*,\s*NULL/,
    );
    const frees = search(f, /\bkfree(?:_rcu)?\s*\(|\biommu_fwspec_free\s*\(/);
    if (store < 0 || frees < 0)
      return open(
        ['free-then-null', 'null-then-free'],
        'dev_iommu_free() does not free, or does not store NULL',
        evidence(f, -1, 'dev_iommu_free()'),
      );
    return store < frees
      ? seen('null-then-free', evidence(f, store, 'dev_iommu_free() stores NULL to dev->iommu before it frees'))
      : seen('free-then-null', evidence(f, frees, 'dev_iommu_free() frees before it stores NULL to dev->iommu'));
  });
}

const WALKS = /\bbus_iommu_probe\s*\(/;

function walk(tree: Tree): Reading {
  return agreed(tree.functions(FILES.core, 'iommu_device_register'), ['bus_set_iommu', 'register'], (f) => {
    const direct = search(f, WALKS);
    if (direct >= 0) return seen('register', evidence(f, direct, 'iommu_device_register() walks the buses'));
    // android14-6.1 walks through a bus_set_iommu() that is its own.
    for (const call of f.body.matchAll(/\b(\w+)\s*\(/g)) {
      const own = tree.functions(FILES.core, call[1]!);
      if (own.is === 'there' && own.all.every((o) => /\bstatic\b/.test(o.type) && search(o, WALKS) >= 0))
        return seen(
          'register',
          evidence(f, call.index, `iommu_device_register() walks the buses through ${call[1]}()`),
        );
    }
    return seen('bus_set_iommu', evidence(f, -1, 'iommu_device_register() walks no bus'));
  });
}

/** Do signs of `shape` or a later one stand in the text? Oldest first; each one takes those before it for granted. */
function levels(tree: Tree): readonly (Answer & { readonly shape: string })[] {
  const core = tree.text(FILES.core);
  const init = tree.functions(FILES.core, 'iommu_init_device');
  const whole = (is: boolean, text: string): Answer => ({ is, at: { file: FILES.core, line: null, text }, why: '' });
  const unseen: Answer = { is: null, at: null, why: tree.why(FILES.core) };
  const probes = tree.functions(FILES.core, '__iommu_probe_device').is === 'there';
  const register = walk(tree);
  const spec = tree.functions(FILES.core, 'iommu_fwspec_init');
  return [
    {
      shape: '5.10',
      ...has(
        tree.struct(FILES.header, 'iommu_ops'),
        /\(\s*\*\s*probe_device\s*\)/,
        'struct iommu_ops has probe_device()',
        'struct iommu_ops has no probe_device()',
      ),
    },
    {
      shape: '6.1',
      is: register.values.length === 1 ? register.values[0] === 'register' : null,
      at: register.evidence[0] ?? null,
      why: register.why ?? '',
    },
    {
      shape: '6.6',
      ...(init.is === 'there'
        ? { is: true, at: evidence(init.all[0]!, -1, 'iommu_init_device() is there'), why: '' }
        : core === null || !probes
          ? { ...unseen, why: core === null ? unseen.why : `no __iommu_probe_device() in ${FILES.core}` }
          : whole(false, 'has no iommu_init_device() anywhere in it')),
    },
    {
      shape: '6.8',
      ...(core === null || !probes
        ? unseen
        : /->\s*iommu_ops\b/.test(core)
          ? whole(false, 'the bus has iommu_ops')
          : whole(true, 'no bus has iommu_ops')),
    },
    {
      shape: '6.11',
      ...(spec.is === 'not there'
        ? not(spec)
        : {
            is: spec.all.every((f) => f.parameters.split(',').length === 2),
            at: evidence(
              spec.all[0]!,
              -1,
              `iommu_fwspec_init() takes ${spec.all[0]!.parameters.split(',').length} arguments`,
            ),
            why: '',
          }),
    },
    {
      shape: '6.15',
      ...(init.is === 'there'
        ? has(
            init,
            /\bdma_configure\s*\(/,
            'iommu_init_device() calls dma_configure()',
            'iommu_init_device() does not call dma_configure()',
          )
        : core === null || !probes
          ? unseen
          : whole(false, 'has no iommu_init_device() anywhere in it')),
    },
  ];
}

/** Shapes that the core's own functions tell; those between them are told by `finer`. */
const CORE_SHAPES = ['5.7', '5.10', '6.1', '6.6', '6.8', '6.11', '6.15'];

interface Finer {
  /** The shape of the core. */
  readonly of: string;
  readonly shape: string;
  readonly answer: (tree: Tree) => Answer;
}

/** Shapes that one place more tells. Where that is not seen, the core's shape stands: most of its releases have that. */
const FINER: readonly Finer[] = [
  {
    of: '5.10',
    shape: '5.11',
    answer: (tree) =>
      has(
        tree.functions(FILES.tegra, 'tegra_smmu_of_xlate'),
        /\bdev_iommu_priv_set\s*\(/,
        'tegra_smmu_of_xlate() stores priv',
        'tegra_smmu_of_xlate() stores no priv',
      ),
  },
  {
    of: '6.6',
    shape: '6.7',
    answer: (tree) => {
      const init = tree.functions(FILES.core, 'iommu_init_device');
      if (init.is === 'not there') return not(init);
      const found = init.all[0]!;
      const [stored, grouped] = [
        search(found, /\bdev\s*->\s*iommu\s*->\s*iommu_dev\s*=\s*iommu_dev\b/),
        search(found, /->\s*device_group\s*\(/),
      ];
      if (stored < 0 || grouped < 0) return { is: null, at: null, why: '' };
      return stored < grouped
        ? {
            is: true,
            at: evidence(found, stored, 'iommu_init_device() stores iommu_dev before device_group()'),
            why: '',
          }
        : {
            is: false,
            at: evidence(found, stored, 'iommu_init_device() stores iommu_dev behind device_group()'),
            why: '',
          };
    },
  },
  {
    of: '6.11',
    shape: '6.13',
    answer: (tree) => {
      const text = tree.text(FILES.omap);
      const own = tree.functions(FILES.omap, 'omap_iommu_of_xlate');
      if (own.is === 'there')
        return { is: true, at: evidence(own.all[0]!, -1, 'omap_iommu_of_xlate() is there'), why: '' };
      return text === null ? not(own) : { is: false, at: null, why: '' };
    },
  },
  {
    of: '6.15',
    shape: '6.17',
    answer: (tree) =>
      has(
        tree.functions(FILES.virtio, 'viommu_get_by_fwnode'),
        /\bbus_find_device\w*\s*\(/,
        'viommu_get_by_fwnode() finds any instance',
        'viommu_get_by_fwnode() finds bound instances alone',
      ),
  },
];

function shape(tree: Tree): Reading {
  const signs = levels(tree);
  const fits = (index: number) =>
    signs.every(({ is, shape }) => is === null || is === index >= CORE_SHAPES.indexOf(shape));
  const values = CORE_SHAPES.filter((_, i) => fits(i));
  const newest = signs.findLast((s) => s.is === true);
  const older = signs.find((s) => s.is === false);
  const at = [newest?.at, older?.at].filter((e) => e != null);
  if (values.length === 1) {
    const finer = FINER.find((f) => f.of === values[0]);
    const answer = finer?.answer(tree);
    return answer?.is
      ? { values: [finer!.shape], evidence: [answer.at, ...at].filter((e) => e !== null), why: null }
      : { values, evidence: at, why: null };
  }
  if (values.length === 0)
    return open([], `signs of v${newest!.shape}'s code, and none of v${older!.shape}'s, on which it builds`, ...at);
  return open(
    values,
    [...new Set(signs.flatMap((s) => (s.is === null && s.why !== '' ? [s.why] : [])))].join('; '),
    ...at,
  );
}

function replay(tree: Tree): Reading {
  const values = ['if-ungrouped', 'always', 'if-absent'];
  return agreed(tree.functions(FILES.of, 'of_iommu_configure'), values, (f) => {
    const call = search(f, /\biommu_probe_device\s*\(/);
    if (call < 0) return open([], 'of_iommu_configure() calls no iommu_probe_device()', evidence(f, -1, 'no replay'));
    const condition = statementBefore(f.body, call);
    if (/\bdevice_iommu_mapped\s*\(|->\s*iommu_group\b/.test(condition))
      return seen('if-ungrouped', evidence(f, call, 'of_iommu_configure() replays the probe only without a group'));
    if (/!\s*dev_iommu_present\b/.test(condition))
      return seen(
        'if-absent',
        evidence(f, call, 'of_iommu_configure() replays the probe only where dev->iommu was absent'),
      );
    return seen('always', evidence(f, call, 'of_iommu_configure() always replays the probe'));
  });
}

function groupTest(tree: Tree): Reading {
  const walker = ['probe_iommu_group', 'add_iommu_group']
    .map((name) => tree.functions(FILES.core, name))
    .find((l) => l.is === 'there');
  const byWalk = has(
    walker ?? tree.functions(FILES.core, 'probe_iommu_group'),
    /\biommu_group_get\s*\(|->\s*iommu_group\b/,
    'the walk leaves a device alone that has a group',
    'the walk asks for no group',
  );
  const byProbe = has(
    tree.functions(FILES.core, '__iommu_probe_device'),
    /\bif\s*\(\s*(?:dev\s*->\s*iommu_group|iommu_group_get\s*\(|device_iommu_mapped\s*\()/,
    '__iommu_probe_device() leaves a device alone that has a group',
    '__iommu_probe_device() asks for no group',
  );
  const at = [byWalk.at, byProbe.at].filter((e) => e !== null);
  // v5.7 has no __iommu_probe_device() at all.
  const old = tree.text(FILES.core) !== null && walker !== undefined && byProbe.is === null;
  if (byWalk.is === null || (byProbe.is === null && !old))
    return open(['nobody', 'walk', 'probe', 'both'], byWalk.why || byProbe.why, ...at);
  const value = byWalk.is ? (byProbe.is ? 'both' : 'walk') : byProbe.is ? 'probe' : 'nobody';
  return seen(value, ...at);
}

function undo(tree: Tree): Reading {
  return agreed(tree.functions(FILES.of, 'of_iommu_configure'), ['nothing', 'fwspec', 'all-it-made'], (f) => {
    const all = search(f, /\bdev_iommu_free\s*\(/);
    if (all >= 0)
      return seen('all-it-made', evidence(f, all, 'of_iommu_configure() frees on error the dev->iommu that it made'));
    const spec = search(f, /\bif\s*\(\s*(?:err|ret)\b[^;{}]*\{?\s*iommu_fwspec_free\s*\(/);
    return spec >= 0
      ? seen('fwspec', evidence(f, spec, 'of_iommu_configure() frees the fwspec on error'))
      : seen('nothing', evidence(f, -1, 'of_iommu_configure() undoes nothing on error'));
  });
}

function defaultDomain(tree: Tree): Reading {
  const claims = tree.functions(FILES.core, 'iommu_device_use_default_domain');
  if (claims.is === 'not there') {
    const text = tree.text(FILES.core);
    // Older than v5.19: nobody claims a default domain.
    return text !== null && tree.functions(FILES.core, 'iommu_probe_device').is === 'there'
      ? seen('unchecked', {
          file: FILES.core,
          line: null,
          text: 'has no iommu_device_use_default_domain() anywhere in it',
        })
      : open(['unchecked', 'checked'], claims.why);
  }
  return agreed(claims, ['unchecked', 'checked'], (f) => {
    const defers = search(f, /\bEPROBE_DEFER\b/);
    return defers >= 0
      ? seen(
          'checked',
          evidence(f, defers, 'iommu_device_use_default_domain() defers a client without a default domain'),
        )
      : seen('unchecked', evidence(f, -1, 'iommu_device_use_default_domain() defers nobody'));
  });
}

function yesOrNo(answer: Answer): Reading {
  return answer.is === null ? open([false, true], answer.why) : seen(answer.is, answer.at);
}

function recheck(tree: Tree): Reading {
  const init = tree.functions(FILES.core, 'iommu_init_device');
  const probes = ['__iommu_probe_device', 'iommu_probe_device'].some(
    (name) => tree.functions(FILES.core, name).is === 'there',
  );
  if (init.is === 'not there' && probes)
    return seen(false, { file: FILES.core, line: null, text: 'has no iommu_init_device() anywhere in it' });
  return yesOrNo(
    has(
      init,
      /!\s*dev\s*->\s*iommu\s*\|\|\s*dev\s*->\s*iommu_group\b/,
      'iommu_init_device() looks again at dev->iommu and the group',
      'iommu_init_device() does not look again',
    ),
  );
}

function ready(tree: Tree): Reading {
  return yesOrNo(
    has(
      tree.functions(FILES.core, 'iommu_fwspec_init'),
      /->\s*ready\b/,
      'iommu_fwspec_init() asks whether the instance is ready',
      'iommu_fwspec_init() does not ask whether the instance is ready',
    ),
  );
}

const TWICE = 'reads dev->driver twice';
const ONCE = 'reads dev->driver once';

function amba(tree: Tree): Reading {
  // Before v6.15 dma_configure() runs under really_probe() alone, where dev->driver stands still: the question is not there.
  const old = shape(tree).values.every((v) => v !== '6.15' && v !== '6.17');
  return agreed(tree.functions(FILES.amba, 'amba_dma_configure'), [TWICE, ONCE], (f) => {
    const once = search(f, /\bREAD_ONCE\s*\(\s*dev\s*->\s*driver\s*\)/);
    const reads = [...f.body.matchAll(/\bdev\s*->\s*driver\b/g)];
    if (once >= 0 && !old) return seen(ONCE, evidence(f, once, 'amba_dma_configure() reads dev->driver once'));
    return seen(
      TWICE,
      evidence(
        f,
        reads[0]?.index ?? -1,
        old ? 'before v6.15 dev->driver stands still here' : 'amba_dma_configure() reads dev->driver again',
      ),
    );
  });
}

function smmuBound(tree: Tree): Reading {
  const values = ['null', 'defer', 'found'];
  const file = tree.text(FILES.smmu) === null && tree.text(FILES.oldSmmu) !== null ? FILES.oldSmmu : FILES.smmu;
  const find = tree.functions(file, 'arm_smmu_get_by_fwnode');
  const probe = tree.functions(file, 'arm_smmu_probe_device');
  const found = has(
    find,
    /\bbus_find_device_by_fwnode\s*\(/,
    'arm_smmu_get_by_fwnode() finds an SMMU that is not bound',
    '',
  );
  if (found.is) return seen('found', found.at);
  const defers = has(
    probe,
    /\bEPROBE_DEFER\b/,
    'arm_smmu_probe_device() defers a client whose SMMU is not bound',
    'arm_smmu_probe_device() goes on with a NULL smmu',
  );
  if (defers.is === null) return open(values, defers.why);
  return seen(defers.is ? 'defer' : 'null', defers.at);
}

function readyToProbe(tree: Tree): Reading {
  const probe = tree.functions(FILES.bind, '__driver_probe_device');
  const held = has(
    probe,
    /\bdev_ready_to_probe\s*\(|->\s*ready_to_probe\b/,
    '__driver_probe_device() waits for the end of device_add()',
    '__driver_probe_device() does not wait for the end of device_add()',
  );
  // Up to v5.11 it had no function of its own.
  const older = tree.functions(FILES.bind, 'driver_probe_device');
  if (probe.is === 'not there' && older.is === 'there')
    return seen(false, evidence(older.all[0]!, -1, 'driver_probe_device() does not wait for the end of device_add()'));
  return yesOrNo(held);
}

/** In the order in which they are printed. */
export const SIGNS: readonly { readonly feature: ReadFeature; readonly read: (tree: Tree) => Reading }[] = [
  { feature: 'lock', read: lock },
  { feature: 'walk', read: walk },
  { feature: 'free', read: free },
  { feature: 'shape', read: shape },
  { feature: 'replay', read: replay },
  { feature: 'groupTest', read: groupTest },
  { feature: 'undo', read: undo },
  { feature: 'defaultDomain', read: defaultDomain },
  { feature: 'recheck', read: recheck },
  { feature: 'ready', read: ready },
  { feature: 'amba', read: amba },
  { feature: 'smmuBound', read: smmuBound },
  { feature: 'readyToProbe', read: readyToProbe },
];

/** Is struct dev_iommu there, the race's object? To v5.6 it is not. */
export function devIommu(tree: Tree): Reading {
  const ops = tree.struct(FILES.header, 'iommu_ops');
  if (ops.is === 'not there') return open([false, true], ops.why);
  const found = tree.struct(FILES.header, 'dev_iommu');
  return found.is === 'there'
    ? seen(true, evidence(found.all[0]!, -1, 'struct dev_iommu'))
    : seen(false, evidence(ops.all[0]!, -1, 'has no struct dev_iommu'));
}
