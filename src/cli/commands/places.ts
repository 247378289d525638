import { Option, type Command } from 'commander';

/** The words for where something is written. Help shows the one that a command has. */
const words = ['--out', '--output'];

/** Another word for an option: it sets the same value, and help does not show it. */
class Synonym extends Option {
  constructor(
    flags: string,
    private readonly option: Option,
  ) {
    super(flags);
    this.hideHelp();
    this.parseArg = option.parseArg;
  }

  override attributeName(): string {
    return this.option.attributeName();
  }
}

/** Lets every command that is told a place take either word for it, and -o. */
export function acceptEitherWord(command: Command): void {
  for (const option of command.options.filter(({ long }) => words.includes(long ?? ''))) {
    const other = words.find((word) => word !== option.long)!;
    command.addOption(new Synonym(`${option.short ? '' : '-o, '}${other} <place>`, option));
  }
  command.commands.forEach(acceptEitherWord);
}
