/** What a TensorFlow operation is told besides its tensors. Types are inferred from the tensors. */
export type Attribute =
  | { name: string; kind: 'integer'; value: number | readonly number[] }
  | { name: string; kind: 'boolean'; value: boolean }
  | { name: string; kind: 'string'; value: string }
  | { name: string; kind: 'type'; value: 'float32' | 'int32' | 'int64' };

/** A tensor of a run: a position in its table of tensors. */
export type Slot = number;

/** One TensorFlow operation, and the tensors that nothing needs after it. */
export interface Step {
  readonly op: string;
  readonly attributes: readonly Attribute[];
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  readonly freed: readonly Slot[];
}

export interface Constant {
  readonly slot: Slot;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** A graph as a list of TensorFlow operations in the order they run. Plain data. */
export interface Plan {
  /** How many slots there are. */
  readonly slots: number;
  readonly inputs: Readonly<Record<string, Slot>>;
  readonly constants: readonly Constant[];
  readonly steps: readonly Step[];
  /** Each in a slot of its own, which a step fills. */
  readonly outputs: Readonly<Record<string, Slot>>;
}

/** Lists steps, and knows which slots they fill. */
export class PlanWriter {
  private slots = 0;
  private readonly inputs: Record<string, Slot> = {};
  private readonly constants: Constant[] = [];
  private readonly known = new Map<string, Slot>();
  private readonly steps: Omit<Step, 'freed'>[] = [];

  input(name: string): Slot {
    return (this.inputs[name] = this.slots++);
  }

  floats(values: Float32Array, shape: readonly number[]): Slot {
    this.constants.push({ slot: this.slots, shape, values });
    return this.slots++;
  }

  /** A vector of integers; equal ones share a slot. */
  integers(values: readonly number[]): Slot {
    const key = values.join();
    let slot = this.known.get(key);
    if (slot === undefined) {
      this.known.set(key, (slot = this.slots++));
      this.constants.push({ slot, shape: [values.length], values: Int32Array.from(values) });
    }
    return slot;
  }

  integer(value: number): Slot {
    const key = `scalar ${value}`;
    let slot = this.known.get(key);
    if (slot === undefined) {
      this.known.set(key, (slot = this.slots++));
      this.constants.push({ slot, shape: [], values: Int32Array.of(value) });
    }
    return slot;
  }

  /** Appends an operation. Returns the slots of its outputs. */
  step(op: string, inputs: readonly Slot[], attributes: readonly Attribute[] = [], count = 1): Slot[] {
    const outputs = Array.from({ length: count }, () => this.slots++);
    this.steps.push({ op, attributes, inputs, outputs });
    return outputs;
  }

  /** The plan whose outputs are these slots. What is an input, a constant or an output already is copied. */
  finish(results: Readonly<Record<string, Slot>>): Plan {
    const taken = new Set([...Object.values(this.inputs), ...this.constants.map(({ slot }) => slot)]);
    const outputs: Record<string, Slot> = {};
    for (const [name, slot] of Object.entries(results)) {
      outputs[name] = taken.has(slot) ? this.step('Identity', [slot])[0] : slot;
      taken.add(outputs[name]);
    }
    return {
      slots: this.slots,
      inputs: this.inputs,
      constants: this.constants,
      steps: freeing(this.steps, taken),
      outputs,
    };
  }
}

/** Steps that free each slot after its last use, save those that are `kept`. */
function freeing(steps: readonly Omit<Step, 'freed'>[], kept: ReadonlySet<Slot>): Step[] {
  const seen = new Set<Slot>(kept);
  return steps
    .toReversed()
    .map((step) => {
      const freed = [...new Set([...step.inputs, ...step.outputs])].filter((slot) => !seen.has(slot));
      freed.forEach((slot) => seen.add(slot));
      return { ...step, freed };
    })
    .toReversed();
}
