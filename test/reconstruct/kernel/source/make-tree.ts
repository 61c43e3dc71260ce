/**
 * Small kernel trees that have the signs of a record of features and nothing else: what the functions do is written anew, in a few lines each. `Parts` of a
 * tree may be replaced, to plant what must not mislead.
 */

import type { ReadFile } from '../../../../src/reconstruct/kernel/source/types.ts';
import { type EraCode, SHAPES, type Shape } from '../../../../src/sim/procedures/code.ts';

export type Files = Readonly<Record<string, string>>;

export type Made = Omit<EraCode, 'id' | 'release'>;

const TAKE = 'mutex_lock(&iommu_probe_device_lock);';
const DROP = 'mutex_unlock(&iommu_probe_device_lock);';

/** The text of the files that are read. */
export function filesOf(code: Made): Files {
  const since = (shape: Shape) => SHAPES.indexOf(code.shape) >= SHAPES.indexOf(shape);
  const [take, drop] = code.lock === 'global' ? [TAKE, DROP] : ['', ''];
  const [inner, innerDrop] = code.lock === 'static' ? [TAKE, DROP] : ['', ''];
  const byProbe = code.groupTest === 'probe' || code.groupTest === 'both';
  const byWalk = code.groupTest === 'walk' || code.groupTest === 'both';
  const busOps = since('6.8') ? '' : 'if (!dev->bus->iommu_ops) return -ENODEV;';
  const release =
    code.free === 'null-then-free'
      ? 'dev->iommu = NULL;\n\tkfree(param->fwspec);\n\tkfree(param);'
      : 'iommu_fwspec_free(dev);\n\tkfree(dev->iommu);\n\tdev->iommu = NULL;';
  const recheck = code.recheck ? 'if (!dev->iommu || dev->iommu_group)\n\t\treturn -ENODEV;' : '';
  const init = since('6.6')
    ? `static int iommu_init_device(struct device *dev)
{
	${since('6.15') ? `${drop}\n\tdev->bus->dma_configure(dev);\n\t${take}` : ''}
	${recheck}
	${since('6.7') ? 'dev->iommu->iommu_dev = iommu_dev;' : ''}
	group = ops->device_group(dev);
	${since('6.7') ? '' : 'dev->iommu->iommu_dev = iommu_dev;'}
	return 0;
}
`
    : '';
  const probeName = since('5.10') ? '__iommu_probe_device' : 'iommu_probe_device';
  const core = `// SPDX-License-Identifier: GPL-2.0
${code.lock === 'global' ? 'DEFINE_MUTEX(iommu_probe_device_lock);' : ''}
static int ${probeName}(struct device *dev, struct list_head *list);

static void dev_iommu_free(struct device *dev)
{
	struct dev_iommu *param = dev->iommu;

	${release}
}
${init}
static int ${probeName}(struct device *dev, struct list_head *list)
{
	${code.lock === 'static' ? 'static DEFINE_MUTEX(iommu_probe_device_lock);' : ''}
	${busOps}
	${inner}
	${byProbe ? 'if (dev->iommu_group)\n\t\treturn 0;' : ''}
	${since('6.6') ? 'iommu_init_device(dev);' : 'dev->iommu->iommu_dev = ops->probe_device(dev);'}
	${innerDrop}
	return 0;
}
${
  since('5.10')
    ? `int iommu_probe_device(struct device *dev)
{
	int ret;

	${take}
	ret = __iommu_probe_device(dev, NULL);
	${drop}
	return ret;
}
`
    : ''
}
static int ${since('5.10') ? 'probe' : 'add'}_iommu_group(struct device *dev, void *data)
{
	${byWalk ? 'struct iommu_group *group = iommu_group_get(dev);' : ''}
	int ret;

	${take}
	ret = ${probeName}(dev, data);
	${drop}
	return ret;
}

int iommu_device_register(struct iommu_device *iommu, const struct iommu_ops *ops, struct device *hwdev)
{
	${code.walk === 'register' ? 'return bus_iommu_probe(iommu_buses[0]);' : 'return 0;'}
}

${code.walk === 'register' ? 'int' : 'int bus_set_iommu(struct bus_type *bus)\n{\n\treturn bus_iommu_probe(bus);\n}\nint'} iommu_fwspec_init(struct device *dev, struct fwnode_handle *fwnode${since('6.11') ? '' : ', const struct iommu_ops *ops'})
{
	${code.ready ? 'if (!dev->iommu && !READ_ONCE(iommu->ready))\n\t\treturn -EPROBE_DEFER;' : ''}
	return 0;
}
${
  since('6.1')
    ? `int iommu_device_use_default_domain(struct device *dev)
{
	${code.defaultDomain === 'checked' ? 'if (!group->default_domain)\n\t\treturn -EPROBE_DEFER;' : ''}
	return 0;
}
`
    : ''
}`;
  const condition =
    code.replay === 'if-ungrouped'
      ? ' && !device_iommu_mapped(dev)'
      : code.replay === 'if-absent'
        ? ' && !dev_iommu_present'
        : '';
  const undo =
    code.undo === 'nothing'
      ? ''
      : code.undo === 'fwspec'
        ? 'if (err)\n\t\tiommu_fwspec_free(dev);'
        : 'if (err && dev_iommu_present)\n\t\tiommu_fwspec_free(dev);\n\telse if (err && dev->iommu)\n\t\tdev_iommu_free(dev);';
  const of = `${since('6.8') ? 'int' : 'const struct iommu_ops *'} of_iommu_configure(struct device *dev, struct device_node *master_np,
		       const u32 *id)
{
	int err;

	${take}
	if (dev_iommu_fwspec_get(dev)) {
		${drop}
		return 0;
	}
	err = of_iommu_configure_device(master_np, dev, id);
	${undo}
	${drop}

	if (!err && dev->bus${condition})
		err = iommu_probe_device(dev);
	return err;
}
`;
  const header = `struct iommu_ops {
	${since('5.10') ? 'struct iommu_device *(*probe_device)(struct device *dev);' : 'int (*add_device)(struct device *dev);'}
};
struct dev_iommu {
	struct mutex lock;
};
`;
  const smmu = `static struct arm_smmu_device *arm_smmu_get_by_fwnode(struct fwnode_handle *fwnode)
{
	struct device *dev = ${code.smmuBound === 'found' ? 'bus_find_device_by_fwnode(&platform_bus_type, fwnode)' : 'driver_find_device_by_fwnode(&arm_smmu_driver.driver, fwnode)'};

	return dev ? dev_get_drvdata(dev) : NULL;
}
static struct iommu_device *arm_smmu_probe_device(struct device *dev)
{
	${code.smmuBound === 'defer' ? 'if (!smmu)\n\t\treturn ERR_PTR(dev_err_probe(dev, -EPROBE_DEFER, "smmu dev has not bound yet"));' : ''}
	return &smmu->iommu;
}
`;
  const amba = `static int amba_dma_configure(struct device *dev)
{
	${code.amba === 'reads dev->driver once' ? 'const struct device_driver *drv = READ_ONCE(dev->driver);' : 'struct amba_driver *drv = to_amba_driver(dev->driver);'}
	${since('6.15') && code.amba === 'reads dev->driver twice' ? 'if (!ret && dev->driver)' : 'if (!ret)'}
		ret = iommu_device_use_default_domain(dev);
	return ret;
}
`;
  const bind = `static int __driver_probe_device(const struct device_driver *drv, struct device *dev)
{
	${code.readyToProbe ? 'if (!dev_ready_to_probe(dev))\n\t\treturn dev_err_probe(dev, -EPROBE_DEFER, "Device not ready to probe\\n");' : ''}
	return really_probe(dev, drv);
}
`;
  const tegra = `static int tegra_smmu_of_xlate(struct device *dev, struct of_phandle_args *args)
{
	${since('5.11') ? 'dev_iommu_priv_set(dev, mc->smmu);' : ''}
	return iommu_fwspec_add_ids(dev, &id, 1);
}
`;
  const omap = since('6.13') ? 'static int omap_iommu_of_xlate(struct device *dev)\n{\n\treturn 0;\n}\n' : 'int x;\n';
  const virtio = `static struct viommu_dev *viommu_get_by_fwnode(struct fwnode_handle *fwnode)
{
	return ${since('6.17') ? 'bus_find_device(&virtio_bus, NULL, fwnode, match)' : 'driver_find_device(&virtio_iommu_drv.driver, NULL, fwnode, match)'};
}
`;
  return {
    'drivers/base/dd.c': bind,
    'drivers/iommu/tegra-smmu.c': tegra,
    'drivers/iommu/omap-iommu.c': omap,
    'drivers/iommu/virtio-iommu.c': virtio,
    'drivers/iommu/iommu.c': core,
    'drivers/iommu/of_iommu.c': of,
    'include/linux/iommu.h': header,
    'drivers/iommu/arm/arm-smmu/arm-smmu.c': smmu,
    'drivers/amba/bus.c': amba,
  };
}

