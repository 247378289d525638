import { stringify } from 'yaml';
import { isTrace } from '../simulation/arrivals.js';
import type { Config } from './config.js';
import type { Mapping } from '../base/mapping.js';

/** A resolved config as a file that runs again and resolves to the same config; paths are absolute. */
export function resolvedYaml(config: Config): string {
  return yamlOf(writtenConfig(config));
}

/** A written config as YAML. */
export function yamlOf(written: Mapping): string {
  return stringify(written, { collectionStyle: 'any', lineWidth: 110 });
}

/** A resolved config as it is written in files. */
export function writtenConfig(config: Config): Mapping {
  const { dataset, arrival } = config;
  const { name, file, ...parameters } = dataset;
  return {
    ...config,
    dataset: file === undefined ? name : { [name]: file, ...parameters },
    arrival: isTrace(arrival) ? { trace: arrival.file } : arrival,
  };
}
