import type { Outcome } from './check.js';
import { describeCell, describeValue } from './describe.js';
import { nameOf, scopeOf, type CellResult } from './evaluate.js';

/**
 * Outcomes as JUnit XML, which CI services show: a test case for each threshold in each cell, an error for a threshold
 * that could not be told.
 */
export function junit(outcomes: readonly Outcome[]): string {
  return document(outcomes.map(suite));
}

/** That nothing could be checked, and why, as JUnit XML. */
export function junitOfError(message: string): string {
  const name = 'byzsim check';
  const cases = [testCase(name, 'all thresholds', element('error', message))];
  return document([suiteOf(name, cases, { failures: 0, errors: 1 })]);
}

interface Suite {
  tests: number;
  failures: number;
  errors: number;
  lines: string[];
}

function document(suites: readonly Suite[]): string {
  const total = (key: 'tests' | 'failures' | 'errors') => suites.reduce((sum, each) => sum + each[key], 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="byzsim check" tests="${total('tests')}" failures="${total('failures')}" errors="${total('errors')}">`,
    ...suites.flatMap(({ lines }) => lines),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(outcome: Outcome): Suite {
  const name = [nameOf(outcome.threshold), scopeOf(outcome.threshold)].filter(Boolean).join(' ');
  const cases =
    'error' in outcome
      ? [testCase(name, name, element('error', outcome.error))]
      : outcome.cells.map((result) => testCase(name, result.cell.label, failure(result)));
  const failures = 'error' in outcome ? 0 : outcome.cells.filter(({ met }) => !met).length;
  return suiteOf(name, cases, { failures, errors: 'error' in outcome ? 1 : 0 });
}

function suiteOf(
  name: string,
  cases: readonly string[],
  { failures, errors }: Pick<Suite, 'failures' | 'errors'>,
): Suite {
  const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}"`;
  const lines = [`  <testsuite name="${escape(name)}" ${counts}>`, ...cases, '  </testsuite>'];
  return { tests: cases.length, failures, errors, lines };
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
