import type { Outcome } from './check.js';
import { describeCell, describeValue } from './describe.js';
import { nameOf, scopeOf, type CellResult } from './evaluate.js';

/**
 * Outcomes as JUnit XML, which CI services show: a test case for each threshold in each cell, an error for a threshold
 * that could not be told.
 */
export function junit(outcomes: readonly Outcome[]): string {
  const suites = outcomes.map(suite);
  const total = (key: 'tests' | 'failures' | 'errors') => suites.reduce((sum, each) => sum + each[key], 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="byzsim check" tests="${total('tests')}" failures="${total('failures')}" errors="${total('errors')}">`,
    ...suites.flatMap(({ lines }) => lines),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(outcome: Outcome): { tests: number; failures: number; errors: number; lines: string[] } {
  const name = [nameOf(outcome.threshold), scopeOf(outcome.threshold)].filter(Boolean).join(' ');
  const cases =
    'error' in outcome
      ? [testCase(name, name, element('error', outcome.error))]
      : outcome.cells.map((result) => testCase(name, result.cell.label, failure(result)));
  const failures = 'error' in outcome ? 0 : outcome.cells.filter(({ met }) => !met).length;
  const errors = 'error' in outcome ? 1 : 0;
  const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}"`;
  return {
    tests: cases.length,
    failures,
    errors,
    lines: [`  <testsuite name="${escape(name)}" ${counts}>`, ...cases, '  </testsuite>'],
  };
}

function testCase(suite: string, name: string, content: string | undefined): string {
  const attributes = `classname="${escape(suite)}" name="${escape(name)}"`;
  return content ? `    <testcase ${attributes}>${content}</testcase>` : `    <testcase ${attributes}/>`;
}

function failure(result: CellResult): string | undefined {
  return result.met ? undefined : element('failure', `${describeValue(result)} (${describeCell(result)})`);
}

function element(name: string, message: string): string {
  return `<${name} message="${escape(message)}"/>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

function escape(text: string): string {
  // XML 1.0 has no way to write other control characters.
  return text
    .replace(/[&<>"\n]/g, (character) => entities[character])
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
}
