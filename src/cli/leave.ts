let left = false;

/** Ends the program before its command is done, for a reason that the user knows or was told. */
export function leave(status: number | string): never {
  left = true;
  process.exit(status);
}

/**
 * Runs `command`. Where the program ends in its midst otherwise, since a module has called process.exit or waits for what never
 * comes, says so, and the exit status is no success.
 */
export async function toItsEnd(command: () => Promise<void>): Promise<void> {
  const onExit = (status: number) => {
    if (left) return;
    process.stderr.write(
      'byzsim: the program ended before its command was done: a module has called process.exit(), or waits for what never comes\n',
    );
    process.exitCode = status === 0 ? 2 : status;
  };
  process.on('exit', onExit);
  await command();
  process.off('exit', onExit);
}
