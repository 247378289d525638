import { axis, axisPaths, axisValues } from '../results/axes.js';
import { UserError } from '../errors.js';
import type { Cell } from './cells.js';
import { assignment, meets, whyNone, type Conditions } from './conditions.js';

/**
 * Keys whose defaults depend on others: an unweighted median breaks ties otherwise than a weighted one, CTMA takes f
 * instead of λ. They may differ between a cell and its counterpart if one of `from` does.
 */
const defaultsFrom: readonly { from: readonly string[]; keys: RegExp }[] = [
  { from: [axis.rule, axis.meta], keys: /^aggregator\.(?!(rule|meta)$)/ },
  {
    from: [axis.weighted, axis.count, axis.lambda, 'workers'],
    keys: /^aggregator\.(?!(rule|meta|weighted)$)/,
  },
  { from: [axis.count, 'workers'], keys: /^byzantine\.lambda$/ },
  { from: [axis.attack], keys: /^byzantine\.attack\./ },
  { from: [axis.optimizer, 'optimizer.form'], keys: /^optimizer\.(?!(name|learningRate)$)/ },
  { from: ['mode'], keys: /^(aggregator\.(?!(rule|meta)$)|optimizer\.(?!(name|learningRate)$)|arrival\.)/ },
  { from: ['arrival.process'], keys: /^arrival\./ },
  { from: ['dataset.name'], keys: /^(dataset\.|model\.|batchSize$)/ },
  { from: ['model.name'], keys: /^model\./ },
  { from: ['updates'], keys: /^evaluate\.every$/ },
];

/**
 * The one cell that has the values of `against` and otherwise the config of `cell`, up to defaults that follow from
 * `against`. Where several do, the one that agrees in those defaults too.
 *
 * @throws UserError where there is none, or no one
 */
export function counterpartOf(cell: Cell, against: Conditions, cells: readonly Cell[]): Cell {
  const candidates = cells.filter((other) => meets(other, against));
  if (candidates.length === 0) throw new UserError(whyNone(cells, against));
  const paths = axisPaths(cells);
  const follows = (path: string) =>
    defaultsFrom.some(({ from, keys }) => keys.test(path) && from.some((key) => against.has(key)));
  const fixed = paths.filter((path) => path !== axis.hash && !against.has(path) && !follows(path));
  const differing = (other: Cell) => fixed.filter((path) => cell.axes.get(path) !== other.axes.get(path));

  const alike = candidates.filter((other) => differing(other).length === 0);
  if (alike.length === 0) {
    const closest = candidates.reduce((a, b) => (differing(b).length < differing(a).length ? b : a));
    const others = differing(closest).map((path) => assignment(path, closest.axes.get(path)));
    throw new UserError(
      `nothing to compare ${cell.label} with: ${closest.label} comes closest and has ${others.join(', ')}; ` +
        'run what is missing, or name these keys too in against',
    );
  }
  if (alike.length === 1) return alike[0];
  const open = paths.filter((path) => follows(path) && axisValues(alike, path).length > 1);
  const same = alike.filter(({ axes }) => open.every((path) => axes.get(path) === cell.axes.get(path)));
  if (same.length === 1) return same[0];
  throw new UserError(
    `${alike.length} cells to compare ${cell.label} with: ${alike.map(({ label }) => label).join('; ')}; ` +
      `say which in against${open.length > 0 ? `, by ${open.join(', ')}` : ''}`,
  );
}
