import { execSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/** The command line and threads run what is compiled: nothing is tested beside sources that are newer than that. */
export default function build(): void {
  const built = 'dist/.tsbuildinfo';
  const stamp = existsSync(built) ? statSync(built).mtimeMs : 0;
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((name) => join('src', name));
  if (sources.every((file) => statSync(file).mtimeMs <= stamp)) return;
  execSync('npm run build', { stdio: 'inherit' });
  utimesSync(built, new Date(), new Date()); // the compiler leaves it alone where nothing has changed
}
