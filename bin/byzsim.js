#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(entry)) {
  process.stderr.write('byzsim: it is not built yet: run npm run build\n');
  process.exit(2);
}
const { crash, main } = await import(entry.href);
process.on('uncaughtException', crash);
await main(process.argv);
