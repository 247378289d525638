#!/usr/bin/env node
import { existsSync } from 'node:fs';

const module = (name) => new URL(`../dist/cli/${name}`, import.meta.url).href;
if (!existsSync(new URL(module('main.js')))) {
  process.stderr.write('byzsim: it is not built yet: run npm run build\n');
  process.exit(2);
}
// A batch system may ask for an end at any moment, loading included.
const { answerEarly } = await import(module('interrupt.js'));
answerEarly();
const { crash, main } = await import(module('main.js'));
process.on('uncaughtException', crash);
await main(process.argv);
