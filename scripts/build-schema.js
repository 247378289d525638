// Writes configs/schema.json, which editors read, from what configs can name. Run after the TypeScript is compiled.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { configJsonSchema } from '../dist/config/json-schema.js';
import { builtins } from '../dist/simulation/catalogue.js';

const file = fileURLToPath(new URL('../configs/schema.json', import.meta.url));
const options = await resolveConfig(file);
const text = await format(JSON.stringify(configJsonSchema(builtins)), { ...options, filepath: file });
// Left alone where it is the same: a build is no change.
if ((await readFile(file, 'utf8').catch(() => undefined)) !== text) await writeFile(file, text);
