/** An undirected graph without loops: the neighbours of each vertex, each once. */
export type Graph = readonly (readonly number[])[];

/** What is left of a graph after vertices, and the edges at them, have gone. */
export class Remainder {
  private constructor(
    private readonly graph: Graph,
    private readonly present: Uint8Array,
    /** Of those present. */
    private readonly degrees: Int32Array,
    private edges: number,
    /** Vertices that may have one edge left; each that has is among them. */
    private leaves: number[],
  ) {}

  /** All of a graph. */
  static of(graph: Graph): Remainder {
    const degrees = Int32Array.from(graph, ({ length }) => length);
    const edges = degrees.reduce((sum, degree) => sum + degree, 0) / 2;
    const leaves = graph.flatMap(({ length }, v) => (length === 1 ? [v] : []));
    return new Remainder(graph, new Uint8Array(graph.length).fill(1), degrees, edges, leaves);
  }

  copy(): Remainder {
    return new Remainder(
      this.graph,
      this.present.slice(),
      this.degrees.slice(),
      this.edges,
      this.leaves.slice(),
    );
  }

  has(v: number): boolean {
    return this.present[v] === 1;
  }

  /** How many neighbours of a vertex are present. */
  degree(v: number): number {
    return this.degrees[v];
  }

  /** The neighbours that are present. */
  neighbours(v: number): number[] {
    return this.graph[v].filter((u) => this.present[u] === 1);
  }

  remove(v: number): void {
    this.present[v] = 0;
    this.edges -= this.degrees[v];
    for (const u of this.graph[v]) {
      if (this.present[u] === 0) continue;
      this.degrees[u]--;
      if (this.degrees[u] === 1) this.leaves.push(u);
    }
    this.degrees[v] = 0;
  }

  /**
   * Whether taking at most `budget` vertices leaves no edge: a vertex cover, found by branching on the vertex of most
   * edges. Takes vertices out of itself.
   *
   * @param branch called before each branching; may throw to end the search
   */
  isCoverable(budget: number, branch: () => void): boolean {
    for (;;) {
      budget -= this.removeLeaves(budget);
      if (budget < 0) return false;
      if (this.edges === 0) return true;
      const heaviest = this.heaviest();
      const most = this.degrees[heaviest];
      // No vertex settles more edges.
      if (this.edges > budget * most) return false;
      // All of its neighbours are too many; and where no vertex has more than two edges, nor one, there are circles, any
      // vertex of which is in a least cover.
      if (most > budget || most === 2) {
        this.remove(heaviest);
        budget--;
        continue;
      }
      // Edges without a common vertex need one vertex each.
      if (this.matching() > budget) return false;
      branch();
      const without = this.copy();
      without.remove(heaviest);
      if (without.isCoverable(budget - 1, branch)) return true;
      const neighbours = this.neighbours(heaviest);
      for (const u of neighbours) this.remove(u);
      budget -= neighbours.length;
    }
  }

  /** Takes the neighbour of a vertex of one edge, while there is one: no other choice is better. Returns how many. */
  private removeLeaves(budget: number): number {
    let removed = 0;
    while (this.leaves.length > 0 && removed <= budget) {
      const leaf = this.leaves.pop()!;
      if (this.present[leaf] === 0 || this.degrees[leaf] !== 1) continue;
      this.remove(this.graph[leaf].find((u) => this.present[u] === 1)!);
      removed++;
    }
    return removed;
  }

  /** The vertex of most edges, the first of equal ones. */
  private heaviest(): number {
    let heaviest = 0;
    for (let v = 1; v < this.degrees.length; v++) if (this.degrees[v] > this.degrees[heaviest]) heaviest = v;
    return heaviest;
  }

  /** How many edges a greedy matching has. */
  private matching(): number {
    const free = this.present.slice();
    let size = 0;
    for (let v = 0; v < this.graph.length; v++) {
      if (free[v] === 0 || this.degrees[v] === 0) continue;
      const partner = this.graph[v].find((u) => free[u] === 1);
      if (partner === undefined) continue;
      free[v] = free[partner] = 0;
      size++;
    }
    return size;
  }
}
