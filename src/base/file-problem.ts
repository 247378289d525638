/** What stands in the way of file operations, in the user's terms, by the code that the operating system gives. */
const problems: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ERR_FS_EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EEXIST: 'what is there is no folder',
  ENOTEMPTY: 'it is a folder with files in it',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'it is on a read-only file system',
  ELOOP: 'too many symbolic links on the way, or a circle of them',
  ENAMETOOLONG: 'the name is too long for the file system',
  EMFILE: 'too many open files (ulimit -n says how many may be)',
  ENFILE: 'too many open files on this machine',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'the file is too large for the file system or ulimit -f',
  EIO: 'the disk fails to read or write it',
  EPIPE: 'nobody reads it any more',
  ERR_INVALID_ARG_VALUE: 'no file has such a name',
};

/** Calls that leave files as they are. */
const reading = [
  'open',
  'read',
  'scandir',
  'stat',
  'lstat',
  'fstat',
  'realpath',
  'readlink',
  'access',
  'mmap',
];

/** Why a file operation failed, without its path: "it is a folder", "no permission". */
export function fileProblem(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  // "EXDEV: cross-device link not permitted, rename 'a' -> 'b'"
  return problems[code] ?? /^[A-Z]\w+: ([^,]+)/.exec(message)?.[1] ?? message;
}

/** Whether an error came from the operating system: a file, the disk, a pipe. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

/** "cannot write results/x: no space left on the disk", for an error of the operating system with its own path. */
export function describeSystemError(error: NodeJS.ErrnoException): string {
  const { syscall = '', path, message } = error;
  if (path === undefined) return message;
  const verb = syscall.startsWith('spawn') ? 'start' : reading.includes(syscall) ? 'read' : 'write';
  return `cannot ${verb} ${path}: ${fileProblem(error)}`;
}
