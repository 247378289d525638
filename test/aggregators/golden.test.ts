import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtins } from '../../src/simulation/catalogue.js';
import { aggregate as answer } from '../../src/cli/requests/aggregate.js';
import { attack } from '../../src/cli/requests/attack.js';

/** Published tests, docstrings and observed outputs of other implementations, as requests to byzsim. */

interface Case {
  id: number | string;
  kind: 'aggregator' | 'preaggregator' | 'attack';
  name: string;
  params: Record<string, unknown> & {
    weights?: number[];
    base?: string;
    base_params?: Record<string, unknown>;
  };
  input: number[][];
  expected: number[] | number[][];
  tolerance: number;
  source: string;
}

const file = new URL('../golden/vectors.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] };

/** The published synchronous code fixes ν = 0.1 in RFA, the asynchronous one 0. */
const rfa = { rule: 'geometric-median', steps: 3 };

function rule(name: string, params: Record<string, unknown>): Record<string, unknown> {
  switch (name) {
    case 'Average':
    case 'avg':
      return { rule: 'mean' };
    case 'cwmed':
    case 'weighted_cwmed':
    case 'weighted_median':
      return { rule: 'cwmed' };
    case 'rfa':
    case 'GeometricMedian':
      return { ...rfa, steps: params.T ?? 3, floor: params.nu ?? 0 };
    case 'TrMean':
    case 'cwtm':
      return { rule: 'trimmed-mean', f: params.f };
    case 'Meamed':
      return { rule: 'mean-around-median', f: params.f };
    case 'CenteredClipping':
      return { rule: 'centered-clipping', radius: params.tau, steps: params.L };
    case 'CAF':
    case 'SMEA':
      return { rule: name.toLowerCase(), f: params.f };
    default:
      throw new Error(`no rule for ${name}`);
  }
}

function meta({ name, params }: { name: string; params: Record<string, unknown> }): Record<string, unknown> {
  switch (name) {
    case 'NNM':
      return { rule: 'nnm', f: params.f };
    case 'Bucketing':
      return { rule: 'bucketing', size: params.s };
    case 'Clipping':
      return { rule: 'clipping', radius: params.c };
    default:
      throw new Error(`no meta-aggregator for ${name}`);
  }
}

type Named = { name: string; params: Record<string, unknown> };

function request({ kind, name, params, input }: Case): Record<string, unknown> {
  if (kind === 'preaggregator') {
    return { meta: [meta({ name, params })], vectors: input, permutation: params.perm };
  }
  if (kind === 'attack') {
    const weights = params.weights?.slice(0, input.length);
    if (name !== 'Optimal_ALittleIsEnough') {
      return { attack: { attack: 'empire', factor: params.tau ?? params.epsilon }, honest: input, weights };
    }
    const { agg, agg_params, pre_agg_list, f, ...search } = params;
    return {
      attack: { attack: 'optimal-little', ...search },
      honest: input,
      byzantine: f,
      aggregator: {
        ...rule(agg as string, agg_params as Record<string, unknown>),
        meta: (pre_agg_list as Named[]).map(meta),
      },
    };
  }
  const base = params.base;
  if (name === 'nnm') {
    const aggregator = { ...rule(base!, { ...params.base_params }), meta: [{ rule: 'nnm', f: params.f }] };
    return { aggregator, vectors: input };
  }
  if (name === 'w-ctma') {
    const aggregator = { ...rule(base!, {}), meta: [{ rule: 'ctma', lambda: params.lambda }] };
    return { aggregator, vectors: input, weights: params.weights };
  }
  const pre = (params.pre as Named[] | undefined) ?? [];
  return {
    aggregator: { ...rule(name, params), meta: pre.map(meta) },
    vectors: input,
    weights: params.weights,
  };
}

describe('published numbers', () => {
  it.each(cases)('$id: $name ($source)', (golden) => {
    const reply = (golden.kind === 'attack' ? attack : answer)(request(golden), builtins);
    const actual = (JSON.parse(reply) as number[] | number[][]).flat();
    const expected = golden.expected.flat();
    expect(actual.length).toBe(expected.length);
    for (const [k, value] of expected.entries()) {
      expect(Math.abs(actual[k] - value)).toBeLessThanOrEqual(
        golden.tolerance * Math.max(1, Math.abs(value)),
      );
    }
  });
});
