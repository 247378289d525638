// Two float32 as two float64 lanes, and back. Sums are kept in float64: products of two float32 are exact there.

/** The two float32 at `address`. */
export function load2(address: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(address));
}

/** Rounds two float64 lanes to float32 at `address`. */
export function store2(address: usize, value: v128): void {
  v128.store64_lane(address, f32x4.demote_f64x2_zero(value), 0);
}

/** The sum of both lanes. */
export function total(value: v128): f64 {
  return f64x2.extract_lane(value, 0) + f64x2.extract_lane(value, 1);
}

/** The address of row `index` in a table of row addresses. */
export function row(rows: usize, index: i32): usize {
  return load<u32>(rows + ((<usize>index) << 2));
}
