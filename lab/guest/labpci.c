// SPDX-License-Identifier: GPL-2.0
/* The same client as a PCI device: QEMU's edu. */
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#ifndef NAME
#define NAME "labpci"
#endif

static int labpci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	dev_info(&pdev->dev, "up, %s\n", device_iommu_mapped(&pdev->dev) ? "behind an IOMMU" : "no IOMMU");
	return 0;
}

static const struct pci_device_id labpci_ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { } };

static struct pci_driver labpci_driver = { .name = NAME, .id_table = labpci_ids, .probe = labpci_probe };
module_pci_driver(labpci_driver);
MODULE_LICENSE("GPL");
