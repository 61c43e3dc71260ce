/** An initramfs archive (cpio, newc: Documentation/driver-api/early-userspace/buffer-format.rst). Archives may stand one behind the other. */

function entry(name, mode, data = Buffer.alloc(0), [major, minor] = [0, 0]) {
  const path = Buffer.from(`${name}\0`);
  const fields = [1, mode, 0, 0, 1, 0, data.length, 0, 0, major, minor, path.length, 0];
  const head = Buffer.from(`070701${fields.map((v) => v.toString(16).padStart(8, '0')).join('')}`);
  return Buffer.concat([padded(Buffer.concat([head, path]), 4), padded(data, 4)]);
}

function padded(bytes, to) {
  return Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)]);
}

export const directory = (name) => entry(name, 0o040755);
export const node = (name, major, minor) => entry(name, 0o020600, undefined, [major, minor]);
export const file = (name, data, mode = 0o644) => entry(name, 0o100000 | mode, Buffer.from(data));
export const archive = (entries) => padded(Buffer.concat([...entries, entry('TRAILER!!!', 0)]), 512);
