import { stringify } from 'yaml';
import type { Config } from './config.js';

/** A resolved config as a file that runs again and resolves to the same config; paths are absolute. */
export function resolvedYaml(config: Config): string {
  const { dataset, arrival } = config;
  const written = {
    ...config,
    dataset: 'file' in dataset ? { points: dataset.file } : dataset.name,
    arrival: arrival.process === 'trace' ? { trace: arrival.file } : arrival,
  };
  return stringify(written, { collectionStyle: 'any', lineWidth: 110 });
}
