/** The results of `make` for the last `limit` numbers asked for; `drop` gets what is forgotten. */
export class Remembered<T> {
  private readonly values = new Map<number, T>();

  constructor(
    private readonly limit: number,
    private readonly make: (key: number) => T,
    private readonly drop: (value: T) => void,
  ) {}

  get(key: number): T {
    const value = this.values.get(key) ?? this.make(key);
    this.values.delete(key);
    this.values.set(key, value);
    if (this.values.size > this.limit) {
      const [oldest, old] = this.values.entries().next().value!;
      this.values.delete(oldest);
      this.drop(old);
    }
    return value;
  }

  clear(): void {
    for (const value of this.values.values()) this.drop(value);
    this.values.clear();
  }
}
