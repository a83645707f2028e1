/** What goes into an archive: a folder, a file with bytes, or a symbolic link. */
export type TarEntry = { path: string; mode: number } & (
  | { kind: 'folder' }
  | { kind: 'file'; data: Buffer }
  | { kind: 'link'; to: string }
)

/** The bytes of a POSIX ustar archive, owned by root, dated 0. Paths must be shorter than 100 bytes. Same as "tar -c". */
export function tarArchive(entries: readonly TarEntry[]): Buffer {
  const end = Buffer.alloc(1024)
  return Buffer.concat([
    ...entries.flatMap((entry) => (entry.kind === 'file' ? file(entry.data, entry) : [header(entry, 0)])),
    end,
  ])
}

function file(data: Buffer, entry: TarEntry): Buffer[] {
  return [header(entry, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512)]
}

function header(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(512)
  const path = entry.kind === 'folder' ? `${entry.path}/` : entry.path
  if (Buffer.byteLength(path) > 99) throw new RangeError(`path too long for a ustar header: ${path}`)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`
  block.write(path, 0)
  block.write(octal(entry.mode, 7), 100)
  block.write(octal(0, 7), 108)
  block.write(octal(0, 7), 116)
  block.write(octal(size, 11), 124)
  block.write(octal(0, 11), 136)
  block.write('        ', 148)
  block.write({ file: '0', link: '2', folder: '5' }[entry.kind], 156)
  if (entry.kind === 'link') block.write(entry.to, 157)
  block.write('ustar\x0000', 257)
  // The checksum is the sum of all bytes, its own field counted as spaces.
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
