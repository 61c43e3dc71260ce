/** What the guest does, line by line (guest/init.c has the words), so that client and IOMMU meet as a scenario of the model says. */

/** `force`: parameters of the forcing module. `walkFirst`: the registration has the first turn. `after`: seconds for both threads to come to their ends. */
export function scriptOf(driver, { scenario, earlier, walkFirst = true, force, gap = 2, after = 20 }) {
  const deferred = scenario === 'deferred-retry';
  const lines = [];
  const [first, second] = driver.pci ? ['labpci', 'labpcib'] : ['labdma', 'labdmb'];
  const client = `insmod /mod/${first}.ko`;
  // Before the first registration, as the module counts them.
  lines.push(`insmod /force.ko ${force}`.trim());
  if (earlier) lines.push('insmod /mod/labclk.ko', 'sleep 0.5');
  if (deferred) lines.push(client);
  const iommu = driver.module
    ? `insmod /mod/${driver.module}.ko &`
    : `insmod /mod/${earlier ? 'labclkb' : 'labclk'}.ko`;
  // A built-in IOMMU is probed by the deferred worker, so the client by an insmod of its second driver; else the other way round.
  const probe = !deferred ? `${client} &` : driver.module ? 'insmod /mod/labaux.ko &' : `insmod /mod/${second}.ko &`;
  lines.push(...(walkFirst ? [iommu, `sleep ${gap}`, probe] : [probe, `sleep ${gap}`, iommu]), `sleep ${after}`);
  return `${lines.join('\n')}\n`;
}
