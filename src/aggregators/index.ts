import type { AggregatorDefinition, MetaAggregatorDefinition } from './aggregator.js';
import { bulyan } from './bulyan.js';
import { caf } from './caf.js';
import { centeredClipping } from './centered-clipping.js';
import { cwmed } from './cwmed.js';
import { geometricMedian } from './geometric-median.js';
import { krum, multiKrum } from './krum.js';
import { mda } from './mda.js';
import { meanAroundMedian } from './mean-around-median.js';
import { mean } from './mean.js';
import { arc } from './meta/arc.js';
import { bucketing } from './meta/bucketing.js';
import { clipping } from './meta/clipping.js';
import { ctma } from './meta/ctma.js';
import { nnm } from './meta/nnm.js';
import { monna } from './monna.js';
import { smea } from './smea.js';
import { trimmedMean } from './trimmed-mean.js';

/** The rules that come with byzsim. */
export const aggregators = [
  mean,
  cwmed,
  geometricMedian,
  trimmedMean,
  meanAroundMedian,
  krum,
  multiKrum,
  bulyan,
  mda,
  monna,
  centeredClipping,
  smea,
  caf,
] as AggregatorDefinition[];

/** The meta-aggregators that come with byzsim. */
export const metaAggregators = [ctma, nnm, bucketing, clipping, arc] as MetaAggregatorDefinition[];
