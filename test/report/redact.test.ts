import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { triage } from '../../src/reconstruct/triage.ts';
import { Redactor } from '../../src/report/safe/redact.ts';
import { size } from '../size.ts';
import { SEED } from './attacks.ts';
import { TARGETS, written } from './targets.ts';

const redacted = (text: string) => new Redactor().text(text);

describe('a line', () => {
  it.each([
    ['MAC addresses', 'e1000e 0000:00:19.0: (PCI) 3c:97:0e:1a:2b:3c', 'e1000e 0000:00:19.0: (PCI) mac-1'],
    ['MAC addresses with dashes', 'mac 3C-97-0E-1A-2B-3C', 'mac mac-1'],
    ['IPv4 addresses', 'nfsroot=192.168.10.1:/mnt/x ip=10.0.0.7', 'nfsroot=ip-1:/mnt/x ip=ip-2'],
    ['IPv6 addresses', 'from fe80::a8bb:ccff:fedd:1 to 2001:db8::8a2e:370:7334.', 'from ip-1 to ip-2.'],
    ['serial numbers of phones', 'androidboot.serialno=0A1B2C3D x=1', 'androidboot.serialno=serial-1 x=1'],
    ['serial numbers of USB devices', 'usb 1-1: SerialNumber: 4C5300012345', 'usb 1-1: SerialNumber: serial-1'],
    ['serial numbers by their short name', 'panel SN: QX-77/3, rev 2', 'panel SN: serial-1, rev 2'],
    ['users by option', 'mount user=joe,pass', 'mount user=user-1,pass'],
    ['users by path', 'exec /home/joe.d/bin/x /Users/ann/y', 'exec /home/user-1/bin/x /Users/user-2/y'],
    [
      'who built the kernel, and where',
      'Linux version 6.1.0 (joe@mill) (gcc 12)',
      'Linux version 6.1.0 (user-1@host-1) (gcc 12)',
    ],
    ['host names', 'systemd[1]: Hostname set to <mill>.', 'systemd[1]: Hostname set to <host-1>.'],
    ['host names of the command line', 'ip=10.0.0.1::::mill:eth0:off', 'ip=ip-1::::host-1:eth0:off'],
    ['identities of disks', 'root=PARTUUID=2633f715-02', 'root=PARTUUID=uuid-1'],
  ])('%s', (_, line, wanted) => {
    expect(redacted(line)).toBe(wanted);
    expect(redacted(redacted(line))).toBe(wanted);
  });

  it.each([
    'pci 0000:00:1f.2: [8086:1c02] type 00 class 0x010601',
    'usb usb1: New USB device strings: Mfr=3, Product=2, SerialNumber=1',
    'usb usb1: SerialNumber: 0000:00:14.0',
    'Unable to handle kernel paging request at virtual address ffff1aea0a30ee00',
    'Code: 54000241 a94153f3 a8c37bfd d65f03c0 (f9001c14)',
    'x2 : 0000000000000000 x1 : ffff1aea0a30ee00 x0 : 0000000000000000',
    'apple-dart 228304000.iommu: DART [pagesize 4000, 16 streams, bypass support: 0]',
    'CPU: 2 PID: 12 Comm: kworker/u16:1 Not tainted 6.5.6-403.asahi.fc39.aarch64+16k #1',
    'Linux version 6.1.192 #1 SMP PREEMPT Sun Nov 22 17:44:59 UTC 2026',
    'fe800000.serial: ttyS0 at MMIO 0xfe800000; Serial: 8250/16550 driver; 12:34:56 core::fmt::write',
    'net eth0: 127.0.0.1 00:00:00:00:00:00 ff:ff:ff:ff:ff:ff ::1',
  ])('stays: %s', (line) => {
    expect(redacted(line)).toBe(line);
  });
});

describe('a run', () => {
  it('gives one name to one thing, in the order of its first appearance', () => {
    const r = new Redactor();
    expect(r.text('10.0.0.2 10.0.0.1')).toBe('ip-1 ip-2');
    expect(r.text('10.0.0.1 10.0.0.2')).toBe('ip-2 ip-1');
  });

  it('finds a host name anywhere once a line has told it, but not within another word', () => {
    const r = new Redactor();
    r.text('Hostname set to <mill>.');
    expect(r.text('mill-boot.log: treadmill, mill: up')).toBe('host-1-boot.log: treadmill, host-1: up');
  });
});

