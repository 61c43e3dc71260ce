// SPDX-License-Identifier: GPL-2.0
/* Nothing but the places of fields in this build, in a section of their own; the order is that of OFFSETS in kernels.mjs. */
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/mutex.h>

const unsigned int lab_offsets[] __section(".lab_offsets") = {
	sizeof(struct mutex),
	offsetof(struct dev_iommu, fwspec), offsetof(struct dev_iommu, iommu_dev), offsetof(struct dev_iommu, priv),
	offsetof(struct iommu_fwspec, ops), offsetof(struct iommu_fwspec, iommu_fwnode), offsetof(struct iommu_fwspec, num_ids),
	offsetof(struct device, iommu), offsetof(struct device, iommu_group),
};
MODULE_LICENSE("GPL");
