/** What zsh and bash take apart or replace outside quotes. */
const special = '[]{}()*?<`$!';

/**
 * The commands of a line as a shell splits it at pipes, && and ;, each as its words without quotes. Environment variables
 * before a command, redirections and comments are left out.
 *
 * @throws Error for characters that would have to be quoted
 */
export function shellCommands(line: string): string[][] {
  const commands: string[][] = [[]];
  let word: string | undefined;
  let quote = '';
  let redirected = false;
  const endWord = () => {
    if (word !== undefined && !redirected) commands.at(-1)!.push(word);
    if (word !== undefined) redirected = false;
    word = undefined;
  };
  for (const character of line) {
    if (quote) {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      endWord();
    } else if (character === '#' && word === undefined) {
      break;
    } else if ('|&;'.includes(character)) {
      endWord();
      if (commands.at(-1)!.length > 0) commands.push([]);
    } else if (character === '>') {
      endWord();
      redirected = true;
    } else if (special.includes(character)) {
      throw new Error(`${character} has to be quoted: ${line}`);
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote) throw new Error(`${quote} is not closed: ${line}`);
  endWord();
  return commands.filter((words) => words.length > 0).map(withoutVariables);
}

function withoutVariables(words: readonly string[]): string[] {
  return words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word)));
}
