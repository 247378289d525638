import type { Binding, BindingAttribute, Handle } from './binding.js';
import type { Attribute, Plan } from './plan.js';

/** One operation, ready to be executed. */
type Prepared = Plan['steps'][number] & { readonly prepared: readonly BindingAttribute[] };

/**
 * A plan on TensorFlow: every run executes the same operations in the same order, with nothing of tfjs in between.
 * Constants stay with the device from the start.
 */
export class Program {
  private readonly steps: readonly Prepared[];
  private readonly constants = new Map<number, number>();

  constructor(
    private readonly binding: Binding,
    private readonly plan: Plan,
  ) {
    this.steps = plan.steps.map((step) => ({
      ...step,
      prepared: step.attributes.map((attribute) => prepare(binding, attribute)),
    }));
    for (const { slot, shape, values } of plan.constants) {
      const type = values instanceof Int32Array ? binding.TF_INT32 : binding.TF_FLOAT;
      this.constants.set(slot, binding.createTensor([...shape], type, values));
    }
  }

  /** @param inputs tensors by name, which stay the caller's; the outputs become the caller's */
  run(inputs: Readonly<Record<string, number>>): Record<string, Handle> {
    const { binding, plan } = this;
    const tensors: (Handle | undefined)[] = new Array<undefined>(plan.slots);
    const ids = new Int32Array(plan.slots);
    for (const [slot, id] of this.constants) ids[slot] = id;
    for (const [name, slot] of Object.entries(plan.inputs)) ids[slot] = inputs[name];
    try {
      for (const { op, prepared, inputs: from, outputs, freed } of this.steps) {
        const made = binding.executeOp(
          op,
          prepared,
          from.map((slot) => ids[slot]),
          outputs.length,
        );
        outputs.forEach((slot, k) => {
          tensors[slot] = made[k];
          ids[slot] = made[k].id;
        });
        for (const slot of freed) {
          binding.deleteTensor(ids[slot]);
          tensors[slot] = undefined;
        }
      }
    } catch (error) {
      for (const tensor of tensors) if (tensor) binding.deleteTensor(tensor.id);
      throw error;
    }
    return Object.fromEntries(Object.entries(plan.outputs).map(([name, slot]) => [name, tensors[slot]!]));
  }

  close(): void {
    for (const id of this.constants.values()) this.binding.deleteTensor(id);
    this.constants.clear();
  }
}

function prepare(binding: Binding, { name, kind, value }: Attribute): BindingAttribute {
  switch (kind) {
    case 'integer':
      return { name, type: binding.TF_ATTR_INT, value };
    case 'boolean':
      return { name, type: binding.TF_ATTR_BOOL, value };
    case 'string':
      return { name, type: binding.TF_ATTR_STRING, value };
    case 'type': {
      const types = { float32: binding.TF_FLOAT, int32: binding.TF_INT32, int64: binding.TF_INT64 };
      return { name, type: binding.TF_ATTR_TYPE, value: types[value] };
    }
  }
}
