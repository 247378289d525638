import { expect, test } from 'vitest';
import { configJsonSchema } from '../../src/config/json-schema.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { byzsim } from '../support/cli.js';

test('byzsim schema prints the schema of configs', async () => {
  const { status, stdout } = await byzsim(['schema']);
  expect(JSON.parse(stdout)).toEqual(configJsonSchema(builtins));
  expect(status).toBe(0);
});
