/** Panels, the form in which the micro-kernel reads one factor of a product, and the packing into them. */

/** Columns of a panel, and of a tile. */
@inline export const PANEL: i32 = isDefined(WIDE) ? 16 : 8;
/** Bytes of one row of a panel. */
@inline export const LINE: usize = PANEL << 2;
/** Rows of the tile of a matrix product. */
@inline export const ROWS: i32 = isDefined(WIDE) ? 6 : 4;

/** n rounded up to whole panels. */
@inline
export function padded(n: i32): i32 {
  return (n + PANEL - 1) & -PANEL;
}

/**
 * Panels of columns, panel[d / PANEL][row][d % PANEL], of `rows` rows of D numbers that lie `step` bytes
 * apart; zero-padded.
 */
export function packColumnPanels(out: usize, source: usize, step: usize, rows: i32, D: i32): void {
  for (let d = 0; d < D; d += PANEL) {
    let from = source + (<usize>d << 2);
    for (let row = 0; row < rows; row++, from += step, out += LINE) {
      if (d + PANEL <= D) {
        for (let at: usize = 0; at < LINE; at += 16) v128.store(out + at, v128.load(from + at));
      } else {
        for (let i = 0; i < PANEL; i++) {
          const at = <usize>i << 2;
          store<f32>(out + at, d + i < D ? load<f32>(from + at) : 0);
        }
      }
    }
  }
}

/** Panels of rows, panel[row / PANEL][d][row % PANEL], of the same; zero-padded. */
export function packRowPanels(out: usize, source: usize, step: usize, rows: i32, D: i32): void {
  for (let row = 0; row < padded(rows); row += 4) {
    const from = source + <usize>row * step;
    let to = out + <usize>(row / PANEL * D) * LINE + (<usize>(row % PANEL) << 2);
    const n = rows - row;
    let d = 0;
    if (n >= 4) {
      for (; d + 4 <= D; d += 4, to += 4 * LINE) transpose4(to, from + (<usize>d << 2), step);
    }
    for (; d < D; d++, to += LINE) {
      for (let r = 0; r < 4; r++) {
        store<f32>(to + (<usize>r << 2), r < n ? load<f32>(from + <usize>r * step + (<usize>d << 2)) : 0);
      }
    }
  }
}

/** A 4×4 block whose rows lie `step` bytes apart, as columns in four rows of a panel. */
@inline
function transpose4(to: usize, from: usize, step: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + step);
  const r2 = v128.load(from + 2 * step);
  const r3 = v128.load(from + 3 * step);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
  v128.store(to, v128.shuffle<f64>(low01, low23, 1, 3), LINE);
  v128.store(to, v128.shuffle<f64>(high01, high23, 0, 2), 2 * LINE);
  v128.store(to, v128.shuffle<f64>(high01, high23, 1, 3), 3 * LINE);
}
