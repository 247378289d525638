const block = 512;

const noArchive = 'not a tar archive, packed or not (a page sent in its place?)';

/**
 * The regular files of an unpacked ustar archive, by path. Views of the archive, not copies. Enough for archives of plain
 * files with short names; throws when the archive ends inside an entry, or is none.
 */
export function tarFiles(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  let at = 0;
  while (at + block <= archive.length && archive[at] !== 0) {
    const field = (from: number, length: number) => {
      const bytes = archive.subarray(at + from, at + from + length);
      const end = bytes.indexOf(0);
      return bytes.toString('latin1', 0, end < 0 ? length : end);
    };
    const [name, size, type, prefix] = [
      field(0, 100),
      parseInt(field(124, 12), 8),
      field(156, 1),
      field(345, 155),
    ];
    if (Number.isNaN(size)) throw new Error(noArchive);
    const start = at + block;
    if (!(start + size <= archive.length)) throw new Error(`truncated archive: ends inside ${name}`);
    if (type === '0' || type === '')
      files.set(prefix ? `${prefix}/${name}` : name, archive.subarray(start, start + size));
    at = start + Math.ceil(size / block) * block;
  }
  if (files.size === 0) throw new Error(noArchive);
  return files;
}
