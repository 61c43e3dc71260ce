/**
 * The kernel module that forces turns: C, as text. It is made for whoever wants to see the crash, is GPL-2.0 as modules that use the kernel's GPL symbols must be,
 * and is no part of this program: nothing here is linked with it. Its plan.h comes from header.ts. Kernel interfaces: Documentation/trace/kprobes.rst.
 */
export const MODULE_NAME = 'oopsreplay_force';

export const MODULE_SOURCE = String.raw`// SPDX-License-Identifier: GPL-2.0
/*
 * Written by oopsreplay: makes two threads of the kernel take turns as one interleaving of its model does. plan.h has the turns.
 *
 * A gate is a place in a thread: an instruction that accesses dev->iommu, a call, or a function's entry. The thread that comes to gate N lets the
 * thread of the next turn go on, and waits there for its own next turn. Places are found in the running kernel's text, by the offset of the
 * member and by the targets of calls, and kprobes are put on them. A probe must not sleep: it sends the thread through wait_here(), which saves
 * every register, sleeps, and comes back to the very instruction. Nothing of that is on the stack afterwards. Before the last turn all probes but
 * those of nolock are taken out, so that what follows runs on the kernel's own text.
 *
 * client=NAME      the client device, as in /sys/bus/platform/devices
 * instance=N       the registration that is meant: the Nth call of iommu_device_register() since this module was loaded
 * attempt=N        where the client has the first turn: its Nth translation since then is meant
 * nolock=1         FOR A LAB ONLY: of_iommu_configure() steps over its mutex_lock() and mutex_unlock() of iommu_probe_device_lock (a2e7e59a9426)
 * limit_ms=N       the longest that a thread waits for its turn
 * seed=N           no turns: both threads sleep now and then, where chance says so
 */
#define pr_fmt(fmt) "oopsreplay_force: " fmt
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/version.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

enum event { ENTRY, LOAD, STORE, CALL, RETURN };
enum role { NOBODY, CLIENT, WALK };

struct place {
	const char *fn;		/* "@of_xlate": the driver's, from its iommu_ops */
	enum event event;
	const char *callee;	/* CALL; "kmalloc": whatever allocates */
	unsigned int offset;	/* LOAD, STORE: of the member of struct device */
	unsigned int nth;	/* since the function was entered */
};

struct gate {
	enum role role;
	bool of_client;		/* in a walk: only while it is at the client device */
	unsigned int resume;	/* the turn in which the thread goes on; 0: it has none any more */
	const char *before;
	bool found;
	struct place places[4];	/* the first whose function there is */
};

#include "plan.h"

#ifdef CONFIG_ARM64
#define ARG(r, n) ((r)->regs[n])
#define PC(r) ((r)->pc)
#elif defined(CONFIG_ARM) && !defined(CONFIG_THUMB2_KERNEL)
#define ARG(r, n) ((r)->uregs[n])
#define PC(r) ((r)->ARM_pc)
#else
#error "arm64, or arm without CONFIG_THUMB2_KERNEL"
#endif

static char *client = CLIENT_DEVICE;
module_param(client, charp, 0);
MODULE_PARM_DESC(client, "name of the client device");
static unsigned int instance = INSTANCE;
module_param(instance, uint, 0);
MODULE_PARM_DESC(instance, "which iommu_device_register() is meant, from 1");
static unsigned int attempt = ATTEMPT;
module_param(attempt, uint, 0);
MODULE_PARM_DESC(attempt, "which translation of the client is meant, from 1, where it has the first turn");
static bool nolock;
module_param(nolock, bool, 0);
MODULE_PARM_DESC(nolock, "FOR A LAB ONLY: take a2e7e59a9426's lock out of of_iommu_configure()");
static unsigned int limit_ms = 20000;
module_param(limit_ms, uint, 0);
MODULE_PARM_DESC(limit_ms, "the longest that a thread waits for its turn");
static unsigned int seed;
module_param(seed, uint, 0);
MODULE_PARM_DESC(seed, "no turns, but sleeps at random; the seed");

/* ---- turns ---- */

static atomic_t turn = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(turns);
static atomic_t registrations = ATOMIC_INIT(0), attempts = ATOMIC_INIT(0);

enum why { TO_WAIT, TO_START, TO_RESOLVE, TO_SLEEP };

struct thread {
	struct task_struct *task;
	enum role role;
	bool on;		/* a walk: at the client */
	enum why why;
	int gate;
	unsigned int ms;
	unsigned long back, passing;
	const struct iommu_ops *ops;
	unsigned int hits[GATES];
};
static struct thread threads[8];

static struct thread *mine(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(threads); i++)
		if (READ_ONCE(threads[i].task) == current)
			return &threads[i];
	return NULL;
}

static struct thread *enter(enum role role)
{
	struct thread *t = mine();
	int i;

	for (i = 0; !t && i < ARRAY_SIZE(threads); i++)
		if (!cmpxchg(&threads[i].task, NULL, current))
			t = &threads[i];
	if (t) {
		t->role = role;
		t->on = false;
	}
	return t;
}

static bool is_client(struct device *dev)
{
	return dev && dev_name(dev) && !strcmp(dev_name(dev), client);
}

static void next_turn(int gate)
{
	if (atomic_cmpxchg(&turn, gate, gate + 1) == gate)
		wake_up_all(&turns);
}

/* ---- probes ---- */

struct probe {
	struct kprobe kp;
	bool planted, client_top, walk_top, walked, random;
	unsigned long resets, events;	/* masks of gates */
};
static struct probe probes[256];
static int used;
static DEFINE_MUTEX(planting);

static unsigned long (*find_symbol)(const char *name);
static int (*find_size)(unsigned long addr, unsigned long *size, unsigned long *offset);
/* dev_iommu_get(), which compilers inline or not: what it does counts as its caller's */
static unsigned long helper;

void wait_here(void);
void wait_here_end(void);
asmlinkage void wait_for_turn(void);

#ifdef CONFIG_ARM64
asm("	.text\n"
    "	.balign	4\n"
    "	.globl	wait_here\n"
    "wait_here:\n"
    "	sub	sp, sp, #256\n"
    "	stp	x0, x1, [sp, #0]\n	stp	x2, x3, [sp, #16]\n	stp	x4, x5, [sp, #32]\n	stp	x6, x7, [sp, #48]\n"
    "	stp	x8, x9, [sp, #64]\n	stp	x10, x11, [sp, #80]\n	stp	x12, x13, [sp, #96]\n	stp	x14, x15, [sp, #112]\n"
    "	stp	x16, x17, [sp, #128]\n	stp	x18, x19, [sp, #144]\n	stp	x20, x21, [sp, #160]\n	stp	x22, x23, [sp, #176]\n"
    "	stp	x24, x25, [sp, #192]\n	stp	x26, x27, [sp, #208]\n	stp	x28, x29, [sp, #224]\n"
    "	mrs	x0, nzcv\n	stp	x30, x0, [sp, #240]\n"
    "	bl	wait_for_turn\n"
    "	ldp	x30, x0, [sp, #240]\n	msr	nzcv, x0\n"
    "	ldp	x28, x29, [sp, #224]\n	ldp	x26, x27, [sp, #208]\n	ldp	x24, x25, [sp, #192]\n"
    "	ldp	x22, x23, [sp, #176]\n	ldp	x20, x21, [sp, #160]\n	ldp	x18, x19, [sp, #144]\n	ldp	x16, x17, [sp, #128]\n"
    "	ldp	x14, x15, [sp, #112]\n	ldp	x12, x13, [sp, #96]\n	ldp	x10, x11, [sp, #80]\n	ldp	x8, x9, [sp, #64]\n"
    "	ldp	x6, x7, [sp, #48]\n	ldp	x4, x5, [sp, #32]\n	ldp	x2, x3, [sp, #16]\n	ldp	x0, x1, [sp, #0]\n"
    "	add	sp, sp, #256\n"
    "	.globl	wait_here_end\n"
    "wait_here_end:\n"
    "	nop\n"
    "	brk	#0x800\n");

static unsigned long called_by(unsigned long at, u32 w)
{
	if ((w & 0x7c000000) != 0x14000000)	/* bl, or b: a tail call */
		return 0;
	return at + ((s64)((u64)w << 38) >> 36);
}

static bool accesses(u32 w, bool store, unsigned int offset)
{
	return (w & 0xffc00000) == (store ? 0xf9000000 : 0xf9400000) && ((w >> 10) & 0xfff) * 8 == offset;
}
#else
asm("	.text\n"
    "	.arm\n"
    "	.balign	4\n"
    "	.globl	wait_here\n"
    "wait_here:\n"
    "	push	{r0-r12, lr}\n"
    "	mrs	r0, cpsr\n"
    "	push	{r0}\n"
    "	mov	r4, sp\n"
    "	bic	sp, sp, #7\n"
    "	bl	wait_for_turn\n"
    "	mov	sp, r4\n"
    "	pop	{r0}\n"
    "	msr	cpsr_f, r0\n"
    "	pop	{r0-r12, lr}\n"
    "	.globl	wait_here_end\n"
    "wait_here_end:\n"
    "	mov	r0, r0\n"
    "	b	wait_here_end\n");

static unsigned long called_by(unsigned long at, u32 w)
{
	if ((w & 0x0e000000) != 0x0a000000 || w >> 28 == 0xf)	/* bl, or b: a tail call */
		return 0;
	return at + 8 + ((s32)(w << 8) >> 6);
}

static bool accesses(u32 w, bool store, unsigned int offset)
{
	return (w & 0x0ff00000) == (store ? 0x05800000 : 0x05900000) && (w & 0xfff) == offset;
}
#endif

static unsigned int rnd;

static bool chance(struct thread *t)
{
	rnd = rnd * 1664525 + 1013904223;
	if ((rnd >> 16) % 4)
		return false;
	t->ms = 1 + (rnd >> 8) % 250;
	return true;
}

static bool go_and(struct thread *t, struct pt_regs *regs, unsigned long at, enum why why)
{
	t->why = why;
	t->back = at;
	PC(regs) = (unsigned long)wait_here;
	return true;
}

static int on_probe(struct kprobe *kp, struct pt_regs *regs)
{
	struct probe *p = container_of(kp, struct probe, kp);
	unsigned long at = (unsigned long)kp->addr;
	struct thread *t = mine();
	int i;

	if (t && t->passing == at) {
		t->passing = 0;
		return 0;
	}
	if (p->client_top && is_client((void *)ARG(regs, 0))) {
		atomic_inc(&attempts);
		t = enter(CLIENT);
	}
	if (p->walk_top) {
		if (atomic_inc_return(&registrations) == instance)
			t = enter(WALK);
		else if (t)
			t->role = NOBODY;
	}
	if (!t || t->role == NOBODY)
		return 0;
	if (p->walked && t->role == WALK)
		t->on = is_client((void *)ARG(regs, 0));
	for (i = 0; i < GATES; i++)
		if (p->resets & BIT(i))
			t->hits[i] = 0;
	if (p->walk_top) {
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 13, 0)
		t->ops = (void *)ARG(regs, 1);
#else
		t->ops = ((struct iommu_device *)ARG(regs, 0))->ops;
#endif
		return go_and(t, regs, at, TO_RESOLVE);
	}
	if (seed)
		return p->random && (t->role == CLIENT || t->on) && chance(t) && go_and(t, regs, at, TO_SLEEP);
	if (p->client_top && t->role == CLIENT && CLIENT_STARTS > atomic_read(&turn) && atomic_read(&registrations) >= instance)
		return go_and(t, regs, at, TO_START);
	for (i = 0; i < GATES; i++) {
		if (!(p->events & BIT(i)) || gates[i].role != t->role || (gates[i].of_client && t->role == WALK && !t->on))
			continue;
		t->hits[i]++;
		if (atomic_read(&turn) != i || (i == 0 && t->role == CLIENT && atomic_read(&attempts) < attempt))
			continue;
		if (t->hits[i] == gates[i].places[0].nth) {
			t->gate = i;
			return go_and(t, regs, at, TO_WAIT);
		}
	}
	return 0;
}

/* where wait_here() ends: back to the instruction that it was sent away from */
static int on_back(struct kprobe *kp, struct pt_regs *regs)
{
	struct thread *t = mine();

	if (!t)
		return 0;
	t->passing = t->back;
	PC(regs) = t->back;
	return 1;
}

/* keeps a probe from being optimised into a jump: the pc must be ours to set */
static void nothing(struct kprobe *kp, struct pt_regs *regs, unsigned long flags)
{
}

static struct probe *probe_at(unsigned long at)
{
	int i;

	for (i = 0; i < used; i++)
		if ((unsigned long)probes[i].kp.addr == at)
			return &probes[i];
	if (used == ARRAY_SIZE(probes))
		return NULL;
	probes[used].kp.addr = (void *)at;
	probes[used].kp.pre_handler = on_probe;
	probes[used].kp.post_handler = nothing;
	return &probes[used++];
}

static void plant(void)
{
	int i;

	for (i = 0; i < used; i++) {
		if (probes[i].planted)
			continue;
		probes[i].planted = !register_kprobe(&probes[i].kp);
		if (!probes[i].planted)
			pr_err("no probe at %pS\n", probes[i].kp.addr);
	}
}

static void uproot(void)
{
	int i;

	mutex_lock(&planting);
	for (i = 0; i < used; i++) {
		if (probes[i].planted)
			unregister_kprobe(&probes[i].kp);
		probes[i].planted = false;
	}
	mutex_unlock(&planting);
}

static u32 instruction(unsigned long at)
{
	int i;

	for (i = 0; i < used; i++)
		if (probes[i].planted && (unsigned long)probes[i].kp.addr == at)
			return probes[i].kp.opcode;
	return READ_ONCE(*(u32 *)at);
}

static unsigned long symbol(const char *name)
{
	static const char * const ends[] = { "", ".part.0", ".isra.0", ".constprop.0", ".constprop.0.isra.0" };
	char whole[80];
	unsigned long at;
	int i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		snprintf(whole, sizeof(whole), "%s%s", name, ends[i]);
		at = find_symbol(whole);
		if (at)
			return at;
	}
	return 0;
}

/* 0: there is no such function (it is inlined), or it is a driver's and the driver is not known yet */
static unsigned long function(const char *name, const struct iommu_ops *ops)
{
	if (name[0] != '@')
		return ops ? 0 : symbol(name);
	if (!ops)
		return 0;
	if (!strcmp(name, "@of_xlate"))
		return (unsigned long)ops->of_xlate;
	if (!strcmp(name, "@probe_device"))
		return (unsigned long)ops->probe_device;
	if (!strcmp(name, "@device_group"))
		return (unsigned long)ops->device_group;
	if (!strcmp(name, "@release_device"))
		return (unsigned long)ops->release_device;
	return 0;
}

/* what a kzalloc() is a call of, by release */
static const char * const allocators[] = {
	"__kmalloc", "kmalloc_trace", "kmem_cache_alloc_trace", "kmem_cache_alloc", "__kmalloc_noprof", "__kmalloc_cache_noprof",
};
static unsigned long allocator[ARRAY_SIZE(allocators)];

static bool is_event(const struct place *p, unsigned long at, u32 w, unsigned long callee)
{
	unsigned long to;
	int i;

	switch (p->event) {
	case LOAD:
	case STORE:
		return accesses(w, p->event == STORE, p->offset);
	case CALL:
		to = called_by(at, w);
		if (!to || strcmp(p->callee, "kmalloc"))
			return to && to - callee < 8;
		for (i = 0; i < ARRAY_SIZE(allocators); i++)
			if (allocator[i] && to - allocator[i] < 8)
				return true;
		return false;
	default:
		return false;
	}
}

/* Every instruction of the function that is such an event; their number. */
static int look_for(const struct place *p, unsigned long fn, int gate, bool random)
{
	unsigned long size = 0, offset = 0, at, callee = p->callee ? symbol(p->callee) : 0;
	int found = 0;
	struct probe *probe;

	if (!find_size(fn, &size, &offset))
		return 0;
	for (at = fn; at < fn + size; at += 4) {
		if (helper && helper != fn && p->event != ENTRY && called_by(at, instruction(at)) == helper)
			found += look_for(p, helper, gate, random);
		if (p->event == ENTRY ? at != fn : !is_event(p, at, instruction(at), callee))
			continue;
		probe = probe_at(at);
		if (!probe)
			break;
		found++;
		if (random)
			probe->random = true;
		else
			probe->events |= BIT(gate);
	}
	return found;
}

static void look_for_gates(const struct iommu_ops *ops)
{
	struct probe *p;
	int i, k, n;
	unsigned long fn;

	for (i = 0; i < GATES; i++) {
		for (k = 0; !gates[i].found && k < ARRAY_SIZE(gates[i].places) && gates[i].places[k].fn; k++) {
			if (gates[i].places[k].event == RETURN)
				break;
			fn = function(gates[i].places[k].fn, ops);
			n = fn ? look_for(&gates[i].places[k], fn, i, false) : 0;
			p = n ? probe_at(fn) : NULL;
			if (!p)
				continue;
			p->resets |= BIT(i);
			pr_info("gate %d: before %s, %d of %d places in %pS\n", i, gates[i].before, gates[i].places[k].nth, n, (void *)fn);
			gates[i].places[0] = gates[i].places[k];
			gates[i].found = true;
		}
	}
}

static const struct place random_events[] = {
	{ .event = ENTRY, .nth = 1 },
	{ .event = LOAD, .offset = offsetof(struct device, iommu) },
	{ .event = STORE, .offset = offsetof(struct device, iommu) },
	{ .event = LOAD, .offset = offsetof(struct device, iommu_group) },
	{ .event = STORE, .offset = offsetof(struct device, iommu_group) },
	{ .event = CALL, .callee = "kfree" },
	{ .event = CALL, .callee = "fwnode_handle_put" },
};

static void look_for_chances(const struct iommu_ops *ops)
{
	int i, k;
	unsigned long fn;

	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		fn = function(functions[i], ops);
		for (k = 0; fn && k < ARRAY_SIZE(random_events); k++)
			look_for(&random_events[k], fn, 0, true);
	}
}

static void look(const struct iommu_ops *ops)
{
	mutex_lock(&planting);
	if (seed)
		look_for_chances(ops);
	else
		look_for_gates(ops);
	plant();
	mutex_unlock(&planting);
}

static void wait_until(unsigned int n)
{
	long left = wait_event_timeout(turns, n && atomic_read(&turn) >= n, msecs_to_jiffies(limit_ms));

	if (!left && n)
		pr_err("%s waited for its turn in vain\n", current->comm);
}

/* in process context, with every register of the thread saved */
asmlinkage void wait_for_turn(void)
{
	struct thread *t = mine();

	switch (t->why) {
	case TO_RESOLVE:
		look(t->ops);
		if (!seed && WALK_STARTS > atomic_read(&turn))
			wait_until(WALK_STARTS);
		break;
	case TO_START:
		wait_until(CLIENT_STARTS);
		if (CLIENT_STARTS == GATES)
			uproot();
		break;
	case TO_SLEEP:
		msleep(t->ms);
		break;
	case TO_WAIT:
		pr_info("gate %d: %s waits before %s\n", t->gate, current->comm, gates[t->gate].before);
		next_turn(t->gate);
		wait_until(gates[t->gate].resume);
		if (atomic_read(&turn) == GATES && gates[t->gate].resume == GATES)
			uproot();	/* the last turn */
		break;
	}
}

/* ---- a turn that ends with its thread ---- */

static void ended(struct work_struct *w)
{
	pr_info("gate %d: the thread is through\n", atomic_read(&turn));
	next_turn(atomic_read(&turn));
}
static DECLARE_DELAYED_WORK(end_of_turn, ended);

static int on_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct thread *t = mine();
	int now = atomic_read(&turn);

	/* what its callers still do takes less than that */
	if (t && now < GATES && gates[now].places[0].event == RETURN && gates[now].role == t->role)
		schedule_delayed_work(&end_of_turn, msecs_to_jiffies(500));
	return 0;
}

static struct kretprobe walk_return = { .handler = on_return, .maxactive = 8 };
static struct kretprobe client_return = { .handler = on_return, .maxactive = 8 };

/* ---- a2e7e59a9426 taken out ---- */

static int on_lock(struct kprobe *kp, struct pt_regs *regs)
{
	PC(regs) += 4;
	return 1;
}

static struct kprobe locks[16];

static void take_lock_out(void)
{
	unsigned long fn = symbol("of_iommu_configure"), size = 0, offset = 0, at, to;
	unsigned long lock = symbol("mutex_lock"), unlock = symbol("mutex_unlock");
	int n = 0, taken = 0;

	if (!fn || !find_size(fn, &size, &offset))
		size = 0;
	for (at = fn; at < fn + size && n < ARRAY_SIZE(locks); at += 4) {
		to = called_by(at, instruction(at));
		if (!to || (to - lock >= 8 && to - unlock >= 8))
			continue;
		locks[n].addr = (void *)at;
		locks[n].pre_handler = on_lock;
		locks[n].post_handler = nothing;
		if (!register_kprobe(&locks[n])) {
			n++;
			taken += to - lock < 8;
		}
	}
	if (taken == 1 && n > 1)
		pr_warn("THE LOCK IS OUT OF of_iommu_configure(): this kernel has the race now\n");
	else
		pr_err("the lock is not out: %d of %d calls\n", taken, n);
}

static unsigned long by_probe(const char *name)
{
	struct kprobe kp = { .symbol_name = name };
	unsigned long at = 0;

	if (!register_kprobe(&kp)) {
		at = (unsigned long)kp.addr;
		unregister_kprobe(&kp);
	}
	return at;
}

static struct kprobe back = { .pre_handler = on_back, .post_handler = nothing };

static struct probe *top(const char *name)
{
	unsigned long at = symbol(name);

	return at ? probe_at(at) : NULL;
}

static int __init force_init(void)
{
	struct probe *p;
	int i;

	rnd = seed;
	find_symbol = (void *)by_probe("kallsyms_lookup_name");
	find_size = (void *)by_probe("kallsyms_lookup_size_offset");
	/* what is registered stays: an error must not let this module go */
	__module_get(THIS_MODULE);
	if (!find_symbol || !find_size) {
		pr_err("kallsyms_lookup_name() is not there: CONFIG_KPROBES and CONFIG_KALLSYMS are needed\n");
		return 0;
	}
	helper = symbol("dev_iommu_get");
	for (i = 0; i < ARRAY_SIZE(allocators); i++)
		allocator[i] = find_symbol(allocators[i]);
	if (nolock)
		take_lock_out();
	back.addr = (void *)wait_here_end;
	if (register_kprobe(&back)) {
		pr_err("no probe in this module\n");
		return 0;
	}
	p = top("of_iommu_configure");
	if (p)
		p->client_top = true;
	p = top("iommu_device_register");
	if (p)
		p->walk_top = true;
	p = top("probe_iommu_group");
	if (!p)
		p = top("add_iommu_group");
	if (p)
		p->walked = true;
	look(NULL);
	if (!seed && GATES) {
		walk_return.kp.symbol_name = WALK_TOP;
		client_return.kp.symbol_name = "of_iommu_configure";
		if ((WALK_ENDS && register_kretprobe(&walk_return)) || (CLIENT_ENDS && register_kretprobe(&client_return)))
			pr_err("no probe on the end of a turn\n");
	}
	pr_info("ready: " OUTCOME "\n");
	return 0;
}
module_init(force_init);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("forces one interleaving of of_iommu_configure() and iommu_probe_device()");
`;
