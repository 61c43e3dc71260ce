// SPDX-License-Identifier: GPL-2.0
/* A second driver for the PCI client. */
#define NAME "labpcib"
#include "labpci.c"
