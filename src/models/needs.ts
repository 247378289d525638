import type { InputSpec } from '../data/dataset.js';

// Inputs that models ask for, each a `needs` of a `ModelDefinition`: what is missing, or nothing.

/** Labelled images of one shape, [height, width, channels]. */
export function needsImages(shape: readonly number[]): (input: InputSpec) => string | undefined {
  return (input) =>
    input.shape.join() === shape.join() && input.classes > 1
      ? undefined
      : `${shape.join('x')} images with labels`;
}

/** Labels. */
export function needsLabels(input: InputSpec): string | undefined {
  return input.classes > 1 ? undefined : 'a data set with labels';
}
