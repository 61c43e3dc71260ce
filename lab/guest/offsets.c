// SPDX-License-Identifier: GPL-2.0
/* Nothing but the places of fields in this build, in a section of their own; the order is that of OFFSETS in kernels.mjs. */
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define OPS offsetof(struct iommu_fwspec, ops)
#else
#define OPS ~0u /* there is none */
#endif

const unsigned int lab_offsets[] __section(".lab_offsets") = {
	sizeof(struct mutex),
	offsetof(struct dev_iommu, fwspec), offsetof(struct dev_iommu, iommu_dev), offsetof(struct dev_iommu, priv),
	OPS, offsetof(struct iommu_fwspec, iommu_fwnode), offsetof(struct iommu_fwspec, num_ids),
	offsetof(struct device, iommu), offsetof(struct device, iommu_group),
};
MODULE_LICENSE("GPL");
