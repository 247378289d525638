import type { InputSpec } from '../data/dataset.js';

// Inputs that models ask for, each a `needs` of a `ModelDefinition`: what is missing, or nothing.

/** Labelled images of one shape, [height, width, channels]. */
export function needsImages(shape: readonly number[]): (input: InputSpec) => string | undefined {
  return (input) =>
    input.shape.join() === shape.join() && input.classes > 1
      ? undefined
      : `${shape.join('x')} images with labels`;
}

/** Labels that are classes. */
export function needsClasses(input: InputSpec): string | undefined {
  return input.classes > 1 ? undefined : 'a data set with classes';
}

/** Labels that are numbers. */
export function needsNumbers(input: InputSpec): string | undefined {
  return input.numeric ? undefined : 'labels that are numbers';
}

/** Labels of either kind. */
export function needsLabels(input: InputSpec): string | undefined {
  return input.classes > 1 || input.numeric ? undefined : 'a data set with labels';
}