export const readerOf =
  (files: Files): ReadFile =>
  (path) =>
    files[path] === undefined ? { is: 'not seen', why: 'is missing' } : { is: 'text', text: files[path] };

const B: Made = {
  lock: 'none',
  walk: 'bus_set_iommu',
  free: 'free-then-null',
  shape: '5.7',
  replay: 'if-ungrouped',
  groupTest: 'nobody',
  undo: 'nothing',
  defaultDomain: 'unchecked',
  recheck: false,
  amba: 'reads dev->driver twice',
  ready: false,
  smmuBound: 'null',
  readyToProbe: false,
};
const B1: Made = { ...B, shape: '5.10', groupTest: 'walk' };
const C: Made = { ...B1, free: 'null-then-free', smmuBound: 'defer' };
const D: Made = { ...C, walk: 'register', shape: '6.1' };
const E: Made = { ...D, lock: 'static' };
const E2: Made = { ...E, shape: '6.6', replay: 'always', groupTest: 'probe' };
const F: Made = { ...E2, lock: 'global' };
const F61: Made = { ...E, lock: 'global' };
const F67: Made = { ...F, shape: '6.7' };
const F2: Made = { ...F, shape: '6.8' };
const F3: Made = { ...F2, shape: '6.11', undo: 'fwspec' };
const G: Made = {
  ...F3,
  shape: '6.15',
  replay: 'if-absent',
  undo: 'all-it-made',
  defaultDomain: 'checked',
  smmuBound: 'found',
};
const H: Made = { ...G, recheck: true, ready: true };
export const PLAIN: Readonly<Record<string, Made>> = { B, B1, C, D, E, E2, F, F61, F2, F3, G, H };
/** Releases whose code differs from their era's in single places. */
export const BETWEEN: Readonly<Record<string, Made>> = {
  '5.11': { ...B1, shape: '5.11' },
  '6.7': F67,
  '6.13': { ...F3, shape: '6.13', smmuBound: 'defer' },
  '6.17': { ...H, shape: '6.17' },
  '7.2': { ...H, shape: '6.17', readyToProbe: true },
};

/** As vendors have them (android12-5.10, android13-5.15, android14-6.1, 6.6 with two later series ...). */
export const HYBRIDS: Readonly<Record<string, Made>> = {
  'android12-5.10: C with the lock': { ...C, lock: 'static' },
  'android13-5.15: C with lock and fix, group test and a replay always': {
    ...C,
    lock: 'global',
    groupTest: 'both',
    replay: 'always',
  },
  'android14-6.1: the fix with the group test under the lock': { ...F61, groupTest: 'both' },
  'riscv 6.6 with the series of v6.8 and v6.11': { ...F3, undo: 'nothing' },
  '6.12.31: all undone, the default domain tested': { ...F3, undo: 'all-it-made', defaultDomain: 'checked' },
  '6.6.90: the default domain tested': { ...F, defaultDomain: 'checked' },
  'a 6.1 that frees before it stores NULL': { ...E, free: 'free-then-null' },
  '6.15 with the recheck and without the test of ready': { ...G, recheck: true, amba: 'reads dev->driver once' },
};
