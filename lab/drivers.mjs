/** The IOMMUs of the lab: QEMU's own SMMUv3, and nodes whose registers are RAM that QEMU's loader presets, enough for a driver's probe to succeed. */

/**
 * `module`: the driver is one (else it is built in, and held back by a clock until the lab's module for it is loaded). `instances`: how many; with two, the client
 * names the second, and the first is up before. `model`: what the program calls it, where that is another name; `entries`: of the client's "iommus"; `pci`: the
 * client is a PCI device behind a bridge to conventional PCI, which speaks for it, so that it has two aliases.
 */
export const DRIVERS = {
  'apple-dart': {
    module: 'apple-dart',
    compatible: 'apple,t8103-dart',
    size: 0x4000,
    cells: 1,
    interrupts: 1,
    // Pages of 4 KiB: one with larger pages than the kernel's is bypassed, and never asked for its reserved regions.
    registers: { 0: 0x0c000000, 4: 1 },
    kernels: /^arm64-6\.1(?:-|$)/,
  },
  sprd: {
    module: 'sprd-iommu',
    compatible: 'sprd,iommu-v1',
    size: 0x1000,
    cells: 0,
    interrupts: 0,
    registers: { 0: 0x100 },
    kernels: /-6\.1(?:-|$)/,
  },
  rockchip: {
    module: null,
    compatible: 'rockchip,iommu',
    size: 0x100,
    cells: 0,
    interrupts: 1,
    clocks: ['aclk', 'iface'],
    registers: {},
    instances: 2,
    kernels: /./,
  },
  'arm-smmu-v3': { module: null, qemu: 'smmuv3', kernels: /^arm64/ },
  'arm-smmu-v3+two': { module: null, qemu: 'smmuv3', model: 'arm-smmu-v3', entries: 2, kernels: /^arm64/ },
  'arm-smmu-v3+pci': { module: null, qemu: 'smmuv3', model: 'arm-smmu-v3', entries: 2, pci: true, kernels: /^arm64/ },
};

/** RAM at the top of the machine's 512 MiB, reserved: the fake register windows, and those of the clients. */
const REGISTERS = 0x5f000000;
const CLIENT = 0x5e000000;

/** The client's name on its bus. */
export const clientOf = ({ pci }) => (pci ? '0000:01:01.0' : `${CLIENT.toString(16)}.dma`);

const hex = (n) => `0x${n.toString(16)}`;

/** Nodes of a fake IOMMU, and what QEMU presets in its registers. The last instance is the client's, and has the second clock where there are two. */
function fake(driver, instances) {
  const { compatible, size, cells, interrupts, clocks = [], registers } = driver;
  const nodes = [];
  const loader = [];
  for (let i = 0; i < instances; i++) {
    const base = REGISTERS + i * Math.max(size, 0x10000);
    const clock = i > 0 ? 'labclkb' : 'labclk';
    const irqs = Array.from({ length: interrupts }, (_, k) => `<0 ${100 + 8 * i + k} 4>`);
    nodes.push(
      `\tliommu${i}: iommu@${base.toString(16)} { compatible = "${compatible}"; reg = <0 ${hex(base)} 0 ${hex(size)}>; #iommu-cells = <${cells}>;`,
      ...(irqs.length > 0 ? [`\t\tinterrupts = ${irqs.join(', ')};`] : []),
      ...(clocks.length > 0
        ? [
            `\t\tclocks = ${clocks.map(() => `<&${clock}>`).join(', ')}; clock-names = ${clocks.map((c) => `"${c}"`).join(', ')};`,
          ]
        : []),
      '\t};',
    );
    for (const [offset, value] of Object.entries(registers))
      loader.push('-device', `loader,addr=${hex(base + Number(offset))},data=${hex(value)},data-len=4`);
  }
  return { nodes, loader, iommus: `&liommu${instances - 1}${cells > 0 ? ' 2' : ''}` };
}

/** QEMU's own node, held back by the lab's clock; to 5.10 drivers are probed without theirs, but not without their power domain. */
function own(dts, { entries = 1 }) {
  const node = /\tsmmuv3@9050000 \{[\s\S]*?\n\t\};/.exec(dts)[0];
  const bare = node.replaceAll(/\n\t\tclocks = <[^>]*>;|\n\t\tclock-names = [^;]*;/g, '');
  const held = bare.replace(
    '{',
    '{\n\t\tclocks = <&labclk>;\n\t\tclock-names = "apb_pclk";\n\t\tpower-domains = <&labclk>;',
  );
  const phandle = /phandle = <(0x[0-9a-f]+)>/.exec(node)[1];
  const iommus = Array.from({ length: entries }, (_, i) => `${phandle} ${hex(0x2a + i)}`).join(' ');
  return { dts: dts.replace(node, held), iommus };
}

/** The device tree's source: QEMU's with the IOMMU, one client, and the lab's clocks; with the loader's arguments. */
export function treeOf(qemuTree, driver, instances) {
  const made = driver.qemu
    ? { ...own(qemuTree, driver), nodes: [], loader: [] }
    : { dts: qemuTree, ...fake(driver, instances) };
  const nodes = [
    '\treserved-memory { #address-cells = <2>; #size-cells = <2>; ranges;',
    `\t\tlab@${CLIENT.toString(16)} { reg = <0 ${hex(CLIENT)} 0 0x2000000>; no-map; }; };`,
    ...made.nodes,
    // Of a PCI client the tree says nothing: the host bridge's iommu-map does.
    ...(driver.pci
      ? []
      : [
          `\tdma@${CLIENT.toString(16)} { compatible = "lab,dma"; reg = <0 ${hex(CLIENT)} 0 0x1000>; iommus = <${made.iommus}>; };`,
        ]),
    '\tlabaux { compatible = "lab,aux"; };',
    '\tlabclk: labclk { compatible = "lab,labclk"; #clock-cells = <0>; #reset-cells = <1>; #power-domain-cells = <0>; };',
    '\tlabclkb: labclkb { compatible = "lab,labclkb"; #clock-cells = <0>; #reset-cells = <1>; #power-domain-cells = <0>; };',
  ];
  const end = made.dts.trimEnd().lastIndexOf('};');
  return { dts: `${made.dts.slice(0, end)}${nodes.join('\n')}\n};\n`, loader: made.loader };
}