const SECRETS: Readonly<Record<string, string>> = {
  host: 'millwheel',
  user: 'josephine',
  mac: '3c:97:0e:1a:2b:3c',
  ip: '192.168.77.201',
  ip6: '2001:db8::8a2e:370:7334',
  serial: '4C530001234567',
};

/** A crash whose every telling line could be quoted somewhere. */
function log(over: Readonly<Record<string, string>> = {}): string {
  const { host, user, mac, ip, ip6, serial } = { ...SECRETS, ...over };
  return [
    `Linux version 6.1.50 (${user}@${host}) (gcc 12) #1 SMP`,
    `Kernel command line: androidboot.serialno=${serial} user=${user} init=/home/${user}/init ip=${ip} smsc95xx.macaddr=${mac}`,
    `systemd[1]: Hostname set to <${host}>.`,
    `eth0: ${ip6} ${mac}`,
    'Unable to handle kernel NULL pointer dereference at virtual address 0000000000000040',
    `Internal error: Oops: 0000000096000044 [#1] SMP ${host}`,
    `CPU: 0 PID: 7 Comm: ${host}-7 Not tainted 6.1.50 #1`,
    `Hardware name: ${host} ${ip} SN: ${serial} (DT)`,
    `Workqueue: ${mac} ${user}`,
    `pc : apple_dart_of_xlate+0x54/0x1f8 [apple_dart] ${host}`,
    'Call trace:',
    ' apple_dart_of_xlate+0x54/0x1f8 [apple_dart]',
    `---[ end trace ${ip6} ]---`,
    `${ip} 15000000.iommu`,
  ].join('\n');
}

describe('a triage', () => {
  it('lets none of them out in any format', async () => {
    const [one] = triage(Buffer.from(log()), { name: `/home/${SECRETS.user}/${SECRETS.host}/boot.log` });
    const shown = new Redactor().triage(one!);
    for (const { format } of TARGETS) {
      const output = await written(shown, format);
      for (const secret of Object.values(SECRETS))
        expect(output.toLowerCase(), format).not.toContain(secret.toLowerCase());
    }
  });

  it(`keeps what the verdict rests on, whatever the names are (seed ${SEED})`, () => {
    // Host and user may be called like a word of a report.
    const name = fc.oneof(
      fc.stringMatching(/^[a-z]{5,9}$/),
      fc.constantFrom('build', 'race', 'apple_dart', 'crash', 'command'),
    );
    fc.assert(
      fc.property(name, name, (host, user) => {
        const [one] = triage(Buffer.from(log({ host, user })), { name: 'boot.log' });
        const shown = new Redactor().triage(one!);
        const { kernel, verdict, crashes } = one!;
        expect(shown.kernel).toEqual(kernel);
        expect(shown.verdict.sentence).toBe(verdict.sentence);
        expect(shown.crashes[0]!.incident.frames).toEqual(crashes[0]!.incident.frames);
        expect(shown.log.lineText(3)).toBe('systemd[1]: Hostname set to <host-1>.');
      }),
      { seed: SEED, numRuns: size(15, 150) },
    );
  });
});

describe('--redact', () => {
  it('is one run over all files, on standard output and standard error, in text and JSON', () => {
    const folder = mkdtempSync(join(tmpdir(), 'oopsreplay-redact-'));
    try {
      mkdirSync(join(folder, 'home', 'josephine'), { recursive: true });
      const a = join(folder, 'home', 'josephine', 'a.log');
      const b = join(folder, 'home', 'josephine', 'b.log');
      writeFileSync(a, log({ ip: '10.0.0.1', host: 'firsthost' }));
      writeFileSync(b, log({ ip: '10.0.0.2', host: 'secondhost' }));
      for (const format of ['text', 'json']) {
        const { stdout, stderr, status } = spawnSync(
          process.execPath,
          ['dist/cli.js', '--redact', '--format', format, a, b],
          { encoding: 'utf8' },
        );
        expect(status).toBe(0);
        expect(stdout + stderr).not.toMatch(/josephine|firsthost|secondhost|10\.0\.0\.[12]/);
        expect(stdout).toContain('home/user-1/a.log');
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
