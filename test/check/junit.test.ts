import { expect, test } from 'vitest';
import { check } from '../../src/check/check.js';
import { junit } from '../../src/check/junit.js';
import { parseThresholds } from '../../src/thresholds/thresholds.js';
import { run } from '../support/study.js';
import { parseXml } from '../support/xml.js';
import { columns, labels } from '../support/labels.js';

const runs = ['cwmed', 'krum'].flatMap((rule, k) =>
  [1, 2].map((seed) => run({ rule, seed, accuracies: [0.1, 0.9 + 0.05 * k] })),
);

test('a test case for each threshold and cell, an error for what could not be told', () => {
  const { thresholds } = parseThresholds(
    [
      { 'final.test_accuracy': ['mean >= 0.92'] },
      { where: { attack: 'a <"&\'\u0007> b' }, 'final.test_accuracy': ['std < 0.1'] },
    ],
    columns,
  );
  const document = parseXml(
    junit(
      check(
        thresholds.map((threshold) => ({ threshold })),
        runs,
        labels,
      ),
    ),
  );
  expect(document.name).toBe('testsuites');
  expect(document.attributes).toMatchObject({ tests: '3', failures: '1', errors: '1' });
  const [told, unanswered] = document.children;
  expect(told.attributes).toEqual({
    name: 'final.test_accuracy mean >= 0.92',
    tests: '2',
    failures: '1',
    errors: '0',
  });
  const classname = 'final.test_accuracy mean >= 0.92';
  const message = '0.9, margin -0.02 (CWMed; 2 seeds)';
  expect(told.children).toEqual([
    {
      name: 'testcase',
      attributes: { classname, name: 'CWMed' },
      children: [{ name: 'failure', attributes: { message }, children: [] }],
    },
    { name: 'testcase', attributes: { classname, name: 'Krum' }, children: [] },
  ]);
  expect(unanswered.attributes).toMatchObject({ tests: '1', failures: '0', errors: '1' });
  const [error] = unanswered.children[0].children;
  expect(error.name).toBe('error');
  expect(error.attributes.message).toContain(`byzantine.attack.attack = a <"&'> b`);
});
