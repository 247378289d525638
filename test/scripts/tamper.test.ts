import { expect, test } from 'vitest';
import { tamper } from '../../scripts/tamper/tamper.js';

test('results that were tampered with are named, and no run is lost in silence', async () => {
  expect(await tamper(20, 1)).toEqual([]);
});
