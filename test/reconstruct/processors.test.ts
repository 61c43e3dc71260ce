/** riscv64 and x86-64, from the log to the field: logs as such kernels print them, with code that gcc 12 made of functions like the race's. */
import { describe, expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';

const judge = (text: string) => triage(Buffer.from(text), { name: 'log' }, {})[0]!;
const stack = [
  'of_dma_configure_id+0x94/0x450',
  'platform_dma_configure+0x2c/0x68',
  'really_probe+0x80/0x3f0',
  '__driver_probe_device+0xa0/0x214',
  'driver_probe_device+0x38/0xc8',
  '__driver_attach+0xe0/0x1b8',
  'bus_for_each_dev+0x84/0xcc',
  'bus_add_driver+0x188/0x214',
  'driver_register+0x90/0x124',
  'do_one_initcall+0x50/0x214',
  'do_init_module+0x4c/0x1fc',
];

// ld a5,736(s0); beqz a5,.+6; ld a5,48(a5); ld a0,0(a5)
const RISCV = `[    0.000000] Linux version 6.1.50 (build@host) (riscv64-linux-gnu-gcc (Debian 12.2.0-14) 12.2.0, GNU ld 2.40) #1 SMP
[    1.100000] virtio_iommu virtio0: input address: 64 bits
[    9.000000] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000
[    9.000100] Oops [#1]
[    9.000200] Modules linked in: labdma(+)
[    9.000300] CPU: 1 PID: 50 Comm: insmod Not tainted 6.1.50 #1
[    9.000400] Hardware name: riscv-virtio,qemu (DT)
[    9.000500] epc : of_iommu_configure+0x172/0x248
[    9.000600]  ra : of_iommu_configure+0x16a/0x248
[    9.000700] epc : ffffffff8060a9f2 ra : ffffffff8060a9ea sp : ff2000000065b9d0
[    9.000800]  gp : ffffffff81700d90 tp : ff60000003a2c380 t0 : ffffffff80070d4c
[    9.000900]  t1 : 0000000000000000 t2 : 0000000000000000 s0 : ff60000002a51810
[    9.001000]  a3 : 0000000000000000 a4 : 0000000000000000 a5 : 0000000000000000
[    9.001100] status: 0000000200000120 badaddr: 0000000000000000 cause: 000000000000000d
[    9.001200] [<ffffffff8060a9f2>] of_iommu_configure+0x172/0x248
${stack.map((f, i) => `[    9.0013${10 + i}] [<ffffffff8060a8ee>] ${f}`).join('\n')}
[    9.002000] Code: 0097 0000 80e7 0000 842a b783 2e04 c391 7b9c (6388) c509 0097
[    9.002100] ---[ end trace 0000000000000000 ]---
`;

const X86 = `[    0.000000] Linux version 6.1.50 (build@host) (gcc (Debian 12.2.0-14) 12.2.0, GNU ld 2.40) #1 SMP
[    9.000000] BUG: kernel NULL pointer dereference, address: 0000000000000040
[    9.000100] #PF: supervisor write access in kernel mode
[    9.000200] #PF: error_code(0x0002) - not-present page
[    9.000300] Oops: 0002 [#1] PREEMPT SMP NOPTI
[    9.000400] CPU: 1 PID: 50 Comm: insmod Not tainted 6.1.50 #1
[    9.000500] RIP: 0010:rk_iommu_of_xlate+0x40/0x70
[    9.000600] Code: 00 00 00 00 48 85 c0 74 31 49 8b 3c 24 48 89 c3 e8 00 00 00 00 48 8b 90 f8 02 00 00 48 8d 78 10 48 89 13 48 8b 95 e0 02 00 00 <48> 89 5a 40 e8 00 00 00 00 31 c0 5b 5d 41 5c c3 b8 f4 ff ff ff eb
[    9.000700] RSP: 0018:ffffc900000b7d00 EFLAGS: 00010246
[    9.000800] RAX: ffff888100a3d000 RBX: ffff888100a3d000 RCX: 0000000000000000
[    9.000900] RDX: 0000000000000000 RSI: ffff888100a3e000 RDI: ffff888100a3d010
[    9.001000] Call Trace:
[    9.001050]  <TASK>
[    9.001100]  of_iommu_xlate+0x94/0xbc
[    9.001200]  of_iommu_configure+0x1fc/0x264
${stack.map((f, i) => `[    9.0013${10 + i}]  ${f}`).join('\n')}
[    9.002000]  </TASK>
[    9.002100] ---[ end trace 0000000000000000 ]---
`;

describe('a crash of riscv64', () => {
  it('has its field by the instructions, its access by scause', () => {
    const [crash] = judge(RISCV).crashes;
    expect(crash?.incident).toMatchObject({ arch: 'riscv', fault: { address: 0n, access: 'read' } });
    expect(crash?.fault).toMatchObject({ fields: ['fwspec.ops'], decoded: true });
    expect(crash?.fault?.because.map((b) => b.text).join()).toContain('`ld a5,0x2e0(s1); ld a5,0x30(a5); ld a0,0(a5)`');
    expect(judge(RISCV).verdict.outcome).toBe('null-read fwspec.ops in of_iommu_configure');
  });

  it('is of a store where scause says so, and then no read of the race', () => {
    const stored = judge(RISCV.replace('cause: 000000000000000d', 'cause: 000000000000000f'));
    expect(stored.crashes[0]?.incident.fault?.access).toBe('write');
    expect(stored.verdict.class).not.toBe('confirmed');
  });
});

describe('a crash of x86-64', () => {
  it('has its field by the instructions, and none by the code of user space', () => {
    const [crash] = judge(X86).crashes;
    expect(crash?.fault).toMatchObject({ fields: ['dev_iommu.priv'], decoded: true, access: 'write' });
    const user = X86.replace(/^.* Code: .*\n/m, '').replace(
      /^(.*)<\/TASK>/m,
      '[    9.001900] RIP: 0033:0x7f1\n[    9.001950] Code: 48 8b 83 e0 02 00 00 <48> 89 58 40\n$1</TASK>',
    );
    expect(judge(user).crashes[0]?.incident.code).toBeNull();
  });
});
