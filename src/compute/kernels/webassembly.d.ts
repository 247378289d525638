/** The part of WebAssembly that shared memories need; see compute/eager/webassembly.d.ts. */
declare namespace WebAssembly {
  interface Memory {
    grow(pages: number): number;
  }
  const Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => Memory;
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  const Instance: new (module: Module, imports: Record<string, Record<string, unknown>>) => Instance;
  function compile(bytes: Uint8Array): Promise<Module>;
}
