// SPDX-License-Identifier: GPL-2.0
/* A second clock, so that two instances come one after the other. */
#define NAME "labclkb"
#include "labclk.c"
